import { App } from 'cdk8s';
import { ledgerOf } from '../lib/kubernetes';
import {
  choice,
  environment,
  JupyterHub,
  type JupyterHubProps,
  type OidcLoginProps,
  oidc,
  option,
  sharedVolume,
  size,
} from '../lib/services/jupyterhub';
import {
  accelerator,
  type DaskEndpoint,
  type DaskGatewayEndpoint,
  defineSite,
  existingCluster,
  externalS3,
  nodePool,
  oidcIssuer,
  type PodPeer,
  type SiteProps,
  secret,
  storageClass,
} from '../lib/site';

export type Json = Record<string, any>;

export const workers = nodePool('worker', { count: 3, flavor: { vcpus: 32, memory: '64GiB' }, labels: { pool: 'worker' } });
export const large = nodePool('large', {
  flavor: { vcpus: 64, memory: '512GiB' },
  labels: { pool: 'large' },
  taints: [{ key: 'large', effect: 'NoSchedule' }],
});
export const site = (props: Partial<SiteProps> = {}) =>
  defineSite('napoli', {
    cluster: existingCluster({
      version: '1.31',
      apiServers: ['10.0.0.10:6443'],
      ingress: { className: 'nginx', namespace: 'ingress-nginx' },
    }),
    pools: [workers, large],
    storage: { default: storageClass('fast') },
    ...props,
  });

export const gateway: DaskGatewayEndpoint = {
  kind: 'dask-gateway',
  hub: { id: 'jupyterhub', namespace: 'jupyterhub' },
  address: 'http://gateway-proxy.gateway.svc.cluster.local:8000',
  proxyAddress: 'gateway://gateway-proxy.gateway.svc.cluster.local:8786',
  reach: [8000, 8786].map((port) => ({ peer: { kind: 'pods', namespace: 'gateway', labels: { part: 'proxy' } }, port })),
  service: { name: 'dask-gateway', scopes: ['access:services!service=dask-gateway', 'read:users:groups!user'] },
};
export const dask: DaskEndpoint = {
  kind: 'dask',
  address: 'tcp://dask-scheduler.dask.svc.cluster.local:8786',
  dashboard: 'http://dask-scheduler.dask.svc.cluster.local:8787',
  reach: [8786, 8787].map((port) => ({ peer: { kind: 'pods', namespace: 'dask', labels: { part: 'scheduler' } }, port })),
};
export const s3 = externalS3({
  url: 'https://192.0.2.7:9000',
  accessKey: secret('store', 'access'),
  secretKey: secret('store', 'secret'),
  bucket: 'data',
});
export const iam = (props: Partial<OidcLoginProps> = {}) =>
  oidc({
    issuer: oidcIssuer('https://iam.example.org/', { cidrs: ['192.0.2.80/32'] }),
    client: 'napoli-hub',
    clientSecret: secret('jupyterhub-oidc', 'client-secret'),
    ...props,
  });

export const card = option('card', {
  choices: [
    choice('none'),
    choice('one', {
      groups: ['cms'],
      on: large,
      accelerator: accelerator('example.com/gpu', { taints: [{ key: 'card', value: 'yes', effect: 'NoSchedule' }] }),
      cull: { after: '15m' },
    }),
  ],
});
export const data = sharedVolume('data', { at: '/data', from: { claim: 'data' } });
export const monitoring: PodPeer = { kind: 'pods', namespace: 'monitoring', labels: { app: 'prometheus' } };

export const minimal: JupyterHubProps = {
  site: site(),
  on: workers,
  host: 'jupyter.example.org',
  login: iam({ allowedGroups: ['cms'] }),
  environments: [environment('python'), environment('root', { image: 'registry.example.org/root:6.34' })],
  sizes: [size('small', { cpu: 2, memory: '4GiB' }), size('large', { cpu: 8, memory: '32GiB' })],
};

/** What is wrong with a hub; nothing is written of such a one. */
export function mistakes(props: Partial<JupyterHubProps> = {}) {
  const chart = new JupyterHub(new App(), 'jupyterhub', { ...minimal, ...props });
  return chart.problems.all.map(({ code, path }) => `${code} ${path}`);
}

export function hub(props: Partial<JupyterHubProps> = {}) {
  const app = new App();
  const chart = new JupyterHub(app, 'jupyterhub', { ...minimal, ...props });
  const objects: Json[] = chart.toJson();
  const ledger = ledgerOf(app);
  const object = (kind: string, name: string): Json => objects.find((one) => one.kind === kind && one.metadata.name === name) ?? {};
  const files: Json = objects.find((one) => one.kind === 'ConfigMap' && one.data['hub.json'])?.data ?? {};
  return {
    chart,
    objects,
    object,
    ledger,
    files,
    facts: JSON.parse(files['hub.json']) as Json,
    container: (part: string): Json => object('Deployment', `jupyterhub-${part}`).spec.template.spec.containers[0],
    policy: (part: string): Json => object('NetworkPolicy', `jupyterhub-${part}`).spec,
  };
}

/** Who is reached, by label or address, and on which ports. */
export function reached(rules: Json[]): Record<string, number[]> {
  return Object.fromEntries(
    rules.map(({ to, from, ports }) => {
      const { namespaceSelector, podSelector, ipBlock } = (to ?? from)[0];
      const who =
        ipBlock?.cidr ?? [Object.values(namespaceSelector.matchLabels)[0], ...Object.values(podSelector.matchLabels ?? {})].join('/');
      return [who, [...new Set<number>((ports ?? []).map(({ port }: Json) => port))]];
    }),
  );
}

export const sizeOf = (facts: Json, profile = 0, name = 'small'): Json =>
  facts.profiles[profile].profile_options.size.choices[name].kubespawner_override;
