import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Lazy } from 'cdk8s';
import { Problems } from '../../errors';
import {
  type ContainerProps,
  configFiles,
  type EnvValue,
  type Exceptions,
  onlyFile,
  type Probes,
  place,
  type Resources,
  type ServiceChart,
  scratch,
  secretFiles,
  type VolumeSource,
} from '../../kubernetes';
import type { SecretKey } from '../../site';
import { baseConfig, CERTIFICATES, CONFIG, KEYS, LOCAL_DIR, TOKENS } from './base-config';

const program = (name: string) => readFileSync(join(__dirname, name), 'utf8');
const START = program('start.sh');
const COPY = program('copy-secrets.sh');

/** User id of the daemons: the user `condor` of the images. */
export const CONDOR_USER = 64;

/** Rights with which daemons that start as root switch to the users of jobs. Without these they could not; with fewer it was not tried. */
export const ROOT_CAPABILITIES = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'KILL', 'SETGID', 'SETUID'] as const;

/** Files that a role gets from Secrets, by the folder in which its daemons look for them. */
export interface DaemonSecrets {
  /** Signing keys: only where tokens are verified. @default - none */
  readonly keys?: readonly SecretKey[];
  /** Tokens by the name of the file. @default - none */
  readonly tokens?: readonly SecretKey[];
  /** Host certificate, its key, its authority. @default - none */
  readonly certificates?: readonly CertificateFile[];
}

/** A key of a Secret as a file of another name. */
export interface CertificateFile {
  readonly secret: SecretKey;
  readonly file: string;
}

export interface DaemonProps {
  readonly image: string;
  /** 0: the daemons start as root and switch users. */
  readonly user: number;
  readonly port: number;
  readonly config: VolumeSource;
  readonly secrets: DaemonSecrets;
  readonly resources: Resources;
  /** What daemons write beside their volumes, in bytes. */
  readonly scratch: number;
  readonly probes: Probes;
  /** Further mounts. @default - none */
  readonly mounts?: Readonly<Record<string, VolumeSource>>;
  readonly env?: Readonly<Record<string, EnvValue>>;
  /** Rights beside those of a daemon that starts as root. @default - none */
  readonly capabilities?: readonly string[];
  readonly accelerator?: ContainerProps['accelerator'];
}

/** Secrets as files that belong to the user of the daemons, in memory: an init container copies them. */
export function secretCopies(image: string, user: number, secrets: DaemonSecrets) {
  const sources: Readonly<Record<string, VolumeSource | undefined>> = {
    [KEYS]: secrets.keys && secretFiles('signing-keys', ...secrets.keys),
    [TOKENS]: secrets.tokens && tokenFiles(secrets.tokens),
    [CERTIFICATES]: secrets.certificates && certificateFiles(secrets.certificates),
  };
  const folders = Object.entries(sources).flatMap(([folder, source]) => (source ? [{ folder, source, copy: copyOf(source.name) }] : []));
  const name = (folder: string) => folder.slice(folder.lastIndexOf('/') + 1);
  const copy: ContainerProps = {
    image,
    user,
    command: ['sh', '-c', COPY],
    resources: { cpu: '10m', cpuLimit: '100m', memory: '32MiB', disk: '16MiB' },
    mounts: Object.fromEntries(
      folders.flatMap(({ folder, source, copy }) => [
        [`/secrets/${name(folder)}`, source],
        [`/copies/${name(folder)}`, copy],
      ]),
    ),
  };
  return {
    ...(folders.length > 0 ? { initContainers: { secrets: copy } } : {}),
    mounts: Object.fromEntries(folders.map(({ folder, copy }) => [folder, { ...copy, readOnly: true }])),
  };
}

/** Containers of a pod with HTCondor daemons. */
export function daemonContainers(chart: ServiceChart, props: DaemonProps) {
  const { user } = props;
  const rights = user === 0 ? { capabilities: [...ROOT_CAPABILITIES, ...(props.capabilities ?? [])] } : {};
  const { mounts, ...copies } = secretCopies(props.image, user, props.secrets);
  const condor: ContainerProps = {
    image: props.image,
    user,
    ...rights,
    command: ['sh', '-c', START],
    ports: { condor: props.port },
    env: { ...props.env },
    resources: props.resources,
    ...(props.accelerator ? { accelerator: props.accelerator } : {}),
    mounts: {
      '/etc/condor/condor_config': baseFile(chart),
      [CONFIG]: props.config,
      ...mounts,
      [LOCAL_DIR]: scratch('local', props.scratch),
      '/tmp': scratch('tmp', '256MiB'),
      ...props.mounts,
    },
    probes: props.probes,
  };
  return { ...copies, containers: { condor } };
}

/** Differences from the hardened pod. */
export function daemonExceptions(user: number, capabilities: readonly string[] = []): Exceptions {
  if (user !== 0)
    return { 'image-user': 'the images have files of the user condor, whose id is 64; users of an access point have ids of their own' };
  const further = capabilities.length > 0 ? `, and to run container images (${capabilities.join(', ')})` : '';
  return {
    root: 'daemons start as root and switch to the user of each job',
    capabilities: `to switch to the user of a job and to own its files${further}`,
    'image-user': 'root switches to the user condor, whose id is 64',
  };
}

/** Tokens of several Secrets, each as a file of the name of its Secret and key. */
function tokenFiles(tokens: readonly SecretKey[]): VolumeSource {
  const sources = tokens.map(({ name, key }) => ({ secret: { name, items: [{ key, path: key }] } }));
  return { name: 'tokens', readOnly: true, volume: { name: 'tokens', projected: { defaultMode: 0o440, sources } } };
}

/** Files in memory, so that keys are never written to the disk of a node. */
function copyOf(name: string): VolumeSource {
  return { name: `${name}-copy`, volume: { name: `${name}-copy`, emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } } };
}

function certificateFiles(files: readonly CertificateFile[]): VolumeSource {
  const sources = files.map(({ secret, file }) => ({ secret: { name: secret.name, items: [{ key: secret.key, path: file }] } }));
  return { name: 'certificates', readOnly: true, volume: { name: 'certificates', projected: { defaultMode: 0o440, sources } } };
}

/** The layout of the image, once for all roles. */
function baseFile(chart: ServiceChart): VolumeSource {
  const known = bases.get(chart) ?? configFiles(chart, 'base', { condor_config: baseConfig() });
  bases.set(chart, known);
  return onlyFile(known, 'condor_config');
}

const bases = new WeakMap<ServiceChart, VolumeSource>();

/** Configuration that may still change while other pools are described: it is rendered with the manifests. */
export interface LateConfig {
  readonly volume: VolumeSource;
  /** Annotation of pods that must restart after a change. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Annotation that changes with the configuration. */
export const CONFIG_HASH = 'analysis-facility.io/config-hash';

/**
 * Configuration files of a part. INVALID_CONDOR_VALUE is recorded, unless something else is wrong: a value is then invalid for the reason that
 * is reported already.
 */
export function validFiles(chart: ServiceChart, files: () => Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const problems = chart.problems.all.length > 0 ? new Problems() : chart.problems;
  return problems.attempt(`${chart.path()}/config`, files) ?? {};
}

/** A ConfigMap whose files are computed when the manifests are rendered. Its name stays the same, so that running pods see new files. */
export function lateConfig(chart: ServiceChart, part: string, files: () => Readonly<Record<string, string>>): LateConfig {
  const name = chart.objectName(`${part}-config`);
  place(chart, `${part}-config`, 'v1/ConfigMap', {
    metadata: { name, labels: chart.labelsOf(part) },
    data: Lazy.any({ produce: () => validFiles(chart, files) }),
  });
  const hash = () =>
    createHash('sha256')
      .update(JSON.stringify(validFiles(chart, files)))
      .digest('hex')
      .slice(0, 16);
  return {
    volume: { name: 'config', readOnly: true, volume: { name: 'config', configMap: { name } } },
    annotations: { [CONFIG_HASH]: Lazy.any({ produce: hash }) },
  };
}
