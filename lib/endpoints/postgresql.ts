import { checkProps, Problems } from '../errors';
import { hostTarget, type SecretKey, type Target } from '../site';
import type { Endpoint, Origin } from './endpoint';
import { postgresqlPort } from './messages';
import { schemaOf } from './schema';

/** A database of a PostgreSQL server. */
export interface PostgresqlEndpoint extends Endpoint {
  readonly protocol: 'postgresql';
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string | SecretKey;
  /** In a Secret of the client's own namespace. */
  readonly password: SecretKey;
  /** Certificate of the authority by which clients verify the server. @default - connections need not be encrypted */
  readonly authority?: SecretKey;
}

/** What a database is made of. */
export interface PostgresqlEndpointProps {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string | SecretKey;
  readonly password: SecretKey;
  /** @default - connections need not be encrypted */
  readonly authority?: SecretKey;
  readonly reach: readonly Target[];
  /** @default - somebody else runs it */
  readonly origin?: Origin;
}

/** Folder of the server's authority in every pod that uses a database with one. */
const AUTHORITY = '/etc/postgresql-authority';

/**
 * A database as an endpoint: the variables of libpq, which psycopg, SQLAlchemy (`postgresql://`) and `psql` read by themselves.
 *
 * @see https://www.postgresql.org/docs/current/libpq-envars.html
 */
export function postgresqlEndpoint(props: PostgresqlEndpointProps): PostgresqlEndpoint {
  const { reach, ...own } = props;
  const { host, port, database, user, password, authority } = own;
  const keys = [...(typeof user === 'string' ? [] : [user]), password, ...(authority ? [authority] : [])];
  return {
    kind: 'endpoint',
    protocol: 'postgresql',
    ...own,
    binding: {
      variables: {
        PGHOST: host,
        PGPORT: String(port),
        PGDATABASE: database,
        PGUSER: user,
        PGPASSWORD: password,
        // A client that is given an authority must not fall back to a connection that nobody has verified.
        ...(authority ? { PGSSLMODE: 'verify-full', PGSSLROOTCERT: `${AUTHORITY}/${authority.key}` } : {}),
      },
      mounts: authority ? { [AUTHORITY]: { volume: 'postgresql-authority', secret: [authority] } } : {},
      secrets: keys.map((secret) => ({ secret, origin: { kind: 'operator', what: `${secret.key} of database ${database} on ${host}` } })),
      reach,
    },
  };
}

/** A database that the facility does not run. */
export interface ExternalPostgresqlProps {
  readonly host: string;
  /** What messages call it. @default - the host name */
  readonly name?: string;
  /** @default 5432 */
  readonly port?: number;
  readonly database: string;
  readonly user: string | SecretKey;
  readonly password: SecretKey;
  /** Key of a Secret with the certificate of the server's authority; connections are then encrypted and verified. @default - none */
  readonly authority?: SecretKey;
  /** Addresses behind the host name. @default - the host if it is an address, or the public Internet */
  readonly cidrs?: readonly string[];
}

/**
 * A PostgreSQL database outside the facility.
 *
 * @throws INVALID_POSTGRESQL_PORT, INVALID_CIDR, MISSING_PROP, INVALID_PROP_TYPE
 */
export function externalPostgresql(props: ExternalPostgresqlProps): PostgresqlEndpoint {
  checkProps(schemaOf('ExternalPostgresqlProps'), 'externalPostgresql', props);
  const { host, name = host, port = 5432, database, user, password, authority, cidrs } = props;
  const problems = new Problems();
  if (!Number.isInteger(port) || port < 1 || port > 65535) problems.add('externalPostgresql/port', postgresqlPort(port));
  const reach = problems.attempt('externalPostgresql/cidrs', () => hostTarget(host, port, cidrs));
  problems.throwIfAny();
  return postgresqlEndpoint({
    name,
    host,
    port,
    database,
    user,
    password,
    ...(authority ? { authority } : {}),
    reach: reach ? [reach] : [],
  });
}
