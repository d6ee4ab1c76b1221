/** Requests to an API server without a process of kubectl for each: hundreds of objects in seconds. */
import { Agent, request } from 'node:https';
import { text as readAll } from 'node:stream/consumers';
import type { ControlPlane } from '../cluster/control-plane';

/** Answer of the API server. */
export interface ApiAnswer {
  readonly accepted: boolean;
  /** Reason of a rejection. */
  readonly message: string;
  /** Text of `Warning` headers. */
  readonly warnings: readonly string[];
  /** The object as the server stores it, or would store it. */
  readonly object: StoredObject | undefined;
}

export interface StoredObject extends Loose {
  readonly [field: string]: unknown;
}

interface Loose {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** Discovery of all resources in one answer. @see https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery */
const DISCOVERY = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

interface Discovery {
  readonly items: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions: readonly {
      readonly version: string;
      readonly resources?: readonly {
        readonly resource: string;
        readonly responseKind?: { readonly kind: string };
        readonly scope: string;
      }[];
    }[];
  }[];
}

export class Api {
  private readonly agent: Agent;
  /** Resources by `apiVersion Kind`. */
  private resources = new Map<string, { readonly plural: string; readonly namespaced: boolean }>();

  constructor(private readonly cluster: ControlPlane) {
    this.agent = new Agent({ keepAlive: true, maxSockets: 4, ca: cluster.authority });
  }

  /** Runs requests with a connection of their own; knows the resources that the server has now. */
  static async with<T>(cluster: ControlPlane, work: (api: Api) => Promise<T>): Promise<T> {
    const api = new Api(cluster);
    try {
      await api.discover();
      return await work(api);
    } finally {
      api.agent.destroy();
    }
  }

  /** Reads the resources of the server again, also those of new CustomResourceDefinitions. */
  async discover(): Promise<void> {
    const found = new Map<string, { readonly plural: string; readonly namespaced: boolean }>();
    for (const root of ['/api', '/apis'])
      for (const { metadata, versions } of ((await this.get(root, DISCOVERY)) as Discovery).items)
        for (const { version, resources = [] } of versions)
          for (const { resource, responseKind, scope } of resources)
            found.set(`${metadata?.name ? `${metadata.name}/${version}` : version} ${responseKind?.kind}`, {
              plural: resource,
              namespaced: scope === 'Namespaced',
            });
    this.resources = found;
  }

  /** Whether the server has a resource for the object. */
  serves({ apiVersion, kind }: Pick<Loose, 'apiVersion' | 'kind'>): boolean {
    return this.resources.has(`${apiVersion} ${kind}`);
  }

  /** All objects of a collection, e.g. `/api/v1/namespaces`. */
  async list(path: string): Promise<readonly StoredObject[]> {
    return ((await this.get(path)) as { readonly items: readonly StoredObject[] }).items;
  }

  private async get(path: string, accept = 'application/json'): Promise<unknown> {
    const { status, text } = await this.send('GET', path, { accept });
    if (status !== 200) throw new Error(`Kubernetes ${this.cluster.version}: GET ${path}: ${status} ${text}`);
    return JSON.parse(text);
  }

  /** Creates an object without storing it. */
  dryCreate(object: Loose): Promise<ApiAnswer> {
    return this.judged('POST', `${this.collection(object)}?dryRun=All&fieldValidation=Strict`, 'application/json', JSON.stringify(object));
  }

  /**
   * Server-side apply, as by `kubectl apply --server-side --force-conflicts --validate=strict`.
   *
   * @param text the object as YAML, which the server parses
   * @param dry without storing the result
   */
  apply(object: Loose, text: string, dry = false): Promise<ApiAnswer> {
    const query = `fieldValidation=Strict&fieldManager=kubectl&force=true${dry ? '&dryRun=All' : ''}`;
    const path = `${this.collection(object)}/${encodeURIComponent(object.metadata.name)}?${query}`;
    return this.judged('PATCH', path, 'application/apply-patch+yaml', text);
  }

  private collection({ apiVersion, kind, metadata }: Loose): string {
    const resource = this.resources.get(`${apiVersion} ${kind}`);
    if (!resource) throw new Error(`Kubernetes ${this.cluster.version} does not serve ${kind} of ${apiVersion}`);
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const namespace = resource.namespaced ? `/namespaces/${metadata.namespace ?? 'default'}` : '';
    return `${root}${namespace}/${resource.plural}`;
  }

  private async judged(method: string, path: string, type: string, body: string): Promise<ApiAnswer> {
    const { status, text, warning } = await this.send(method, path, { 'content-type': type }, body);
    const accepted = status >= 200 && status < 300;
    // A body that is not JSON comes from the server itself, e.g. `404 page not found`.
    const answer = text.startsWith('{') ? (JSON.parse(text) as StoredObject & { readonly message?: string }) : undefined;
    return {
      accepted,
      message: accepted ? '' : (answer?.message ?? text),
      warnings: [...warning.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, one = '']) => one.replace(/\\(.)/g, '$1')),
      object: accepted ? answer : undefined,
    };
  }

  private send(method: string, path: string, headers: Readonly<Record<string, string>>, body = ''): Promise<Answer> {
    const authorization = `Bearer ${this.cluster.token}`;
    const options = { method, agent: this.agent, headers: { authorization, ...headers }, timeout: 60_000 };
    return new Promise((resolve, reject) => {
      const sent = request(`${this.cluster.server}${path}`, options, (response) => {
        const { statusCode = 0, headers: answered } = response;
        readAll(response).then((text) => resolve({ status: statusCode, text, warning: answered.warning ?? '' }), reject);
      });
      sent.on('timeout', () => sent.destroy(new Error(`no answer to ${method} ${path} within 60 s`)));
      sent.on('error', reject);
      sent.end(body);
    });
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
  /** Header `Warning`. */
  readonly warning: string;
}
