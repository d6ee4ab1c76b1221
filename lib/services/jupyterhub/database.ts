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

/** SQLite on a volume, or PostgreSQL. */
export type Database = VolumeRequest | PostgresDatabase;

export function isPostgres(database: Database): database is PostgresDatabase {
  return 'url' in database;
}
