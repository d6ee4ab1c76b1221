/**
 * The cluster of the other suites behaves like a real one: its nodes have the configured capacity, pods run on all nodes, names are resolved,
 * Services and an Ingress with TLS respond, volumes keep their data, NetworkPolicies are enforced, a node can fail.
 *
 *   npm run e2e -- cluster
 *
 * Every check of a policy is first made without the policy and must then have the opposite result. Seen to fail: with a policies.mjs that
 * accepts instead of dropping, there are six findings and those of the truth table; without the route of the hub to Services, "the Service from
 * outside the pods"; without the ServiceAccount of the helper pods of the provisioner, the claim is never bound.
 */
import { join } from 'node:path';
import { DaskCluster, Facility } from '../../../lib';
import { deploy } from './deploy';
import { metadata } from './nodes/network';
import { fetching, host, image, label, namespace, policies, workloads } from './proof';
import { internet, sharedSite, workers } from './shared';
import { type Context, clusterSuite } from './suite';
import { truthTable } from './truth-table';

const labels = { [label]: 'yes' };
const large = {
  name: 'large',
  cpu: 64,
  memory: '256GiB',
  labels: { ...labels, 'example.org/pool': 'large' },
  resources: { 'nvidia.com/gpu': 2 },
} as const;
const second = { name: 'second', cpu: 32, memory: '64GiB', labels } as const;
const tainted = {
  name: 'tainted',
  cpu: 8,
  memory: '16GiB',
  labels,
  taints: [{ key: 'dedicated', value: 'cache', effect: 'NoSchedule' }],
} as const;
const nodes = [large, second, tainted] as const;

class Proof {
  private dead = '';

  public constructor(private readonly context: Context) {}

  private get cluster() {
    return this.context.cluster;
  }

  public async all(): Promise<void> {
    const { context, cluster } = this;
    cluster.hub.daemon('outside', ['python3', '-m', 'http.server', '--bind', '0.0.0.0', '--directory', '/run', '80']);
    // In its own namespaces.
    const table = context.step('all kinds of NetworkPolicy rules', () =>
      truthTable(
        cluster,
        nodes.map((it) => it.name),
      ),
    );
    table.catch(() => undefined);
    await context.step('capacity, labels and taints of nodes', () => this.capacity());
    await context.step('pods on all nodes, claim bound', () => this.pods());
    await context.step('DNS and Services', () => this.services());
    await context.step('Ingress with TLS', () => this.ingress());
    await context.step('data is kept when the pod is deleted', () => this.keeps());
    await context.step('policies', () => this.policies());
    context.findings.push(...(await table));
    await context.step('a facility on the shared site', () => this.facility());
    await context.step('a node fails', () => this.dies());
    await context.step('the node returns', () => this.returns());
  }

  private async capacity(): Promise<void> {
    const { stdout } = await this.cluster.run(['get', 'nodes', '-o', 'json']);
    const found = JSON.parse(stdout).items as { metadata: any; spec: any; status: any }[];
    for (const expected of nodes) {
      const { status, spec, metadata: its } = found.find((it) => it.metadata.name === expected.name) ?? {};
      this.context.equal(`${expected.name}: CPUs`, status?.capacity.cpu, String(expected.cpu));
      this.context.equal(`${expected.name}: memory`, status?.capacity.memory, expected.memory.replace('B', ''));
      const taints = spec?.taints?.map((it: { key: string }) => it.key).join();
      this.context.equal(`${expected.name}: taints`, taints, expected === tainted ? 'dedicated' : undefined);
      if (expected !== large) continue;
      this.context.equal('large: label', its?.labels['example.org/pool'], 'large');
      this.context.equal('large: extended resource', status?.allocatable['nvidia.com/gpu'], '2');
    }
  }

  private async pods(): Promise<void> {
    await this.cluster.apply(workloads(this.context.folder));
    await this.cluster.run(['rollout', 'status', '-n', namespace, 'daemonset/web', '--timeout=90s']);
    await this.cluster.run(['rollout', 'status', '-n', namespace, 'deployment/kept', '--timeout=90s']);
    await this.cluster.run(['rollout', 'status', '-n', namespace, 'deployment/local', '--timeout=90s']);
    const { stdout } = await this.cluster.run([...this.get('pods'), '-l', 'app=web', '-o', 'jsonpath={.items[*].spec.nodeName}']);
    this.context.equal('nodes with a pod', stdout.split(' ').sort().join(), 'large,second,tainted');
  }

  private async services(): Promise<void> {
    const web = await this.podOf('web', 'second');
    const name = `web.${namespace}.svc.cluster.local`;
    await this.eventually('a Service is resolved by name and has endpoints on every node', async () => {
      const answers = await Promise.all(Array.from({ length: 12 }, () => this.fetch(web, `http://${name}/`)));
      return new Set(answers).size === 3 && !answers.includes(undefined);
    });
    await this.eventually('a name outside', async () => (await this.fetch(web, 'http://registry.outside.example:5000/v2/')) === '');
    const ip = (await this.cluster.run([...this.get('service'), 'web', '-o', 'jsonpath={.spec.clusterIP}'])).stdout;
    const curl = ['curl', '-sf', '-m', '5', `http://${ip}/`];
    await this.eventually('the Service from outside the pods', async () => (await this.cluster.inNode('hub', curl)).status === 0);
  }

  private async ingress(): Promise<void> {
    // Nodes that joined run no ingress controller.
    for (const at of [this.cluster.network.node(0), this.cluster.network.node(1)]) {
      const curl = ['curl', '-s', '-m', '5', '--cacert', join(this.context.folder, 'proof.crt'), '--connect-to', `::${at}:`];
      await this.eventually(`${host} at ${at}`, async () => {
        const { status, stdout } = await this.cluster.inNode('hub', [...curl, '-f', `https://${host}/`]);
        return status === 0 && nodes.some((it) => it.name === stdout);
      });
      const code = [...curl, '-k', '-o', '/dev/null', '-w', '%{http_code}', 'https://nobody.example/'];
      await this.eventually(`404 for an unknown host at ${at}`, async () => (await this.cluster.inNode('hub', code)).stdout === '404');
    }
  }

  private async keeps(): Promise<void> {
    await this.cluster.run(['delete', 'pod', '-n', namespace, '-l', 'app=kept']);
    await this.cluster.run(['rollout', 'status', '-n', namespace, 'deployment/kept', '--timeout=60s']);
    await this.eventually('two pods have written', async () => (await this.kept())?.trim().split('\n').length === 2);
  }

  private async policies(): Promise<void> {
    const web = await this.podOf('web', 'tainted');
    const other = await this.podOf('kept');
    const webIp = await this.ip(await this.podOf('web', 'second'));
    const checks: [string, string, string, boolean][] = [
      ['web to kept', web, `http://kept.${namespace}.svc.cluster.local/`, true],
      ['web to the internet', web, `http://${internet}/`, true],
      ['web to the metadata address', web, `http://${metadata}/`, false],
      ['web to another web', web, `http://${webIp}:8080/`, false],
      ['web to the registry of the cluster', web, `http://${this.cluster.network.hub}:5000/v2/`, false],
      ['kept to web', other, `http://web.${namespace}.svc.cluster.local/`, false],
      ['kept to the internet', other, `http://${internet}/`, false],
    ];
    for (const [what, pod, url] of checks)
      await this.eventually(`${what} without a policy`, async () => (await this.fetch(pod, url)) !== undefined);

    await this.cluster.apply(policies());
    await this.cluster.policiesInForce();
    for (const [what, pod, url, open] of checks) {
      const isOpen = async () => (await this.fetch(pod, url)) !== undefined;
      if (open) await this.eventually(`${what} is open`, isOpen);
      else this.context.equal(`${what} is open`, await isOpen(), false);
    }
    await this.ingress();
  }

  /** Deploys a facility on `sharedSite()`, like other suites. */
  private async facility(): Promise<void> {
    await deploy(this.context, (outdir) => {
      const facility = new Facility(sharedSite('proof'), { outdir });
      new DaskCluster(facility, 'computing', { on: workers, workers: 1, worker: { cpu: 1, memory: '1GiB' } });
      return facility;
    });
    const ready = 'jsonpath={.items[*].status.readyReplicas}';
    const { stdout } = await this.cluster.run(['get', 'deployment', '-n', 'computing', '-o', ready]);
    this.context.equal('replicas of scheduler and worker', stdout, '1 1');
  }

  private async dies(): Promise<void> {
    const { stdout: node } = await this.cluster.run([...this.get('pods'), '-l', 'app=kept', '-o', 'jsonpath={.items[0].spec.nodeName}']);
    await this.cluster.killNode(node);
    this.dead = node;
    await this.eventually(
      `the pod of ${node} runs elsewhere, with its data`,
      async () => (await this.kept())?.trim().split('\n').length === 3,
      90,
    );
  }

  private async returns(): Promise<void> {
    await this.cluster.startNode(this.dead);
    await this.cluster.run(['rollout', 'status', '-n', namespace, 'daemonset/web', '--timeout=60s']);
    const pod = await this.podOf('web', this.dead);
    await this.eventually(
      'its pods work',
      async () => (await this.fetch(pod, `http://kept.${namespace}.svc.cluster.local/`)) !== undefined,
    );
    this.context.equal('and are judged', await this.fetch(pod, `http://${metadata}/`), undefined);
  }

  /** What the one who keeps data says, asked by one who may. */
  private async kept(): Promise<string | undefined> {
    const asking = await this.podOf('web', 'tainted');
    return this.fetch(asking, `http://kept.${namespace}.svc.cluster.local/`);
  }

  private async fetch(pod: string, url: string): Promise<string | undefined> {
    const { status, stdout } = await this.cluster.run(['exec', '-n', namespace, pod, '--', ...fetching(url)], {
      may: 'fail',
      timeout: 15_000,
    });
    return status === 0 ? stdout : undefined;
  }

  private async podOf(app: string, node?: string): Promise<string> {
    const on = node ? [`--field-selector=spec.nodeName=${node}`] : [];
    const path = 'jsonpath={.items[?(@.status.phase=="Running")].metadata.name}';
    const { stdout } = await this.cluster.run([...this.get('pods'), '-l', `app=${app}`, ...on, '-o', path]);
    return stdout.split(' ').at(-1) ?? '';
  }

  private async ip(pod: string): Promise<string> {
    return (await this.cluster.run([...this.get('pod'), pod, '-o', 'jsonpath={.status.podIP}'])).stdout;
  }

  private get(kind: string): string[] {
    return ['get', kind, '-n', namespace];
  }

  private eventually(what: string, done: () => Promise<boolean>, seconds = 60): Promise<void> {
    return this.context.eventually(what, done, seconds);
  }
}

clusterSuite({
  name: 'cluster',
  images: [image],
  nodes,
  hosts: { 'registry.outside.example': '10.64.0.1' },
  test: (context) => new Proof(context).all(),
});
