import { type Facility, type NodePool, secret } from '../../../lib';
import { CronJob, DaemonSet, hostPath, place, ServiceChart, scratch, secretFiles } from '../../../lib/authoring';

/** Features that no service of the library uses: further kinds of workload, and all kinds of mounts. */
export class Others extends ServiceChart {
  constructor(facility: Facility, all: readonly NodePool[], one: NodePool) {
    super(facility, 'others', {}, { name: 'others', podSecurity: 'privileged' });
    const image = 'registry.example.org/tool:1';
    const resources = { cpu: '100m', memory: '128MiB' } as const;
    this.needs(secret('credentials', 'token'), { kind: 'random', bytes: 16 });
    place(this, 'runtime', 'node.k8s.io/v1/RuntimeClass', { metadata: { name: 'others' }, handler: 'runc' });
    new CronJob(this, 'sweep', {
      on: one,
      schedule: '0 3 * * *',
      deadline: '30m',
      containers: {
        sweep: {
          image,
          resources,
          mounts: { '/tmp': scratch('tmp', '1GiB'), '/secrets': secretFiles('secrets', secret('credentials', 'token')) },
        },
      },
      access: {
        rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }],
        clusterRules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }],
      },
    });
    new DaemonSet(this, 'agent', {
      on: all,
      hostNetwork: true,
      priority: 'system',
      initContainers: { prepare: { image, resources, command: ['/bin/true'], privileged: true } },
      containers: {
        agent: {
          image,
          resources,
          privileged: true,
          ports: { metrics: { port: 9999 } },
          mounts: { '/host/proc': { ...hostPath('proc', '/proc'), readOnly: true } },
          probes: { readiness: { http: '/ready', port: 'metrics' }, liveness: { tcp: 'metrics' }, startup: { command: ['/bin/true'] } },
        },
      },
      service: 'none',
      exceptions: {
        'host-network': 'it watches the network of the node',
        'host-path': 'it reads the processes of the node',
        privileged: 'the same',
        root: 'the same',
      },
    });
  }
}
