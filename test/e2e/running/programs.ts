/** What the suite needs besides the cluster, once in the cache: the OpenID provider, the browser's Python, and an authority for certificates. */
import { type ExecFileSyncOptions, execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { imageOf } from '../cluster/images/recipes';
import { cache, type Image } from '../cluster/images/store';

const folder = join(cache, 'running');
const packages = ['requests==2.34.2', 'websocket-client==1.9.2'];
const provider = 'oidc-provider@9.13.3';

/** Builds once; an unfinished build is repeated. */
function once(name: string, make: (into: string) => void): string {
  const target = join(folder, name);
  if (existsSync(target)) return target;
  const part = `${target}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  make(part);
  renameSync(part, target);
  return target;
}

const quiet: ExecFileSyncOptions = { stdio: ['ignore', 'ignore', 'pipe'] };

/** The folder whose node_modules has the provider. */
export const providerFolder = () =>
  once(provider.replace('@', '-'), (into) => {
    execFileSync('npm', ['install', '--prefix', into, '--no-audit', '--no-fund', provider], quiet);
  });

/** A Python with what the browser needs: beside the interpreter, not in an environment, which could not be moved. */
export const pythonPath = () =>
  once(packages.join('-').replaceAll('==', '-'), (into) => {
    execFileSync('python3', ['-m', 'pip', 'install', '--quiet', '--target', into, ...packages], quiet);
  });

const openssl = (...args: readonly string[]) => execFileSync('openssl', args, quiet);

/** One for all runs: the layer of the image that trusts it is made once. */
const authority = () =>
  once('authority', (into) => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', join(into, 'ca.key')];
    openssl('req', '-x509', '-days', '3650', '-subj', '/CN=Authority of a test', ...key, '-out', join(into, 'ca.crt'));
  });

/** A certificate for a host, as `NAME.key` and `NAME.crt` in the folder, beside that of the authority. */
export function certificate(into: string, name: string, host: string): void {
  const at = (file: string) => join(into, file);
  const ca = authority();
  openssl(
    ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', `/CN=${host}`],
    ...['-keyout', at(`${name}.key`), '-out', at(`${name}.csr`)],
  );
  writeFileSync(at(`${name}.ext`), `subjectAltName=DNS:${host}\nextendedKeyUsage=serverAuth\n`);
  openssl(
    ...['x509', '-req', '-days', '30', '-in', at(`${name}.csr`), '-CA', join(ca, 'ca.crt'), '-CAkey', join(ca, 'ca.key')],
    ...['-CAcreateserial', '-CAserial', at(`${name}.srl`), '-extfile', at(`${name}.ext`), '-out', at(`${name}.crt`)],
  );
  copyFileSync(join(ca, 'ca.crt'), at('ca.crt'));
}

/** The image of that name with one file more: the authority, where OpenSSL looks for it. So the manifests stay as they are. */
export function trusting(image: string): Image {
  const { layer, settings } = imageOf(image);
  const ca = join(authority(), 'ca.crt');
  const hash = spawnSync('openssl', ['x509', '-noout', '-hash', '-in', ca], { encoding: 'utf8' }).stdout.trim();
  const text = readFileSync(ca, 'utf8');
  const withAuthority = {
    title: 'an authority of a test',
    on: layer,
    content: `authority ${hash} ${text}`,
    make: (at: string) => {
      mkdirSync(join(at, 'upper/etc/ssl/certs'), { recursive: true });
      writeFileSync(join(at, `upper/etc/ssl/certs/${hash}.0`), text, { mode: 0o644 });
    },
  };
  return { layer: withAuthority, settings };
}
