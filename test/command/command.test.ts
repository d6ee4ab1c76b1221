import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flows } from '../../lib/command/flows';
import { outputFolders } from '../../lib/command/folders';
import { manifests, synthesis } from '../../lib/command/synthesis';
import { Facility } from '../../lib/facility';
import { DaskCluster } from '../../lib/services/dask';
import { MinIO } from '../../lib/services/minio';
import { compiled } from '../fixtures/compiled';
import { contents, folderOf, nowhere, printed } from '../fixtures/folder';
import { briefly, existing, nodes, problemsOf, provisioned, refused } from '../fixtures/site';

describe('an app with sites', () => {
  const project = folderOf('project');
  const lib = join(folderOf('compiled'), 'lib');
  const app = `
    const { cinder, DaskCluster, defineSite, existingCluster, Facility, MinIO, nodePool, openstack, rke1, run, storageClass } = require(${JSON.stringify(lib)});
    const flavor = { name: 'm1', vcpus: 32, memory: '64GiB' };
    const workers = nodePool('worker', { flavor, image: 'AlmaLinux-9.2', count: 2 });
    const napoli = new Facility(defineSite('napoli', {
      cluster: rke1({ version: 'v1.27.16-rancher1-1' }),
      cloud: openstack({
        region: 'RegionOne', cidr: '10.64.0.0/24', externalNetwork: 'public', admins: ['192.0.2.0/24'], publicAddress: '192.0.2.10',
        sshKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVuLZTWXO7LJzCX0w0GcHXkfkyXPyPzMEjBR2Wr8HcC a@example.org',
      }),
      pools: [nodePool('master', { flavor, image: 'AlmaLinux-9.2', roles: ['controlplane', 'etcd', 'worker'] }), workers],
      storage: { default: cinder() },
    }));
    new DaskCluster(napoli, 'dask', { on: workers, ...(process.env.BROKEN ? { workers: 0 } : {}) });
    const nodes = nodePool('n', { count: 1, flavor, labels: { a: 'b' } });
    const cosenza = new Facility(defineSite('cosenza', {
      cluster: existingCluster({ version: '1.30', apiServers: ['10.0.0.10:6443'], ingress: { className: 'nginx', namespace: 'ingress-nginx' } }), pools: [nodes], storage: { default: storageClass('local') },
    }));
    new MinIO(cosenza, 'minio', { on: nodes, servers: process.env.BROKEN ? 17 : 1, host: 's3.example.org' });
    run(napoli, cosenza);
  `;

  interface Ended {
    readonly code: number;
    readonly out: string;
    readonly err: string;
  }

  const start = (words: readonly string[], env: Record<string, string> = {}) =>
    new Promise<Ended>((resolve) => {
      const { CDK8S_OUTDIR: _, FACILITY_REQUEST: __, ...inherited } = process.env;
      const options = { cwd: project, env: { ...inherited, ...env } };
      execFile(process.execPath, words, options, (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }));
    });

  let first: Ended;
  let written: Record<string, string>;
  let others: { readonly broken: Ended; readonly again: Ended; readonly cdk8s: Ended; readonly asked: Ended; readonly bare: Ended };
  const state = ['dist/terraform/stacks/napoli/terraform.tfstate', 'dist/cluster/napoli/cluster.rkestate'];

  beforeAll(async () => {
    mkdirSync(project);
    compiled(folderOf('compiled'));
    writeFileSync(join(project, 'main.cjs'), app);
    writeFileSync(join(project, 'cdk8s.yaml'), `language: typescript\napp: '"${process.execPath}" main.cjs'\noutput: dist/manifests\n`);
    writeFileSync(join(project, 'cdktf.json'), '{ "output": "dist/terraform" }');
    first = await start(['main.cjs']);
    written = contents(join(project, 'dist'));
    for (const path of state) writeFileSync(join(project, path), path);
    writeFileSync(join(project, 'dist/manifests/napoli/removed.k8s.yaml'), 'from a service that is gone');
    const broken = await start(['main.cjs'], { BROKEN: '1' });
    written['after the broken run'] = JSON.stringify(contents(join(project, 'dist')));
    const [again, cdk8s, asked, bare] = await Promise.all([
      start(['main.cjs']),
      start(['main.cjs'], { CDK8S_OUTDIR: folderOf('elsewhere') }),
      start([join(lib, 'command/main.js'), 'bootstrap', 'cosenza']),
      start(['main.cjs'], {
        PATH: '',
        FACILITY_REQUEST: JSON.stringify({ command: 'bootstrap', arguments: ['cosenza', '--out', 'bare'] }),
      }),
    ]);
    others = { broken, again, cdk8s, asked, bare };
  });

  test('writes manifests, Terraform JSON and cluster configuration, and prints the summary', () => {
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(Object.keys(written)).toEqual(
      expect.arrayContaining([
        'manifests/napoli/00-cluster.k8s.yaml',
        'manifests/napoli/cinder-csi.k8s.yaml',
        'manifests/napoli/dask.k8s.yaml',
        'manifests/cosenza/minio.k8s.yaml',
        'terraform/stacks/napoli/cdk.tf.json',
        'cluster/napoli/cluster.yml',
      ]),
    );
    // No Terraform JSON and no cluster configuration for an existing cluster.
    expect(Object.keys(written).filter((path) => path.includes('cosenza') && !path.startsWith('manifests/'))).toEqual([]);
    expect(first.out).toMatch(/napoli[\s\S]*3 VMs[\s\S]*cosenza[\s\S]*2 sites in [\d.]+ s, \d+ warnings?\n$/);
  });

  test('writes the same again, keeps the state of Terraform and RKE, and removes stale files', () => {
    const { 'after the broken run': _, ...before } = written;
    const after = contents(join(project, 'dist'));
    expect(others.again.code).toBe(0);
    for (const path of state) {
      expect(after[path.slice('dist/'.length)]).toBe(path);
      delete after[path.slice('dist/'.length)];
    }
    expect(after).toEqual(before);
  });

  test('reports the errors of all sites and writes nothing', () => {
    expect(others.broken).toMatchObject({ code: 1, out: '' });
    expect(others.broken.err).toMatch(/INVALID_COUNT at napoli\/dask\/workers\n {2}given: {3}0\n {2}allowed: .+\n {2}fix: {5}.+/);
    expect(others.broken.err).toMatch(/INVALID_MINIO_DRIVES at cosenza\/minio\/servers/);
    expect(others.broken.err).toMatch(/\n\n\d+ errors; nothing was written\nnpx facility explain [A-Z0-9_]+ prints .*\n$/);
    const after = JSON.parse(written['after the broken run'] ?? '{}');
    expect(after['manifests/napoli/dask.k8s.yaml']).toBe(written['manifests/napoli/dask.k8s.yaml']);
    expect(after['manifests/napoli/removed.k8s.yaml']).toBe('from a service that is gone');
    expect(Object.keys(after)).toHaveLength(Object.keys(written).length - 1 + state.length + 1);
  });

  test('writes only the manifests to the output folder of cdk8s when cdk8s runs it', () => {
    expect(others.cdk8s).toMatchObject({ code: 0, out: '', err: '' });
    const expected = Object.entries(written).flatMap(([path, text]) =>
      path.startsWith('manifests/') ? [[path.slice('manifests/'.length), text]] : [],
    );
    expect(contents(folderOf('elsewhere'))).toEqual(Object.fromEntries(expected));
  });

  test('runs the commands of `facility` by the app in cdk8s.yaml', () => {
    expect(others.asked).toMatchObject({ code: 0, err: '' });
    expect(others.asked.out).toContain('secrets/cosenza/minio.yaml: minio-analysis, minio-root, minio-s3-tls');
    expect(Object.keys(contents(join(project, 'secrets')))).toEqual(['cosenza/minio.yaml']);
  });

  test('reports missing openssl, with a fix', () => {
    expect(others.bare).toMatchObject({ code: 1, out: '' });
    expect(others.bare.err).toMatch(/^MISSING_OPENSSL\n[\s\S]*--set SECRET\/tls\.crt=FILE/);
    expect(existsSync(join(project, 'bare'))).toBe(false);
  });
});

describe('all facilities at once', () => {
  const broken = (name: string) => {
    const facility = new Facility(existing({}, {}, name));
    new DaskCluster(facility, 'dask', { on: nodes, workers: 0 });
    return facility;
  };

  test('errors of all are thrown together', () => {
    const expected = ['INVALID_COUNT at a/dask/workers', 'INVALID_COUNT at b/dask/workers'];
    expect(briefly(problemsOf(() => synthesis([broken('b'), broken('a')], nowhere)))).toEqual(expected);
    expect(briefly(problemsOf(() => manifests([broken('b'), broken('a')], folderOf('none'), folderOf('none'))))).toEqual(expected);
    expect(existsSync(folderOf('none'))).toBe(false);
  });

  test('errors of the infrastructure are included', () => {
    const facility = new Facility(provisioned({}, { allocationPool: { first: '10.64.0.250', last: '10.64.0.200' } }));
    expect(problemsOf(() => synthesis([facility], nowhere)).length).toBeGreaterThan(0);
  });

  test('two facilities for one site are rejected: they would overwrite each other', () => {
    const { run } = require('../../lib/command/run') as typeof import('../../lib/command/run');
    const before = process.exitCode;
    const write = jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
    try {
      run(new Facility(existing()), new Facility(existing()));
      expect(process.exitCode).toBe(1);
      expect(write.mock.calls.join('')).toMatch(
        /^DUPLICATE_SITE[\s\S]*1 error; nothing was written\nnpx facility explain DUPLICATE_SITE prints .*\n$/,
      );
    } finally {
      write.mockRestore();
      process.exitCode = before;
    }
  });

  test('are written to the folders in cdk8s.yaml and cdktf.json', () => {
    const project = folderOf('folders');
    mkdirSync(project);
    expect(outputFolders(project)).toEqual({ manifests: 'dist/manifests', terraform: 'dist/terraform', cluster: 'dist/cluster' });
    writeFileSync(join(project, 'cdk8s.yaml'), 'app: x\noutput: k8s\n');
    writeFileSync(join(project, 'cdktf.json'), '{ "output": "tf" }');
    expect(outputFolders(project)).toEqual({ manifests: 'k8s', terraform: 'tf', cluster: 'dist/cluster' });
  });
});

describe('flows of a site', () => {
  const facility = new Facility(existing());
  const dask = new DaskCluster(facility, 'dask', { on: nodes });
  new MinIO(facility, 'minio', { on: nodes, servers: 1, host: 's3.example.org' });

  test('are printed one per line, without duplicates', () => {
    const lines = printed(() => flows([facility], ['cosenza']))
      .trimEnd()
      .split('\n');
    expect(lines).toEqual([...new Set(lines)].sort());
    expect(lines).toEqual(
      expect.arrayContaining([
        'dask/dask-worker -> dask/dask-scheduler 8786/TCP',
        'dask/dask-worker -> kube-system/k8s-app=kube-dns 53/UDP',
        'ingress-nginx/app.kubernetes.io/name=ingress-nginx -> minio/minio 9000/TCP',
      ]),
    );
    expect(dask.endpoint.binding.reach).toHaveLength(2);
  });

  test('of an unknown site are rejected', () => {
    expect(refused('UNKNOWN_SITE', () => flows([facility], ['cosensa'])).fix).toBe("write 'cosenza'");
    refused('INVALID_OPTION', () => flows([facility], []));
    refused('INVALID_OPTION', () => flows([facility], ['cosenza', 'napoli']));
  });
});
