/** Pods with one violation of Pod Security each: the library and the API server must reject the same pods. */
import { violations } from '../../../lib/facility/checks/admission';
import type { ControlPlane } from '../cluster/control-plane';
import type { Finding } from '../cluster/report';
import { within } from '../cluster/time';
import { Api } from './api';
import { kubectl } from './kubectl';

/** A pod spec to be modified. */
type Loose = any;

const levels = ['baseline', 'restricted'] as const;
type Level = (typeof levels)[number];

const hardened = (): Loose => ({
  containers: [
    {
      name: 'main',
      image: 'x.example/y:1',
      securityContext: {
        allowPrivilegeEscalation: false,
        runAsNonRoot: true,
        runAsUser: 10001,
        capabilities: { drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' },
      },
    },
  ],
  volumes: [{ name: 'tmp', emptyDir: {} }],
});

const context = (change: (own: Loose, pod: Loose) => void) => (pod: Loose) => change(pod.containers[0].securityContext, pod);
const volume = (source: object) => (pod: Loose) => void pod.volumes.push({ name: 'x', ...source });
const capability = (...add: string[]) => context((own) => Object.assign(own.capabilities, { add }));

const changes: Readonly<Record<string, (pod: Loose) => void>> = {
  nothing: () => undefined,
  'host network': (pod) => Object.assign(pod, { hostNetwork: true }),
  'host processes': (pod) => Object.assign(pod, { hostPID: true }),
  'host memory': (pod) => Object.assign(pod, { hostIPC: true }),
  'host port': (pod) => Object.assign(pod.containers[0], { ports: [{ containerPort: 80, hostPort: 8080 }] }),
  'own port': (pod) => Object.assign(pod.containers[0], { ports: [{ containerPort: 80 }] }),
  'host path': volume({ hostPath: { path: '/data' } }),
  'network file system': volume({ nfs: { server: 'nfs.example.org', path: '/' } }),
  'cinder by itself': volume({ cinder: { volumeID: 'a' } }),
  'a volume of nothing': volume({}),
  projected: volume({ projected: { sources: [] } }),
  ephemeral: volume({
    ephemeral: { volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } } },
  }),
  'driver of its own': volume({ csi: { driver: 'example.org' } }),
  privileged: context((own) => Object.assign(own, { privileged: true, allowPrivilegeEscalation: true })),
  escalation: context((own) => Object.assign(own, { allowPrivilegeEscalation: true })),
  'nothing of escalation': context((own) => delete own.allowPrivilegeEscalation),
  'root by number': context((own) => Object.assign(own, { runAsUser: 0 })),
  'root of the pod': context((own, pod) => {
    delete own.runAsUser;
    pod.securityContext = { runAsUser: 0 };
  }),
  'perhaps root': context((own) => delete own.runAsNonRoot),
  'not root, by the pod': context((own, pod) => {
    delete own.runAsNonRoot;
    pod.securityContext = { runAsNonRoot: true };
  }),
  'not root by the pod, root by the container': context((own, pod) => {
    own.runAsNonRoot = false;
    pod.securityContext = { runAsNonRoot: true };
  }),
  'perhaps root by the pod, not by the container': context((_, pod) => Object.assign(pod, { securityContext: { runAsNonRoot: false } })),
  'root of the pod, another in the container': context((_, pod) => Object.assign(pod, { securityContext: { runAsUser: 0 } })),
  'all capabilities': context((own) => delete own.capabilities),
  'one dropped': context((own) => Object.assign(own, { capabilities: { drop: ['CHOWN'] } })),
  'low ports': capability('NET_BIND_SERVICE'),
  'change of owner': capability('CHOWN'),
  'raw sockets': capability('NET_RAW'),
  administration: capability('NET_BIND_SERVICE', 'SYS_ADMIN'),
  'no profile': context((own) => delete own.seccompProfile),
  'profile of the pod': context((own, pod) => {
    delete own.seccompProfile;
    pod.securityContext = { seccompProfile: { type: 'RuntimeDefault' } };
  }),
  unconfined: context((own) => Object.assign(own, { seccompProfile: { type: 'Unconfined' } })),
  'unconfined pod, confined container': context((_, pod) =>
    Object.assign(pod, { securityContext: { seccompProfile: { type: 'Unconfined' } } }),
  ),
  'a first container that is root': (pod) =>
    Object.assign(pod, { initContainers: [{ ...hardened().containers[0], name: 'first', securityContext: { runAsUser: 0 } }] }),
};

/** @returns pods for which library and API server differ */
export async function proveJudgement(cluster: ControlPlane): Promise<Finding[]> {
  for (const level of levels) await makeNamespace(cluster, level);
  const pods = levels.flatMap((level) => Object.keys(changes).map((change) => ({ level, change })));
  const findings = await Api.with(cluster, (api) =>
    Promise.all(pods.map(({ level, change }) => differs(api, cluster.version, level, change))),
  );
  return findings.flat();
}

async function makeNamespace(cluster: ControlPlane, level: Level): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': level };
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: level, labels } };
  const { status, stderr } = await kubectl(cluster, ['create', '-f', '-'], JSON.stringify(namespace));
  if (status !== 0) throw new Error(`namespace ${level}: ${stderr}`);
  // Pods need the default ServiceAccount, which a controller creates.
  const account = async () => (await kubectl(cluster, ['get', 'serviceaccount', 'default', '-n', level])).status === 0;
  if (!(await within(60, account))) throw new Error(`namespace ${level} has no service account after 60 s`);
}

async function differs(api: Api, version: string, level: Level, change: string): Promise<Finding[]> {
  const spec = hardened();
  changes[change]?.(spec);
  const ours = violations(spec, level);
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: level }, spec };
  const { accepted, message } = await api.dryCreate(pod);
  // Another reason for the rejection would prove nothing about Pod Security.
  const theirs = message.includes('violates PodSecurity');
  const broken = !accepted && !theirs ? [`refused for something else: ${message}`] : [];
  const apart = theirs !== ours.length > 0 ? [`the server: ${message || 'admitted'}; we: ${ours.join(', ') || 'admitted'}`] : [];
  return [...broken, ...apart].map((text) => ({ where: `Pod Security of ${version}, level ${level}: ${change}`, message: text }));
}
