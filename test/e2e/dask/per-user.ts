import { join } from 'node:path';
import { phase } from '../cluster/report';
import { expect, findings, rows } from './findings';
import { GatewayOnServer } from './gateway';
import type { Json } from './pods';

/** Dask Gateway: a user starts a cluster within the limits, computes and stops it. */
export async function perUser(python: string, folder: string): Promise<void> {
  const gateway = new GatewayOnServer(python, join(folder, 'gateway'));
  try {
    await phase('gateway, controller and proxy on a real kube-apiserver, with the permissions of their ServiceAccounts', () =>
      gateway.start(),
    );
    const { name, options } = await phase('alice starts a cluster', () => gateway.user('alice', 'start'));
    expect('options: image of the notebook', options.image, gateway.image);
    const scheduler = await gateway.until('a scheduler pod', () => gateway.podsOf(name, 'dask-scheduler')[0]);
    expect('scheduler: image', scheduler.spec.containers[0].image, gateway.image);
    expect('scheduler: account', scheduler.spec.serviceAccountName, 'dask-gateway-scheduler');
    await phase('requests above the limits are rejected', async () => {
      const { large, image } = await gateway.user('bob', 'refusals');
      const answers = { 'a second cluster': await gateway.user('alice', 'again'), 'a worker of 64 cores': large, 'another image': image };
      const wanted = ['has 1 of 1 clusters', 'worker_cores must be <= 4', 'is not one of'];
      Object.entries(answers).forEach(([what, answer], i) => {
        if (!String(answer).includes(wanted[i] ?? '')) findings.push({ where: what, message: `unexpected response: ${answer}` });
      });
      const carol = await gateway.user('carol', 'list').then(
        () => 'accepted',
        () => 'rejected',
      );
      expect('a token without access to the gateway', carol, 'rejected');
      const bob = await gateway.user('bob', 'start');
      const of = (cluster: string) =>
        gateway.get('daskclusters.gateway.dask.org', cluster.split('.')[1] ?? '').spec.config.cluster_max_workers;
      expect('worker limits of a user and of a user in the group', [of(name), of(bob.name)], [3, 30]);
      expect("bob's list", await gateway.user('bob', 'list'), [bob.name]);
    });
    await phase('the controller creates Service, routes and worker', async () => {
      gateway.pretendRunning(scheduler);
      gateway.endpointsOf(
        await gateway.until('the Service', () => gateway.get('services', '-l', 'app.kubernetes.io/component=dask-scheduler').items[0]),
      );
      await gateway.until('the cluster is Running', () =>
        gateway.get('daskclusters.gateway.dask.org', name.split('.')[1]).status?.phase === 'Running' ? true : undefined,
      );
      expect(
        'routes',
        ['ingressroutes.traefik.io', 'ingressroutetcps.traefik.io'].map((kind) => gateway.get(kind).items.length),
        [1, 1],
      );
      gateway.kubectl(
        'patch',
        'daskclusters.gateway.dask.org',
        name.split('.')[1],
        '-n',
        'dask-gateway',
        '--type=merge',
        '-p',
        '{"spec":{"replicas":1}}',
      );
    });
    const worker = await gateway.until('a worker pod', () => gateway.podsOf(name, 'dask-worker')[0]);
    expect('worker: resources', worker.spec.containers[0].resources.limits, {
      cpu: '2',
      'ephemeral-storage': '10Gi',
      memory: '2147483648',
    });
    await phase('the pods of the cluster compute with the keys of the cluster', async () => {
      const at = '127.77.2.20';
      const running = gateway.process(scheduler, at, at);
      gateway.process(worker, '127.77.2.21', at);
      await running.ready();
      expect('a sum', gateway.compute(running, at), '4950');
    });
    await phase('alice stops the cluster, and its Secrets are deleted', async () => {
      await gateway.user('alice', 'stop', name);
      await gateway.until('the cluster is Stopped', () =>
        gateway.get('daskclusters.gateway.dask.org', name.split('.')[1]).status?.phase === 'Stopped' ? true : undefined,
      );
      expect(
        'keys of the cluster',
        gateway.get('secrets').items.filter(({ metadata }: Json) => metadata.name.endsWith(name.split('.')[1])).length,
        0,
      );
    });
    rows.push(['clusters of users: started, rejected, used, stopped', 1, 4, 1, 1]);
  } finally {
    await gateway.stop();
  }
}
