/**
 * What stands in for the published images: the same programs in the same versions, out of PyPI, npm, Go modules and Debian packages,
 * under the same names, started in the same way.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { built } from '../control-plane';
import type { Image, Recipe } from './store';

/** The image of a name, as `repository:tag`. */
export function imageOf(name: string): Image {
  const [repository = '', tag = ''] = name.split('@')[0]?.split(/:(?=[^/]*$)/) ?? [];
  const recipe = repository.startsWith('quay.io/jupyter/') ? scipyNotebook : recipes[repository];
  if (!recipe) throw new Error(`no recipe for the image ${name}; there are ${Object.keys(recipes).join(', ')} and quay.io/jupyter/*`);
  return recipe(tag);
}

const recipes: Readonly<Record<string, (tag: string) => Image>> = {
  'quay.io/jupyterhub/k8s-hub': hub,
  'quay.io/jupyterhub/configurable-http-proxy': proxy,
  'ghcr.io/dask/dask': (tag) => ({ layer: dask(tag), settings: { ...python, command: ['dask', 'scheduler'] } }),
  'ghcr.io/dask/dask-notebook': (tag) => notebookImage(notebook(tag)),
  'ghcr.io/dask/dask-gateway-server': gatewayServer,
  // As a site builds it for users who start their own clusters.
  'registry.example.org/notebook-gateway': () =>
    notebookImage(script('client of Dask Gateway', notebook('2025.11.0'), install(['dask-gateway==2026.3.0']))),
  // One image for all roles: version 23.9.6 of Debian, under the name of the published one.
  'docker.io/htcondor/execute': () => ({ layer: condor, settings: { command: ['condor_master', '-f'] } }),
  // As a site builds it for users who submit jobs; execute nodes have it too, because Dask workers run in jobs.
  'registry.example.org/notebook-htcondor': () =>
    withSbin(notebookImage(script('notebook with HTCondor', condor, notebookScript('2025.11.0', ['dask-jobqueue==0.9.0'])))),
  'docker.io/pgsty/silo': minio,
  'docker.io/library/python': () => ({ layer: debian, settings: { command: ['python3'] } }),
  'docker.io/library/busybox': () => ({ layer: busybox, settings: { command: ['sh'] } }),
  // The first process of a pod only has to run; containerd kills it.
  'registry.k8s.io/pause': () => ({ layer: busybox, settings: { entrypoint: ['/bin/sleep', '2147483647'], user: '65535:65535' } }),
  'registry.k8s.io/coredns/coredns': () => onlyTool('coredns'),
  'docker.io/rancher/local-path-provisioner': () => onlyTool('local-path-provisioner'),
  'docker.io/library/traefik': () => onlyTool('traefik'),
};

const CONDOR_PACKAGES = 'htcondor,python3-cffi-backend,ca-certificates,tini,procps,iproute2,python3,python3-venv';

/** Releases of the image of the hub, whose versions differ from those of JupyterHub. */
const hubs: Readonly<Record<string, readonly string[]>> = {
  '4.4.0': ['jupyterhub==5.5.0', 'jupyterhub-kubespawner==7.0.0', 'oauthenticator==17.4.0', 'jupyterhub-idle-culler==1.4.0'],
};

const python = { entrypoint: ['tini', '-g', '--'], env: { PATH: '/opt/python/bin:/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' } };

const debian: Recipe = {
  title: 'Debian with Python',
  content: 'debian python3,python3-venv,ca-certificates,tini 1',
  make: (folder) => layer(folder, ['debian', folder, 'python3,python3-venv,ca-certificates,tini']),
};

const busybox = files('busybox', { '/bin/busybox': { copy: '/bin/busybox' } }, undefined, (upper) => {
  const applets = execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).split('\n').filter(Boolean);
  for (const applet of applets) if (applet !== 'busybox') execFileSync('ln', ['-s', 'busybox', join(upper, 'bin', applet)]);
  execFileSync('mkdir', ['-m', '1777', join(upper, 'tmp')]);
});

function dask(version: string): Recipe {
  const packages = [`dask[complete]==${version}`, `distributed==${version}`, 'lz4', 'cachey', 'cytoolz', 'tornado'];
  return script(`Dask ${version}`, debian, install(packages));
}

/** HTCondor as in Debian 13, the first release that has it. Users and groups have the ids of the published images. */
const condor: Recipe = script(
  'HTCondor of Debian 13',
  {
    title: 'Debian 13',
    content: `debian trixie ${CONDOR_PACKAGES} 1`,
    make: (folder) => layer(folder, ['debian', folder, CONDOR_PACKAGES, 'trixie']),
  },
  `old=$(id -u condor):$(id -g condor)
groupmod --gid 64 condor
usermod --uid 64 --gid 64 condor
find / -xdev \\( -uid "\${old%:*}" -o -gid "\${old#*:}" \\) -exec chown --no-dereference 64:64 {} +
rm -rf /etc/condor/config.d/*`,
);

function notebook(version: string): Recipe {
  return script(`notebook with Dask ${version}`, dask(version), notebookScript(version));
}

function notebookScript(version: string, others: readonly string[] = []): string {
  const packages = ['jupyterlab', 'notebook', 'jupyterhub==5.5.0', 'jupyter-server-proxy', 'dask-labextension', 's3fs', 'boto3'];
  return `${install([...packages, ...others, `dask[complete]==${version}`, `distributed==${version}`])}
useradd --uid 1000 --gid 100 --create-home --shell /bin/bash jovyan`;
}

function gatewayServer(version: string): Image {
  const layer = script(`Dask Gateway ${version}`, debian, install([`dask-gateway-server==${version}`, 'kubernetes_asyncio']));
  return { layer, settings: { ...python, command: ['dask-gateway-server'] } };
}

function scipyNotebook(): Image {
  return notebookImage(script('scientific Python', notebook('2025.11.0'), install(['scipy', 'matplotlib', 'pandas'])));
}

function notebookImage(layer: Recipe): Image {
  const env = { ...python.env, HOME: '/home/jovyan', NB_USER: 'jovyan', NB_UID: '1000', NB_GID: '100' };
  return { layer, settings: { ...python, env, command: ['jupyter', 'lab', '--ip=0.0.0.0'], user: '1000:100', folder: '/home/jovyan' } };
}

/** With the folder of daemons in the path. */
function withSbin({ layer, settings }: Image): Image {
  return { layer, settings: { ...settings, env: { ...settings.env, PATH: `/usr/sbin:/sbin:${settings.env?.PATH}` } } };
}

function hub(tag: string): Image {
  const pinned = hubs[tag];
  if (!pinned) throw new Error(`what is in k8s-hub:${tag} is not known here; known are ${Object.keys(hubs).join(', ')}`);
  const others = ['jupyterhub-ldapauthenticator', 'jupyterhub-nativeauthenticator', 'psycopg2-binary', 'pymysql', 'statsd'];
  return {
    layer: script(`JupyterHub of k8s-hub ${tag}`, debian, install([...pinned, ...others])),
    settings: { ...python, entrypoint: ['tini', '--'], command: ['jupyterhub'], user: '1000:1000', folder: '/srv/jupyterhub' },
  };
}

function proxy(version: string): Image {
  const node = process.version;
  const layer: Recipe = {
    title: `configurable-http-proxy ${version}`,
    on: debian,
    content: `proxy ${version} node ${node} 1`,
    make: (folder) => {
      const upper = join(folder, 'upper');
      const into = join(upper, 'srv/configurable-http-proxy');
      mkdirSync(into, { recursive: true });
      mkdirSync(join(upper, 'usr/local/bin'), { recursive: true });
      execFileSync('npm', ['install', '--prefix', into, '--no-audit', '--no-fund', `configurable-http-proxy@${version}`], {
        stdio: 'ignore',
      });
      copyFileSync(process.execPath, join(upper, 'usr/local/bin/node'));
      chmodSync(join(upper, 'usr/local/bin/node'), 0o755);
      execFileSync('ln', [
        '-s',
        '/srv/configurable-http-proxy/node_modules/configurable-http-proxy/bin/configurable-http-proxy',
        join(upper, 'usr/local/bin/configurable-http-proxy'),
      ]);
    },
  };
  return { layer, settings: { entrypoint: ['tini', '--'], command: ['configurable-http-proxy'], user: '65534:65534' } };
}

/** Like the published image: arguments without a program are arguments of the server. */
const serverFirst = `#!/bin/sh
case \${1:-} in
  minio | /* | sh | mc) ;;
  *) set -- minio "$@" ;;
esac
exec "$@"
`;

function minio(): Image {
  const layer = files(
    'MinIO server and client',
    {
      '/usr/bin/minio': { copy: built('tool', 'minio') },
      '/usr/bin/mc': { copy: built('tool', 'mc') },
      '/usr/bin/docker-entrypoint.sh': { text: serverFirst },
    },
    debian,
  );
  return { layer, settings: { entrypoint: ['/usr/bin/docker-entrypoint.sh'], command: ['minio'] } };
}

function onlyTool(name: string): Image {
  const layer = files(name, { [`/${name}`]: { copy: built('tool', name) } }, undefined, (upper) => {
    execFileSync('mkdir', ['-m', '1777', join(upper, 'tmp')]);
  });
  return { layer, settings: { entrypoint: [`/${name}`] } };
}

function install(packages: readonly string[]): string {
  return `[ -x /opt/python/bin/python ] || python3 -m venv /opt/python
pip install ${packages.map((it) => `'${it}'`).join(' ')} >&2
find /tmp -mindepth 1 -delete`;
}

function script(title: string, on: Recipe, text: string): Recipe {
  return { title, on, content: text, make: (folder) => layer(folder, ['script', folder], text) };
}

function layer(_folder: string, args: readonly string[], input = ''): void {
  try {
    execFileSync(join(__dirname, 'layer.sh'), args, { input, stdio: ['pipe', 'ignore', 'pipe'], maxBuffer: 1 << 28 });
  } catch (error) {
    throw new Error(
      `layer.sh ${args.join(' ')}: ${String((error as { stderr?: Buffer }).stderr)
        .trimEnd()
        .split('\n')
        .slice(-15)
        .join('\n')}`,
    );
  }
}

type Source = { readonly copy: string } | { readonly text: string };

function files(title: string, sources: Readonly<Record<string, Source>>, on?: Recipe, more?: (upper: string) => void): Recipe {
  // A program of the cache says its version in the name of its folder; one of this machine is read.
  const told = (it: Source) =>
    'text' in it ? it.text : it.copy.includes('@') ? basename(dirname(it.copy)) : String(readFileSync(it.copy).length);
  return {
    title,
    on,
    content: `files 1 ${JSON.stringify(Object.entries(sources).map(([path, source]) => [path, told(source)]))}`,
    make: (folder) => {
      for (const [path, source] of Object.entries(sources)) {
        const target = join(folder, 'upper', path);
        mkdirSync(dirname(target), { recursive: true });
        if ('text' in source) writeFileSync(target, source.text);
        else copyFileSync(source.copy, target);
        chmodSync(target, 0o755);
      }
      more?.(join(folder, 'upper'));
    },
  };
}
