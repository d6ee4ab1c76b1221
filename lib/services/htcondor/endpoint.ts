import type { Binding, BoundSecret, Caller, Endpoint, Origin, SignedToken, UserToken } from '../../endpoints';
import { checkProps, failure, Problems, propsSchema } from '../../errors';
import { hostAndPort, hostTarget, type Peer, type SecretKey, type Target } from '../../site';
import { configText, settings, use } from './condor-config';
import { condorDomainInvalid, condorRemoteAddress } from './messages';
import { CONDOR_PORT } from './ports';
import document from './schema.json';

const SCHEMA = propsSchema(document, 'ExternalPoolProps');

/**
 * An HTCondor pool: where its collector is, and what access points and clients need in order to use it.
 *
 * @madeBy externalPool
 */
export interface HTCondorEndpoint extends Endpoint {
  readonly protocol: 'htcondor';
  /** Host and port of each collector. */
  readonly collectors: readonly string[];
  /** TRUST_DOMAIN and UID_DOMAIN. */
  readonly domain: string;
  /** Names of the schedds that clients submit to; the first is the default. */
  readonly schedds: readonly string[];
  /** What an access point of another pool must reach in order to send its jobs here. */
  readonly flockReach: readonly Target[];
  /** Who connects to such an access point: negotiators and nodes of this pool. */
  readonly flockCallers: readonly Peer[];
}

/** What the endpoint of a pool is made of. */
export interface HTCondorEndpointProps {
  readonly name: string;
  readonly collectors: readonly string[];
  readonly domain: string;
  readonly schedds: readonly string[];
  readonly reach: readonly Target[];
  readonly flockReach: readonly Target[];
  readonly flockCallers: readonly Peer[];
  /** Token with which clients find the access points at the collector; it may do nothing else. */
  readonly reader: BoundSecret;
  /** How a hub proves who the user of a notebook is. @default - it does not */
  readonly user?: SignedToken;
  /** Who connects to programs in notebooks. */
  readonly callers?: readonly Caller[];
  readonly variables?: Binding['variables'];
  readonly origin?: Origin;
  readonly external?: Endpoint;
}

/** Folder of the configuration of clients. */
const CLIENT_CONFIG = '/etc/condor';

/** Where clients look for tokens, below the home directory. */
const USER_TOKENS = '.condor/tokens.d';

/**
 * A pool as an endpoint: `condor_q`, `condor_submit`, `htcondor2` and dask-jobqueue of a notebook find the pool by their configuration, and
 * authenticate as the user of the notebook.
 */
export function htcondorEndpoint(props: HTCondorEndpointProps): HTCondorEndpoint {
  const { name, collectors, domain, schedds, reach, flockReach, flockCallers, reader, user, callers, origin, external } = props;
  const tokens: readonly UserToken[] = [
    { file: `${USER_TOKENS}/${name}-reader`, ...reader },
    ...(user ? [{ file: `${USER_TOKENS}/${name}-user`, ...user }] : []),
  ];
  return {
    kind: 'endpoint',
    protocol: 'htcondor',
    name,
    collectors,
    domain,
    schedds,
    flockReach,
    flockCallers,
    ...(origin ? { origin } : {}),
    ...(external ? { external } : {}),
    publish: 'give the managers an address outside: manager: { addressing: hostNetwork({ from: [...] }) }',
    binding: {
      variables: { CONDOR_CONFIG: `${CLIENT_CONFIG}/condor_config`, ...props.variables },
      mounts: { [CLIENT_CONFIG]: { volume: `${name}-client`, files: { condor_config: clientConfig(collectors, domain, schedds) } } },
      reach,
      ...(callers ? { callers } : {}),
      tokens,
    },
  };
}

/** Configuration of commands in a pod without daemons. @param tokens folder of tokens. @default - that of the user */
export function clientConfig(collectors: readonly string[], domain: string, [schedd]: readonly string[], tokens?: string): string {
  return configText('Commands of HTCondor: which pool, which access point, how to authenticate.', [
    ...settings({
      CONDOR_HOST: (collectors[0] ?? '').replace(/:\d+$/, ''),
      COLLECTOR_HOST: collectors,
      UID_DOMAIN: domain,
      TRUST_DOMAIN: domain,
      RELEASE_DIR: '/usr',
      LOCAL_DIR: '/tmp/condor',
      LOCAL_CONFIG_FILE: '',
      ENABLE_KERNEL_TUNING: false,
      SCHEDD_HOST: schedd,
    }),
    use('security:recommended_v9_0'),
    ...settings({ SEC_DEFAULT_AUTHENTICATION_METHODS: ['IDTOKENS'], SEC_TOKEN_DIRECTORY: tokens }),
  ]);
}

/** A pool that the facility does not run. */
export interface ExternalPoolProps {
  /** Host and port of the collector, e.g. `cm.example.org:9618`. */
  readonly collector: string;
  /** TRUST_DOMAIN of the pool: `condor_config_val TRUST_DOMAIN` there. */
  readonly domain: string;
  /** What messages call it. @default - the host of the collector */
  readonly name?: string;
  /** Schedds that clients submit to; not needed for flocking. @default - none */
  readonly schedds?: readonly string[];
  /** Token that may read at the collector, for notebooks. @default - Secret `<name>-condor`, key `reader` */
  readonly reader?: SecretKey;
  /** Addresses of collector, access points and execute nodes. @default - the address of the collector, or the public Internet */
  readonly cidrs?: readonly string[];
}

/**
 * A pool outside of the facility, for flocking and for clients.
 *
 * Its administrator allows the identity of the access point (`flock@<its domain>`) in ALLOW_ADVERTISE_SCHEDD and ALLOW_ADVERTISE_MASTER, and
 * gives a token of this identity.
 *
 * @throws INVALID_CONDOR_COLLECTOR, INVALID_CONDOR_DOMAIN, INVALID_CIDR, MISSING_PROP, INVALID_PROP_TYPE
 */
export function externalPool(props: ExternalPoolProps): HTCondorEndpoint {
  checkProps(SCHEMA, 'externalPool', props);
  const { collector, domain, cidrs, schedds = [] } = props;
  const problems = new Problems();
  const { host = '', port } = hostAndPort(collector) ?? {};
  const reach = problems.attempt('externalPool/collector', () => {
    if (!/^(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])$/.test(host)) throw failure(condorRemoteAddress(collector));
    return hostTarget(host, Number(port ?? CONDOR_PORT), cidrs);
  });
  if (!isDomain(domain)) problems.add('externalPool/domain', condorDomainInvalid(domain));
  problems.throwIfAny();
  const name = props.name ?? String(host).replaceAll('.', '-').toLowerCase();
  const targets = reach ? [reach] : [];
  return htcondorEndpoint({
    name,
    collectors: [`${host}:${port ?? CONDOR_PORT}`],
    domain,
    schedds,
    reach: targets,
    // Nodes of the pool answer on any port behind its addresses.
    flockReach: targets,
    flockCallers: targets.map(({ peer }) => peer),
    reader: {
      secret: props.reader ?? { name: `${name}-condor`, key: 'reader' },
      origin: { kind: 'operator', what: `IDTOKEN of ${domain} with the scope condor:/READ` },
    },
  });
}

/** A domain as HTCondor accepts it in tokens. @see https://htcondor.readthedocs.io/en/25.0/admin-manual/configuration/security.html#TRUST_DOMAIN */
export function isDomain(domain: unknown): domain is string {
  return (
    typeof domain === 'string' &&
    domain.length <= 253 &&
    /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/.test(domain)
  );
}
