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
  /** Key of a Secret in the client's namespace. */
  readonly password: SecretKey;
  /** CA certificate that clients verify the server with. @default - connections need not be encrypted */
  readonly authority?: SecretKey;
}

/** Props of an endpoint for a database. */
export interface PostgresqlEndpointProps {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string | SecretKey;
  readonly password: SecretKey;
  /** Key of a Secret with the CA certificate of the server. @default - connections need not be encrypted */
  readonly authority?: SecretKey;
  readonly reach: readonly Target[];
  /** @default - none: it runs outside of all facilities */
  readonly origin?: Origin;
}

/** Mount path of the CA certificate in pods that use the database. */
const AUTHORITY = '/etc/postgresql-authority';

/**
 * An endpoint for a database. It sets the environment variables of libpq, which psycopg, SQLAlchemy (`postgresql://`) and `psql` read automatically.
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
        // With a CA certificate, clients must not fall back to an unverified connection.
        ...(authority ? { PGSSLMODE: 'verify-full', PGSSLROOTCERT: `${AUTHORITY}/${authority.key}` } : {}),
      },
      mounts: authority ? { [AUTHORITY]: { volume: 'postgresql-authority', secret: [authority] } } : {},
      secrets: keys.map((secret) => ({ secret, origin: { kind: 'operator', what: `${secret.key} of database ${database} on ${host}` } })),
      reach,
    },
  };
}

/** Props of a PostgreSQL database outside of the facility. */
export interface ExternalPostgresqlProps {
  readonly host: string;
  /** Name in messages. @default - the host name */
  readonly name?: string;
  /** @default 5432 */
  readonly port?: number;
  readonly database: string;
  readonly user: string | SecretKey;
  readonly password: SecretKey;
  /** Key of a Secret with the CA certificate of the server; connections are then encrypted and verified. @default - none */
  readonly authority?: SecretKey;
  /** Addresses of the host name, in CIDR notation. @default - the host if it is an address, or the public Internet */
  readonly cidrs?: readonly string[];
}

/**
 * Endpoint of a PostgreSQL database outside of the facility.
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
