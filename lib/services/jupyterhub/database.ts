import type { Endpoint, PostgresqlEndpoint } from '../../endpoints';
import type { SecretKey, Target, VolumeRequest } from '../../site';

/** An existing PostgreSQL database. */
export interface PostgresDatabase {
  /** Secret with the URL: `postgresql+psycopg2://user:password@host:5432/database`. */
  readonly url: SecretKey;

  /** Address of the database, for the NetworkPolicy, e.g. `{ peer: { kind: 'pods', namespace: 'db', labels: { app: 'postgres' } }, port: 5432 }`. */
  readonly reach: Target;

  /**
   * Migrate the tables automatically when a new release of the hub starts. A downgrade is not possible: take a dump before an upgrade.
   *
   * @default true
   */
  readonly upgrade?: boolean;
}

/** SQLite on a volume, or PostgreSQL: an endpoint, or a URL in a Secret. */
export type Database = VolumeRequest | PostgresDatabase | PostgresqlEndpoint;

/** Endpoints of the hub for its database; empty unless the database is an endpoint. */
export function databaseUses(database: Database | undefined): readonly Endpoint[] {
  return database && 'protocol' in database ? [database] : [];
}

/**
 * URL of the database, empty if it comes from a Secret. For an endpoint it consists only of the driver: libpq reads all other parameters
 * from the environment variables of the endpoint.
 *
 * @see https://docs.sqlalchemy.org/en/20/dialects/postgresql.html#empty-dsn-connections-environment-variable-connections
 */
export function databaseUrl(database: Database | undefined, sqlite: string): string {
  if (databaseUses(database).length > 0) return 'postgresql+psycopg2://';
  return database && isPostgres(database) ? '' : sqlite;
}

/** Whether the database is SQLite on a volume of the hub. */
export function isSqlite(database: Database): database is VolumeRequest {
  return !isPostgres(database) && databaseUses(database).length === 0;
}

export function isPostgres(database: Database): database is PostgresDatabase {
  return 'url' in database;
}
