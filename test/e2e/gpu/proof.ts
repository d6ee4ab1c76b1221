/** Checks of one facility: the servers of its hub, and the capacity stated in its summary. */
import { dirname } from 'node:path';
import { type FacilityOutput, summary } from '../../../lib/facility';
import type { RuntimePods } from '../../../lib/kubernetes';
import { effectiveRequests, mayRunOn, memoryIn, schedulerNode } from '../../../lib/scheduling';
import { MIG_CONFIG } from '../../../lib/services/nvidia/record/label-script';
import { offersOf } from '../../../lib/site';
import type { Cluster } from '../cluster/cluster';
import { type Answer, answer } from '../cluster/nodes/machine';
import type { Finding } from '../cluster/report';
import { lastAnswer } from '../cluster/time';
import type { Json } from '../hub/pods';
import { Hub, type Seen, type Session } from './hub';
import { notebook } from './notebook';
import type { Chosen } from './spawner';

/** Expected pool and resource of a server. */
export interface Expected {
  readonly pool: string;
  /** @default - none */
  readonly resource?: string;
}

export interface Place {
  readonly output: FacilityOutput;
  /** Directory of the manifests. */
  readonly manifests: string;
  /** Path of label-nodes.sh. */
  readonly labels: string;
  /** Id of its hub. */
  readonly hub: string;
  /** Expected placement of a choice. */
  expected(chosen: Chosen): Expected;
}

/** Servers that share the same resource and pool. */
interface Kind {
  readonly pool: string;
  readonly resource: string;
}

const timeoutSeconds = 150;

export class Proof {
  public checks = 0;
  public readonly name: string;
  public readonly hub: Hub;
  private readonly site: FacilityOutput['site'];
  private started: Session[] = [];

  public constructor(
    private readonly cluster: Cluster,
    private readonly place: Place,
    private readonly findings: Finding[],
    folder: string,
  ) {
    this.site = place.output.site;
    this.name = this.site.name;
    this.hub = new Hub(cluster, place.hub, place.manifests, folder);
  }

  /** label-nodes.sh sets labels and taints on unlabelled nodes as in the model. */
  public async nodes(): Promise<void> {
    const { status, stderr } = await this.label();
    this.same(`label-nodes.sh with output ${stderr}`, status, 0);
    const found = await this.nodesWithDevices();
    for (const { name, labels, taints, devices } of this.site.nodes) {
      const { metadata, spec, status } = found.get(name) ?? {};
      for (const [key, value] of Object.entries(labels)) this.same(`${name}: label ${key}`, metadata?.labels[key], value);
      this.same(`${name}: taints`, textOf(spec?.taints), textOf(taints));
      for (const [resource, count] of Object.entries(devices))
        this.same(`${name}: ${resource}`, Number(status?.allocatable[resource] ?? 0), count);
    }
  }

  /** Nodes, after waiting for all of their devices. */
  private async nodesWithDevices(): Promise<ReadonlyMap<string, Json>> {
    const ask = async () => {
      const { stdout } = await this.cluster.run(['get', 'nodes', '-o', 'json']);
      return new Map((JSON.parse(stdout).items as Json[]).map((it) => [it.metadata.name, it]));
    };
    const has = (node: Json | undefined, resource: string) => resource in (node?.status.allocatable ?? {});
    return lastAnswer(timeoutSeconds, ask, (found) =>
      this.site.nodes.every(({ name, devices }) => Object.keys(devices).every((it) => has(found.get(name), it))),
    );
  }

  /** label-nodes.sh skips a node whose layout would change while pods use its slices. */
  public async skipsUsedNode(): Promise<void> {
    const node = this.site.nodes.find(({ labels }) => labels[MIG_CONFIG]);
    if (!node) return;
    const set = (layout: string) => this.cluster.run(['label', 'node', node.name, '--overwrite', `${MIG_CONFIG}=${layout}`]);
    await set('another');
    const { status, stderr } = await this.label();
    this.same(`label-nodes.sh where ${node.name} is in use`, status, 1);
    this.contains(`label-nodes.sh where ${node.name} is in use`, stderr, [`${node.name}: the layout is 'another'`], 'all');
    const { stdout } = await this.cluster.run(['get', 'node', node.name, '-o', 'json']);
    this.same(`${node.name}: its layout`, JSON.parse(stdout).metadata.labels[MIG_CONFIG], 'another');
    await set(node.labels[MIG_CONFIG] ?? '');
  }

  private label(): Promise<Answer> {
    const { env, kubectl } = this.cluster;
    return answer('sh', [this.place.labels], { env: { ...env, PATH: `${dirname(kubectl)}:${env.PATH}` } });
  }

  /** Each choice becomes a pod that runs on its pool and sees its GPUs. */
  public async choices(): Promise<string> {
    const sessions = await this.hub.sessions(this.hub.choices);
    await this.hub.volumes(sessions);
    for (const image of new Set(sessions.map(({ pod }) => pod.spec.containers[0].image))) this.cluster.exchange(image, notebook());
    for (const [{ chosen }, why] of await this.hub.create(sessions)) this.wrong(JSON.stringify(chosen), why);
    this.started.push(...sessions);
    await this.running(sessions);
    await this.seen();
    const offers = this.site.pools.flatMap((pool) => offersOf(pool).map(({ resource }) => `${resource} on ${pool.name}`));
    this.same('the choices cover all resources of the pools', this.kinds.map(textOfKind).sort().join(), offers.sort().join());
    return `${sessions.length} servers`;
  }

  /** Each environment can use its share and not more. */
  public async shares(): Promise<string> {
    const shares = this.hub.quotas.filter(({ spec }) => spec.scopeSelector);
    for (const { metadata, spec } of shares) {
      const [priority] = spec.scopeSelector.matchExpressions[0].values;
      // A share that limits pods limits their devices too.
      const limits = spec.hard.pods ? { pods: spec.hard.pods } : spec.hard;
      for (const [what, most] of Object.entries(limits)) await this.share(metadata.name, priority, what, Number(most));
    }
    return `${shares.length} shares`;
  }

  private async share(quota: string, priority: string, what: string, most: number): Promise<void> {
    const counted = ({ spec }: Json) =>
      what === 'pods' ? 1 : Number(spec.containers[0].resources.requests[what.replace('requests.', '')] ?? 0);
    const own = this.started.filter(({ pod }) => pod.spec.priorityClassName === priority && counted(pod) > 0);
    const [one] = own;
    if (!one) return this.wrong(quota, `no server with priority class ${priority} that requests ${what}`);
    const left = most - own.reduce((sum, { pod }) => sum + counted(pod), 0);
    const more = await this.hub.sessions(Array.from({ length: left / counted(one.pod) }, () => one.chosen));
    for (const why of (await this.hub.create(more)).values()) this.wrong(`a share of ${quota}`, why);
    const full = await this.fullQuota();
    const next = await this.hub.sessions([one.chosen]);
    const [why] = (await this.hub.create(next)).values();
    this.contains(`one more than ${quota} allows`, why, [`exceeded quota: ${quota}`, ...full.map((it) => `${it}=`)], 'some');
    // Pending pods would disturb later steps.
    if (this.waiting(one.chosen)) await this.hub.delete(...more.map(nameOf));
    else this.started.push(...more);
  }

  /** The number of servers in the summary fits and runs. */
  public async capacity(): Promise<string> {
    const lines: string[] = [];
    for (const kind of this.kinds) {
      const promised = this.promised(kind);
      const open = this.hub.choices.filter((it) => this.isOf(kind, it) && it.size === this.firstSize);
      const have = () => this.started.filter((it) => this.isOf(kind, it.chosen)).length;
      while (have() < promised && open.length > 0) {
        const more = await this.hub.sessions(Array.from({ length: promised - have() }, (_, i) => open[i % open.length] ?? {}));
        const refused = await this.hub.create(more);
        this.started.push(...more.filter((it) => !refused.has(it)));
        // The share of this choice is used up; those of others may not be.
        for (const { chosen } of refused.keys()) if (open.includes(chosen)) open.splice(open.indexOf(chosen), 1);
      }
      this.same(`created servers with ${textOfKind(kind)}`, have(), promised);
      lines.push(`${promised} × ${kind.resource.split('/')[1]}`);
    }
    await this.running(this.started);
    await this.seen();
    return lines.join(', ');
  }

  /** One more server is rejected by a quota; without a quota it stays Pending with a message. */
  public async next(): Promise<string> {
    const [before, cards] = [await this.hub.pods(), await this.hub.cards()];
    const nexts: [Kind, Session][] = [];
    for (const kind of this.kinds) {
      const one = this.started.find((it) => this.isOf(kind, it.chosen));
      const [next] = one ? await this.hub.sessions([one.chosen]) : [];
      if (!next) throw new Error(`no server with ${kind.resource}`);
      nexts.push([kind, next]);
      if (this.waiting(one?.chosen)) continue;
      const why = (await this.hub.create([next])).get(next);
      this.contains(`one more with ${textOfKind(kind)}`, why, ['exceeded quota: ', `requests.${kind.resource}=`], 'all');
    }
    await this.cluster.run(['delete', 'resourcequota', '-n', this.hub.namespace, '--all']);
    for (const [next, why] of await this.hub.create(nexts.map(([, it]) => it))) this.wrong(JSON.stringify(next.chosen), why);
    await Promise.all(nexts.map(([kind, next]) => this.waits(kind, next)));
    const gone = nexts.map(([kind]) => nameOf(this.started.find((it) => this.isOf(kind, it.chosen)) as Session));
    await this.hub.delete(...gone);
    this.started = [...this.started.filter((it) => !gone.includes(nameOf(it))), ...nexts.map(([, it]) => it)];
    await this.running(nexts.map(([, it]) => it));
    const [after, freed] = [await this.hub.pods(), await this.cards()];
    for (const [i, [, next]] of nexts.entries()) {
      const ended = gone[i] ?? '';
      this.same(`${nameOf(next)}: the node of ${ended}`, after.get(nameOf(next))?.node, before.get(ended)?.node);
      this.same(`${nameOf(next)}: the GPU of ${ended}`, freed.get(nameOf(next)), cards.get(ended));
    }
    return `${nexts.length} waited`;
  }

  private get kinds(): readonly Kind[] {
    const all = this.hub.choices.flatMap((it): Kind[] => {
      const { pool, resource } = this.place.expected(it);
      return resource ? [{ pool, resource }] : [];
    });
    return [...new Map(all.map((it) => [JSON.stringify(it), it])).values()];
  }

  private isOf(kind: Kind, chosen: Chosen): boolean {
    const { pool, resource } = this.place.expected(chosen);
    return pool === kind.pool && resource === kind.resource;
  }

  /** Whether this choice may exceed the capacity. */
  private waiting(chosen: Chosen = {}): boolean {
    return this.kinds.some((kind) => this.isOf(kind, chosen) && this.entries(kind).some((it) => it.oversubscribed));
  }

  private get firstSize(): string | undefined {
    return this.hub.choices[0]?.size;
  }

  /** Runtime pods of the smallest servers of that kind. */
  private entries({ pool, resource }: Kind): readonly RuntimePods[] {
    const { site, runtimePods } = this.place.output;
    const nodes = site.nodes.filter((node) => node.pool.name === pool).map((node) => schedulerNode(site, node));
    const all = runtimePods.filter(({ spec }) => effectiveRequests(spec)[resource] && nodes.some((node) => mayRunOn({ spec }, node)));
    const memory = ({ spec }: RuntimePods) => memoryIn(effectiveRequests(spec));
    const smallest = Math.min(...all.map(memory));
    return all.filter((it) => memory(it) === smallest);
  }

  /** Number in the summary: capacity for one kind of servers, or the sum of its shares. */
  private promised(kind: Kind): number {
    const text = summary(this.place.output);
    const entries = this.entries(kind);
    const numbers = entries.map(({ what }) => {
      const line = text.split('\n').find((it) => it.includes(`× ${what} at a time`) && it.includes('capacity '));
      const [, number] = /capacity +(\d+) ×/.exec(line ?? '') ?? [];
      if (!number) throw new Error(`the summary has no capacity for ${what}:\n${text}`);
      return Number(number);
    });
    const most = Math.max(...numbers);
    const together = numbers.reduce((sum, it) => sum + it, 0);
    return entries.every((it) => it.most !== undefined) ? together : most;
  }

  /** Resources whose quota is used up. */
  private async fullQuota(): Promise<readonly string[]> {
    const { stdout } = await this.cluster.run(['get', 'resourcequota', '-n', this.hub.namespace, 'facility', '-o', 'json']);
    const { hard, used } = JSON.parse(stdout).status;
    return Object.keys(hard).filter((it) => it.includes('.com/') && hard[it] === used[it]);
  }

  private async running(sessions: readonly Session[]): Promise<void> {
    const late = await this.until(sessions, ({ phase }) => phase === 'Running');
    for (const [{ chosen, pod }, seen] of late)
      this.wrong(
        `${pod.metadata.name} ${JSON.stringify(chosen)}`,
        `${seen?.phase} instead of Running after ${timeoutSeconds} s: ${seen?.waits}`,
      );
  }

  private async waits({ resource }: Kind, next: Session): Promise<void> {
    const late = await this.until(
      [next],
      ({ phase, node, waits }) => phase === 'Pending' && !node && waits.includes(`Insufficient ${resource}`),
    );
    for (const [{ chosen }, seen] of late)
      this.wrong(`one more ${JSON.stringify(chosen)}`, `not Pending for ${resource}: ${JSON.stringify(seen)}`);
  }

  /** Waits until all sessions fulfil a condition; returns those that do not. */
  private async until(
    sessions: readonly Session[],
    so: (seen: Seen) => boolean,
  ): Promise<readonly (readonly [Session, Seen | undefined])[]> {
    this.checks += sessions.length;
    const ask = async () => {
      const pods = await this.hub.pods();
      return sessions.flatMap((it) => {
        const seen = pods.get(nameOf(it));
        return seen && so(seen) ? [] : [[it, seen] as const];
      });
    };
    return lastAnswer(timeoutSeconds, ask, (late) => late.length === 0);
  }

  /** Checks pool and visible GPUs of all servers; no slice is allocated twice. */
  private async seen(): Promise<void> {
    const [pods, cards] = [await this.hub.pods(), await this.cards()];
    const given = new Map<string, string>();
    for (const session of this.started) {
      const { pool, resource } = this.place.expected(session.chosen);
      const name = nameOf(session);
      const node = this.site.nodes.find((it) => it.name === pods.get(name)?.node);
      this.same(`${name} ${JSON.stringify(session.chosen)}: its pool`, node?.pool.name, pool);
      const card = cards.get(name);
      const kind = resource?.split('/')[1];
      this.same(`${name} ${JSON.stringify(session.chosen)}: sees`, kind ? card?.replace(/-\d+$/, '') : card, kind ?? 'void');
      if (!kind) continue;
      const at = `${node?.name} ${card}`;
      this.same(`${at}: allocated to`, given.get(at) ?? name, name);
      given.set(at, name);
    }
  }

  /** Visible GPUs of all servers, after waiting for their logs. */
  private cards(): Promise<ReadonlyMap<string, string>> {
    return lastAnswer(
      timeoutSeconds,
      () => this.hub.cards(),
      (cards) => this.started.every((it) => cards.has(nameOf(it))),
    );
  }

  private same(what: string, found: unknown, wanted: unknown): void {
    this.checks += 1;
    if (found !== wanted) this.wrong(what, `found ${JSON.stringify(found)}, expected ${JSON.stringify(wanted)}`);
  }

  private contains(what: string, text: string | undefined, parts: readonly string[], how: 'all' | 'some'): void {
    this.checks += 1;
    const fine = how === 'all' ? parts.every((it) => text?.includes(it)) : parts.some((it) => text?.includes(it));
    if (!fine) this.wrong(what, text === undefined ? 'not rejected' : `message ${text} does not contain ${parts.join(' or ')}`);
  }

  private wrong(what: string, message: string): void {
    const where = `${this.name}: ${what}`;
    if (!this.findings.some((it) => it.where === where && it.message === message)) this.findings.push({ where, message });
  }
}

const textOfKind = ({ pool, resource }: Kind) => `${resource} on ${pool}`;

const nameOf = ({ pod }: Session): string => pod.metadata.name;

function textOf(taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[] = []): string {
  return taints
    .map(({ key, value = '', effect }) => `${key}=${value}:${effect}`)
    .sort()
    .join();
}
