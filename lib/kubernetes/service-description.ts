import type { Problems, PropsSchema } from '../errors';
import { registerImages, type Site } from '../site';
import type { Built } from './built';
import { registerClusterScoped } from './manifest';

/** How strictly Pod Security admits the pods of a namespace. @see https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
export type PodSecurity = 'restricted' | 'baseline' | 'privileged';

/** A file beside the cluster configuration of a site. */
export interface ServiceFile {
  readonly path: string;
  readonly text: string;
}

/** What a command of a service finds of the app that it was started in. */
export interface CommandContext {
  /**
   * A validated site of the app.
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
  /** Lines of `facility --help`: the call, and what it does. */
  readonly help: readonly (readonly [call: string, what: string])[];
  /** Runs the command in the app and returns the exit status. */
  readonly run: (context: CommandContext, words: readonly string[]) => number;
  /** Whether these words can be answered without an app; `runAlone` is called then. @default - never */
  readonly isAlone?: (words: readonly string[]) => boolean;
  readonly runAlone?: (words: readonly string[]) => number;
}

/**
 * What the library must know of a service beside its constructs. It stands in the folder of the service; `Facility`, the command and the test
 * suites find it through `lib/services/index.ts`, or through the charts of the app.
 */
export interface ServiceDescription {
  /** Name of the system: the value of the label `app.kubernetes.io/name`. */
  readonly name: string;
  /** Definition of its props, against which they are validated. @default - props are not validated at run time */
  readonly schema?: PropsSchema;
  /** Its container images by name, pinned. A site overrides single ones by `images`. @default - none */
  readonly images?: Readonly<Record<string, `${string}/${string}:${string}`>>;
  /** Custom resources that it writes and that belong to no namespace, as `group/version/Kind`. @default - none */
  readonly clusterScoped?: readonly string[];
  /** Pod Security level that its pods need. @default restricted */
  readonly podSecurity?: PodSecurity;
  /** Checks of the finished facility, whether or not the service is part of it. @default - none */
  readonly checks?: readonly ((built: Built, problems: Problems) => void)[];
  /** Files beside the cluster configuration of a site. @default - none */
  readonly files?: (site: Site) => readonly ServiceFile[];
  /** Every path that `files` may write: stale ones are removed. @default - none */
  readonly fileNames?: readonly string[];
  /** A paragraph of the summary of a site. @default - none */
  readonly summary?: (site: Site) => { readonly label: string; readonly lines: readonly string[] } | undefined;
  /** Commands of the program `facility`. @default - none */
  readonly commands?: readonly ServiceCommand[];
}

/** Describes a service, and makes its images and kinds known. */
export function describeService<const D extends ServiceDescription>(description: D): D {
  registerImages(description.images ?? {});
  registerClusterScoped(description.clusterScoped ?? []);
  return description;
}
