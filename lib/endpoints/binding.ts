import type { Finding } from '../errors';
import type { SecretKey, SecretOrigin, Target } from '../site';

/**
 * The value of an environment variable: a text, a key of a Secret in the client's namespace, or a text for notebooks alone. In the
 * latter, the software that reads the variable replaces `{NAME}` by other variables of the notebook, e.g. `{JUPYTERHUB_SERVICE_PREFIX}`.
 */
export type Variable = string | SecretKey | { readonly inNotebook: string };

/** Something that is mounted in the client's containers. */
export type BoundMount = {
  /** Name of the volume in the pod. */
  readonly volume: string;
} & (
  | {
      /** Keys of one Secret, each as a file of its name. */
      readonly secret: readonly SecretKey[];
    }
  | {
      /** Configuration files by name; they become a ConfigMap in the client's namespace. */
      readonly files: Readonly<Record<string, string>>;
    }
  | {
      /** A PersistentVolumeClaim of the client's namespace. */
      readonly claim: string;
      /** Folder of the volume. @default - the whole volume */
      readonly subPath?: string;
      /** @default false */
      readonly writable?: boolean;
    }
);

/** A Secret that must exist in the client's namespace, and where its value comes from. */
export interface BoundSecret {
  readonly secret: SecretKey;
  readonly origin: SecretOrigin;
}

/** One rule of a Role. Wildcards are refused. @see https://kubernetes.io/docs/reference/access-authn-authz/rbac/ */
export interface ApiRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** @default - every object */
  readonly resourceNames?: readonly string[];
}

/** What the client's service account may do with the Kubernetes API. */
export interface Right {
  /** Namespace in which the rules hold. @default - the client's */
  readonly namespace?: string;
  readonly rules: readonly ApiRule[];
}

/** How the endpoint checks who its users are: it asks a JupyterHub, with the token of the user's notebook. */
export interface HubIdentity {
  /** Name of the service by which the hub knows the endpoint. */
  readonly service: string;
  /** Scopes that the tokens of notebooks need so that the endpoint accepts them. */
  readonly scopes: readonly string[];
  /** The hub that knows the users. */
  readonly hub: { readonly id: string; readonly namespace: string };
}

/** What is known of a client when it is checked against an endpoint. */
export interface ClientImage {
  /** Image of the container that uses the endpoint. */
  readonly image: string;
}

/** What a client needs in order to use an endpoint. Everything is optional: an endpoint may be no more than a connection. */
export interface Binding {
  /** Environment variables. @default - none */
  readonly variables?: Readonly<Record<string, Variable>>;
  /** What is mounted, by absolute path. @default - nothing */
  readonly mounts?: Readonly<Record<string, BoundMount>>;
  /**
   * Secrets that must exist in the client's namespace. Those that `variables` and `mounts` refer to need not be listed: they are
   * required from the operator.
   *
   * @default - those of `variables` and `mounts`
   */
  readonly secrets?: readonly BoundSecret[];
  /** What the client opens connections to; NetworkPolicies allow them at both ends. @default - nothing */
  readonly reach?: readonly Target[];
  /** URLs of pages that a notebook shows to its user through its own server (jupyter-server-proxy). @default - none */
  readonly pages?: readonly string[];
  /** Rights of the client's service account. @default - none */
  readonly rights?: readonly Right[];
  /** How the endpoint recognizes the users of a JupyterHub. @default - it does not ask a hub */
  readonly identity?: HubIdentity;
  /** Whether an image can work with the endpoint; a finding says why not. @default - every image */
  readonly check?: (client: ClientImage) => Finding | undefined;
}
