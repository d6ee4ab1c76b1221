import type { Finding } from '../errors';
import type { FileSystem, Peer, SecretKey, SecretOrigin, Target } from '../site';

/**
 * Value of an environment variable: a string, a key of a Secret in the client's namespace, or a string that is set in notebooks only.
 * In the latter, the software that reads the variable replaces `{NAME}` by another variable of the notebook, e.g. the prefix
 * of its URL.
 */
export type Variable = string | SecretKey | { readonly inNotebook: string };

/** A volume that is mounted in the client's containers. */
export type BoundMount = {
  /** Name of the volume in the pod. */
  readonly volume: string;
} & (
  | {
      /** Keys of a single Secret; each becomes a file with the name of the key. */
      readonly secret: readonly SecretKey[];
    }
  | {
      /** Contents of configuration files by file name; a ConfigMap in the client's namespace holds them. */
      readonly files: Readonly<Record<string, string>>;
    }
  | {
      /** Name of a PersistentVolumeClaim in the client's namespace. */
      readonly claim: string;
      /** Folder in the volume to mount. @default - the whole volume */
      readonly subPath?: string;
      /** Whether the client may write to it. @default false */
      readonly writable?: boolean;
    }
  | {
      /** A file system; the client gets a claim of its own for it. */
      readonly fileSystem: FileSystem;
      /** Folder in the file system to mount. @default - the whole file system */
      readonly subPath?: string;
      /** Whether the client may write to it. @default false */
      readonly writable?: boolean;
    }
);

/** A Secret that must exist in the client's namespace, and the source of its value. */
export interface BoundSecret {
  readonly secret: SecretKey;
  readonly origin: SecretOrigin;
}

/** A rule of a Role. Wildcards are rejected. @see https://kubernetes.io/docs/reference/access-authn-authz/rbac/ */
export interface ApiRule {
  /** @mayBeEmpty for the core API */
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Names of the objects. @default - all objects */
  readonly resourceNames?: readonly string[];
}

/** RBAC rules of the client's ServiceAccount. */
export interface Right {
  /** Namespace that the rules apply to. @default - the client's namespace */
  readonly namespace?: string;
  readonly rules: readonly ApiRule[];
}

/** How the endpoint authenticates users: it validates the token of the user's notebook with its hub. */
export interface HubIdentity {
  /** Name of the hub's service under which the endpoint is registered. */
  readonly service: string;
  /** Scopes that the token of a notebook needs to access the endpoint. */
  readonly scopes: readonly string[];
  /** The hub that authenticates the users. */
  readonly hub: { readonly id: string; readonly namespace: string };
}

/** Somebody who connects to clients of an endpoint, e.g. a worker that reports to the program which started it. */
export interface Caller {
  readonly from: Peer;
  /** Port of the client. */
  readonly port: number;
}

/**
 * A file with a token that only the user of a notebook may read: one for all notebooks from a Secret, or one that the hub signs for the user
 * when the notebook starts.
 */
export type UserToken = {
  /** Path below the home directory in which clients look for it. */
  readonly file: string;
} & (BoundSecret | SignedToken);

/** A JSON Web Token (HS256) that the endpoint accepts as proof of who the user of a notebook is. */
export interface SignedToken {
  /** Key of HMAC-SHA256 in hexadecimal, in a Secret of the namespace of the hub. Notebooks never see it. */
  readonly key: SecretKey;
  /** Where the key comes from. */
  readonly origin: SecretOrigin;
  /** Header `kid`. */
  readonly keyId: string;
  /** Claim `iss`. */
  readonly issuer: string;
  /** Claim `sub`; `{username}` stands for the user. */
  readonly subject: string;
  /** Claim `scope`. */
  readonly scope: string;
  /** In seconds. */
  readonly lifetime: number;
  /** Users who get no token, since the endpoint knows somebody else by their name; a `*` at the end stands for any rest. */
  readonly reserved: readonly string[];
}

/** Properties of a client that `check` of a binding receives. */
export interface ClientImage {
  /** Image of the container that uses the endpoint. */
  readonly image: string;
}

/** What a client needs to use an endpoint. Everything is optional: an endpoint may consist of a network connection only. */
export interface Binding {
  /** Environment variables. @default - none */
  readonly variables?: Readonly<Record<string, Variable>>;
  /** Volumes to mount, by absolute path. @default - none */
  readonly mounts?: Readonly<Record<string, BoundMount>>;
  /**
   * Secrets that must exist in the client's namespace. Secrets in `variables` and `mounts` need not be listed: the operator must
   * provide them.
   *
   * @default - the Secrets of `variables` and `mounts`
   */
  readonly secrets?: readonly BoundSecret[];
  /** Destinations of the client's connections. NetworkPolicies of both ends allow them. @default - none */
  readonly reach?: readonly Target[];
  /** Who connects to clients; NetworkPolicies allow it at both ends. @default - nobody */
  readonly callers?: readonly Caller[];
  /** Tokens for users of notebooks. @default - none */
  readonly tokens?: readonly UserToken[];
  /** URLs of web pages that a notebook server proxies to its user (jupyter-server-proxy). @default - none */
  readonly pages?: readonly string[];
  /** RBAC rules of the client's ServiceAccount. @default - none */
  readonly rights?: readonly Right[];
  /** How the endpoint authenticates the users of a hub. @default - it uses no hub */
  readonly identity?: HubIdentity;
  /** Compatibility check for the client's image: returns a finding if it cannot use the endpoint. @default - all images are accepted */
  readonly check?: (client: ClientImage) => Finding | undefined;
}
