/** Requests to an API server without a process of kubectl for each: hundreds of objects in seconds. */
import { Agent, request } from 'node:https';
import { text as readAll } from 'node:stream/consumers';
import type { ControlPlane } from '../cluster/control-plane';
import { kubectl } from './kubectl';

/** Answer of the API server: HTTP status, and `message` of its Status if it is an error. */
export interface ApiAnswer {
  readonly accepted: boolean;
  readonly message: string;
}

interface Loose {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

export class Api {
  private readonly agent: Agent;

  private constructor(
    private readonly cluster: ControlPlane,
    /** Resources by `apiVersion Kind`. */
    private readonly resources: ReadonlyMap<string, { readonly plural: string; readonly namespaced: boolean }>,
  ) {
    this.agent = new Agent({ keepAlive: true, maxSockets: 4, ca: cluster.authority });
  }

  /** Reads the resources that the server has, also those of CustomResourceDefinitions. */
  static async of(cluster: ControlPlane): Promise<Api> {
    const { status, stdout, stderr } = await kubectl(cluster, ['api-resources', '--cached=false', '--no-headers']);
    if (status !== 0) throw new Error(`Kubernetes ${cluster.version}: no resources: ${stderr}`);
    const rows = stdout.trim().split('\n');
    // NAME SHORTNAMES? APIVERSION NAMESPACED KIND
    const resources = rows.map((row) => {
      const [kind = '', namespaced, apiVersion] = row.trim().split(/\s+/).reverse();
      return [`${apiVersion} ${kind}`, { plural: row.split(/\s+/, 1)[0] ?? '', namespaced: namespaced === 'true' }] as const;
    });
    return new Api(cluster, new Map(resources));
  }

  /** Creates an object without storing it. */
  dryCreate(object: Loose): Promise<ApiAnswer> {
    return this.send('POST', `${this.collection(object)}?dryRun=All&fieldValidation=Strict`, 'application/json', object);
  }

  /** Server-side apply without storing the result; takes over fields that belong to others. */
  dryApply(object: Loose): Promise<ApiAnswer> {
    const query = 'dryRun=All&fieldValidation=Strict&fieldManager=kubectl&force=true';
    const path = `${this.collection(object)}/${encodeURIComponent(object.metadata.name)}?${query}`;
    return this.send('PATCH', path, 'application/apply-patch+yaml', object);
  }

  close(): void {
    this.agent.destroy();
  }

  private collection({ apiVersion, kind, metadata }: Loose): string {
    const resource = this.resources.get(`${apiVersion} ${kind}`);
    if (!resource) throw new Error(`Kubernetes ${this.cluster.version} does not serve ${kind} of ${apiVersion}`);
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const namespace = resource.namespaced ? `/namespaces/${metadata.namespace ?? 'default'}` : '';
    return `${root}${namespace}/${resource.plural}`;
  }

  private async send(method: string, path: string, type: string, body: object): Promise<ApiAnswer> {
    const headers = { authorization: `Bearer ${this.cluster.token}`, 'content-type': type };
    const options = { method, agent: this.agent, headers, timeout: 60_000 };
    const { statusCode = 0, text } = await new Promise<{ statusCode?: number; text: string }>((resolve, reject) => {
      const sent = request(`${this.cluster.server}${path}`, options, (response) => {
        readAll(response).then((text) => resolve({ statusCode: response.statusCode, text }), reject);
      });
      sent.on('timeout', () => sent.destroy(new Error(`no answer to ${method} ${path} within 60 s`)));
      sent.on('error', reject);
      sent.end(JSON.stringify(body));
    });
    const accepted = statusCode >= 200 && statusCode < 300;
    return { accepted, message: accepted ? '' : ((JSON.parse(text) as { message?: string }).message ?? text) };
  }
}
