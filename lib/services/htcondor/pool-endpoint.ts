import type { BoundSecret } from '../../endpoints';
import type { ServiceChart } from '../../kubernetes';
import { hostTarget, type Target } from '../../site';
import { connect, externalAddress, type Place } from './addressing';
import { type HTCondorEndpoint, htcondorEndpoint } from './endpoint';
import type { Member } from './flocking';
import { NOTEBOOK_PORTS } from './ports';
import type { CondorNotebooksProps, HTCondorPoolProps } from './props';
import { notebookKeyOrigin, type PoolKeys, tokenLifetime, tokenOrigin, USER_KEY } from './secrets';

/** What the endpoint of a modelled pool is made of. */
export interface PoolEndpointFacts {
  readonly props: HTCondorPoolProps;
  readonly collectors: readonly string[];
  /** Names of the schedds, with the domain. */
  readonly schedds: readonly string[];
  readonly keys: PoolKeys;
  /** Lifetime of tokens of daemons in seconds. */
  readonly lifetime: number;
  readonly managers: Member;
  readonly managerPlace: Place;
  readonly accessPoints: readonly Member[];
  readonly nodes: readonly Member[];
  /** Whether access points connect to nodes directly. */
  readonly direct: boolean;
}

/** A token that finds slots and access points at the collector, and may do nothing else. */
export function readerToken(chart: ServiceChart, keys: PoolKeys, domain: string, lifetime: number): BoundSecret {
  const claims = { identity: `reader@${domain}`, issuer: domain, scopes: ['READ'] as const };
  return { secret: { name: chart.objectName('token-reader'), key: 'reader' }, origin: tokenOrigin(keys, claims, lifetime) };
}

/** How many Dask workers can run in one execute pod at a time. */
const WORKERS_PER_NODE = 10;

/** Names that a user of a hub must not have, since the pool knows a daemon by them. */
const RESERVED = ['condor', 'root', 'ep', 'reader', 'ap-*', 'flock-*'] as const;

/** A pool as notebooks and other pools use it. Flows between notebooks and the programs that they start in the pool are part of it. */
export function poolEndpoint(chart: ServiceChart, facts: PoolEndpointFacts): HTCondorEndpoint {
  const { props, collectors, schedds, keys, managers, accessPoints, nodes } = facts;
  const { domain } = props;
  const name = chart.node.id;
  const { schedulerPort, workerPorts } = notebookPorts(props.notebooks ?? {});
  const workers = nodes.flatMap((one) => one.sources.flatMap((peer) => workerPorts.map((port): Target => ({ peer, port }))));
  for (const { sources } of nodes) connect(chart, sources, workers);
  const security = props.security ?? {};
  const common = {
    name,
    domain,
    schedds,
    reader: readerToken(chart, keys, domain, facts.lifetime),
    user: {
      key: { name: chart.objectName('notebook-key'), key: 'hs256' },
      origin: notebookKeyOrigin(keys.users),
      keyId: USER_KEY,
      issuer: domain,
      subject: `{username}@${domain}`,
      scope: 'condor:/READ condor:/WRITE',
      lifetime: tokenLifetime(chart.problems, `${chart.path()}/security`, security, 'userTokenLifetime'),
      reserved: RESERVED,
    },
    variables: variables(schedds, schedulerPort, workerPorts),
  };
  const address = externalAddress(facts.managerPlace);
  const outside = address === undefined ? [] : [hostTarget(address, facts.managerPlace.port)];
  const external = htcondorEndpoint({
    ...common,
    collectors: outside.map(() => `${address}:${facts.managerPlace.port}`),
    reach: outside,
    flockReach: outside,
    flockCallers: outside.map(({ peer }) => peer),
  });
  return htcondorEndpoint({
    ...common,
    collectors,
    origin: chart.origin,
    ...(address === undefined ? {} : { external }),
    reach: [managers, ...accessPoints].flatMap((one) => one.targets).concat(workers),
    callers: nodes.flatMap((one) => one.sources.map((from) => ({ from, port: schedulerPort }))),
    flockReach: [...managers.targets, ...(facts.direct ? nodes.flatMap((one) => one.targets) : [])],
    flockCallers: [...managers.sources, ...nodes.flatMap((one) => one.sources)],
  });
}

function notebookPorts({ schedulerPort = NOTEBOOK_PORTS.scheduler, workerPort = NOTEBOOK_PORTS.worker }: CondorNotebooksProps) {
  return { schedulerPort, workerPorts: Array.from({ length: WORKERS_PER_NODE }, (_, index) => workerPort + index) };
}

/**
 * dask-jobqueue in a notebook: jobs go to the access point with their files, and both ends listen on ports that are open. Other clients ignore
 * these variables.
 *
 * @see https://jobqueue.dask.org/en/latest/configuration.html
 */
function variables([schedd]: readonly string[], schedulerPort: number, workerPorts: readonly number[]): Readonly<Record<string, string>> {
  const prefix = 'DASK_JOBQUEUE__HTCONDOR__';
  const submit = schedd === undefined ? ['-spool'] : ['-name', schedd, '-spool'];
  return {
    [`${prefix}SCHEDULER_OPTIONS`]: JSON.stringify({ port: schedulerPort }),
    [`${prefix}WORKER_EXTRA_ARGS`]: JSON.stringify(['--worker-port', `${workerPorts[0]}:${workerPorts.at(-1)}`, '--no-nanny']),
    [`${prefix}SUBMIT_COMMAND_EXTRA`]: JSON.stringify(submit),
    [`${prefix}CANCEL_COMMAND_EXTRA`]: JSON.stringify(schedd === undefined ? [] : ['-name', schedd]),
  };
}
