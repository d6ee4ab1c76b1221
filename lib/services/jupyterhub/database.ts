import type { Endpoint, PostgresqlEndpoint } from '../../endpoints';
import type { SecretKey, Target, VolumeRequest } from '../../site';

/** A database of the operator's own. */
export interface PostgresDatabase {
  /** Where the URL is kept: `postgresql+psycopg2://user:password@host:5432/database`. */
  readonly url: SecretKey;

  /** Where the database is, e.g. `{ peer: { kind: 'pods', namespace: 'db', labels: { app: 'postgres' } }, port: 5432 }`. */
  readonly reach: Target;

  /**
   * Whether a new release of the hub changes the tables by itself at its first start. Take a dump before, there is no way back.
   *
   * @default true
   */
  readonly upgrade?: boolean;
}

/** SQLite on a volume, or PostgreSQL: an endpoint, or a URL in a Secret. */
export type Database = VolumeRequest | PostgresDatabase | PostgresqlEndpoint;

/** The database as an endpoint that the hub uses, where it is given as one. */
export function databaseUses(database: Database | undefined): readonly Endpoint[] {
  return database && 'protocol' in database ? [database] : [];
}

/**
 * URL of the database, empty where it is a secret. Everything but the driver is left out for an endpoint: libpq reads it from the
 * variables of the endpoint.
 *
 * @see https://docs.sqlalchemy.org/en/20/dialects/postgresql.html#empty-dsn-connections-environment-variable-connections
 */
export function databaseUrl(database: Database | undefined, sqlite: string): string {
  if (databaseUses(database).length > 0) return 'postgresql+psycopg2://';
  return database && isPostgres(database) ? '' : sqlite;
}

/** Whether the hub keeps its state in a file on a volume of its own. */
export function isSqlite(database: Database): database is VolumeRequest {
  return !isPostgres(database) && databaseUses(database).length === 0;
}

export function isPostgres(database: Database): database is PostgresDatabase {
  return 'url' in database;
}
