import type { Problems, PropsSchema } from '../errors';
import { registerImages, type Site } from '../site';
import type { Built } from './built';
import { registerClusterScoped } from './manifest';

/** Pod Security level of a namespace. @see https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
export type PodSecurity = 'restricted' | 'baseline' | 'privileged';

/** A file that is written next to the cluster configuration of a site. */
export interface ServiceFile {
  readonly path: string;
  readonly text: string;
}

/** The app in which a command of a service runs. */
export interface CommandContext {
  /**
   * Returns a validated site of the app.
   *
   * @throws UNKNOWN_SITE, and every error of its facility
   */
  readonly site: (name: string) => Site;
  /** Output folders of the app. */
  readonly folders: { readonly manifests: string; readonly terraform: string; readonly cluster: string };
}

/** A command `facility <name>` of a service. */
export interface ServiceCommand {
  readonly name: string;
  /** Lines of `facility --help`: usage and description. */
  readonly help: readonly (readonly [usage: string, description: string])[];
  /** Runs the command in the app and returns the exit status. */
  readonly run: (context: CommandContext, args: readonly string[]) => number;
  /** Whether these arguments need no app; `runStandalone` is called then. @default - never */
  readonly isStandalone?: (args: readonly string[]) => boolean;
  readonly runStandalone?: (args: readonly string[]) => number;
}

/**
 * Description of a service for the other modules. It is defined in the folder of the service; `Facility`, the command and the test suites find
 * it through `lib/services/index.ts`, or through the charts of the app.
 */
export interface ServiceDescription {
  /** Name of the system: the value of the label `app.kubernetes.io/name`. */
  readonly name: string;
  /** JSON Schema definition of its props. @default - none: props are not validated at run time */
  readonly schema?: PropsSchema;
  /** Its container images by name, with fixed tags. A site overrides them by `images`. @default - none */
  readonly images?: Readonly<Record<string, `${string}/${string}:${string}`>>;
  /** Cluster-scoped custom resources that it writes, as `group/version/Kind`. @default - none */
  readonly clusterScoped?: readonly string[];
  /** Pod Security level that its pods require. @default restricted */
  readonly podSecurity?: PodSecurity;
  /** Checks of the rendered facility; they also run if the service is not part of it. @default - none */
  readonly checks?: readonly ((built: Built, problems: Problems) => void)[];
  /** Files next to the cluster configuration of a site. @default - none */
  readonly files?: (site: Site) => readonly ServiceFile[];
  /** All paths that `files` may return; those that are no longer written are removed. @default - none */
  readonly fileNames?: readonly string[];
  /** Paragraph in the summary of a site. @default - none */
  readonly summary?: (site: Site) => { readonly label: string; readonly lines: readonly string[] } | undefined;
  /** Commands of the program `facility`. @default - none */
  readonly commands?: readonly ServiceCommand[];
}

/** Describes a service, and registers its images and cluster-scoped kinds. */
export function describeService<const D extends ServiceDescription>(description: D): D {
  registerImages(description.images ?? {});
  registerClusterScoped(description.clusterScoped ?? []);
  return description;
}
