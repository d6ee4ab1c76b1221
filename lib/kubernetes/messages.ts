import { type Finding, nearest, quote } from '../errors';

export const variableReadable = (name: string, where: string): Finding => ({
  severity: 'warning',
  code: 'INSECURE_VARIABLE',
  given: `variable ${name} of ${where}: its value is readable in the manifests`,
  allowed: 'a secret(…) for what nobody may read, text for everything else',
  fix: `write ${name}: secret('<name>', '<key>') if it is a secret`,
});

export const backendTlsUnsupported = (host: string, controller: string): Finding => ({
  severity: 'warning',
  code: 'UNSUPPORTED_BACKEND_TLS',
  given: `${host} behind controller ${quote(controller)}, which is not configured for a backend that speaks TLS`,
  allowed: 'controllers nginx and haproxy, or an object of your controller that configures it',
  fix: `add the object of ${controller} that sets the backend protocol to HTTPS, e.g. by \`patch\``,
});

export const ingressControllerUnknown = (className: string): Finding => ({
  severity: 'warning',
  code: 'UNKNOWN_INGRESS_CONTROLLER',
  given: `ingress class ${quote(className)}, from which the controller is not known: body size and timeouts are not configured`,
  allowed: 'controller nginx, traefik, haproxy or gateway',
  fix: `write ingress: { className: ${quote(className)}, controller: 'nginx', namespace: … }; large uploads and idle notebooks fail otherwise`,
});

/** @see https://doc.traefik.io/traefik/migration/v2/#v2112 */
export const ingressTimeoutUnsupported = (): Finding => ({
  severity: 'warning',
  code: 'UNSUPPORTED_INGRESS_TIMEOUT',
  given: 'Traefik, which by default ends requests after 60 s, uploads and WebSockets of notebooks included; no Ingress can change that',
  allowed: 'an entry point without a read timeout, which is a setting of the controller',
  fix: 'start Traefik with --entryPoints.websecure.transport.respondingTimeouts.readTimeout=0 (Helm: ports.websecure.transport.respondingTimeouts.readTimeout: 0), then accept this warning',
});

export const bodyLimitUnsupported = (limit: number, controller: string): Finding => ({
  severity: 'warning',
  code: 'UNSUPPORTED_BODY_LIMIT',
  given: `a body limit of ${limit} MiB, which controller ${quote(controller)} does not take from an Ingress or HTTPRoute`,
  allowed: 'a limit with controllers nginx and haproxy',
  fix: 'leave `bodyLimit` out, or limit request bodies in the controller',
});

export const gatewayTls = (host: string, gateway: string): Finding => ({
  severity: 'warning',
  code: 'UNSUPPORTED_GATEWAY_TLS',
  given: `a certificate of ${host} in the namespace of the service, but Gateway ${quote(gateway)} takes certificates from its own listeners`,
  allowed: 'no `tls` on a site with a Gateway',
  fix: `leave \`tls\` out, and add the certificate of ${host} to a listener of the Gateway`,
});

/** @param owner what mounts it already */
export const endpointMountTaken = (endpoint: string, path: string, owner: string): Finding => ({
  code: 'CONFLICTING_ENDPOINT_MOUNT',
  given: `folder ${quote(path)} for endpoint ${quote(endpoint)} and for ${owner}`,
  allowed: 'one volume for each folder of a pod',
  fix: `leave the endpoint out, or write prefixed('SECOND', …) around it: it is then mounted elsewhere`,
});

/** @param end which end of the connection the pods are */
export const flowForeign = (service: string, there: string, here: string): Finding => ({
  code: 'UNSUPPORTED_FOREIGN_PEER',
  given: `a connection between pods on site ${quote(here)} and pods of ${quote(service)} in the facility on site ${quote(there)}`,
  allowed: 'pods of the same facility, and addresses: a NetworkPolicy cannot name pods of another cluster',
  fix: "write the address under which the other end is seen: { peer: { kind: 'addresses', cidrs: ['192.0.2.10/32'] }, port: 443 }",
});

export const endpointWithoutHub = (endpoint: string, hub: string): Finding => ({
  code: 'UNSUPPORTED_ENDPOINT_CLIENT',
  given: `endpoint ${quote(endpoint)}, which accepts only the tokens of notebooks of hub ${quote(hub)}, for pods that are not notebooks`,
  allowed: 'notebooks of that hub',
  fix: `leave ${quote(endpoint)} out of \`uses\`, or give these pods a token of the hub with hubService()`,
});

export const noSite = (): Finding => ({
  code: 'MISSING_SITE',
  given: 'a service in an app that is no Facility',
  allowed: 'a Facility around it, or `site` among its props',
  fix: 'write new Facility(site) instead of new App(), or add `site`',
});

/** @param prop prop of the facility that sets what it makes by itself; undefined for a service of the user's */
export const serviceTwice = (id: string, taken: readonly string[], prop: string | undefined): Finding => ({
  code: 'DUPLICATE_SERVICE',
  given: `a second service ${quote(id)}`,
  allowed: `an id other than ${taken.join(', ')}`,
  fix: prop ? `leave it out: the facility makes it by itself, as its prop \`${prop}\` says` : 'give one of them another id',
});

export const siteDiffers = (given: string, facility: string): Finding => ({
  code: 'CONFLICTING_SITE',
  given: `site ${quote(given)} in the facility of ${quote(facility)}`,
  allowed: 'the site of the facility',
  fix: 'leave `site` out',
});

export const poolNotInSite = (given: string | undefined, site: string, known: readonly string[]): Finding => ({
  code: 'UNKNOWN_POOL',
  given: given === undefined ? 'no pool' : `pool ${quote(given)}`,
  allowed: `the pools of site ${quote(site)}: ${known.join(', ')}`,
  fix: known.includes(given ?? '')
    ? `use the very pool that the site was made with, not another of the same name`
    : `add the pool to the site${nearest(given ?? '', known) ? `, or did you mean '${nearest(given ?? '', known)}'?` : ''}`,
});
export const storageClassText = (given: unknown): Finding => ({
  code: 'INVALID_STORAGE_CLASS',
  given: `${quote(given)} for a storage class`,
  allowed: 'a storage class: storageClass(name), cinder()',
  fix: `write storageClass(${quote(typeof given === 'string' ? given : 'name')}), and name it in the storage of the site`,
});

/** @see https://www.sqlite.org/faq.html#q5 */
export const sharedStorage = (writer: string, name: string): Finding => ({
  severity: 'warning',
  code: 'UNSUPPORTED_SHARED_STORAGE',
  given: `${writer} on storage class ${quote(name)}, which is declared as shared between nodes`,
  allowed: 'a class of block or local volumes: locks and flushes of network file systems (NFS) are unreliable, and files can be corrupted',
  fix: "write storageClass: storageClass('<class of block or local volumes>') beside its size",
});

export const ingressMissing = (host: string): Finding => ({
  code: 'MISSING_INGRESS',
  given: `host ${quote(host)} on a cluster without an ingress controller`,
  allowed: 'host names where the cluster has an ingress controller',
  fix: 'give the cluster its `ingress`',
});

export const wildcardRule = (rule: string): Finding => ({
  code: 'INSECURE_WILDCARD_RULE',
  given: rule,
  allowed: 'verbs, resources and API groups by name',
  fix: 'write out what is needed',
});

export const resourceInvalid = (given: unknown, allowed: string): Finding => ({
  code: 'INVALID_RESOURCE',
  given: quote(given),
  allowed,
  fix: 'correct the size',
});

export const portTwice = (port: number, protocol: string, owner: string): Finding => ({
  code: 'DUPLICATE_PORT',
  given: `${port}/${protocol}, which ${owner} has already`,
  allowed: 'one port number a pod and protocol',
  fix: 'choose another port',
});

export const portNameTwice = (name: string, owner: string): Finding => ({
  code: 'DUPLICATE_PORT_NAME',
  given: `a port ${quote(name)}, which container ${owner} has already`,
  allowed: 'one port a name in all containers of a pod: Service and policies know it by that name',
  fix: 'rename one of them',
});

export const portUnknown = (name: string, known: readonly string[]): Finding => ({
  code: 'UNKNOWN_PORT',
  given: quote(name),
  allowed: known.join(', ') || 'none: the workload has no port',
  fix: nearest(name, known) ? `did you mean '${nearest(name, known)}'?` : 'use the name of a port of the workload',
});

export const patchWithoutObject = (given: string, known: readonly string[]): Finding => ({
  code: 'UNKNOWN_PATCH_OBJECT',
  given: quote(given),
  allowed: known.join(', '),
  fix: nearest(given, known) ? `did you mean '${nearest(given, known)}'?` : 'use Kind/name of an object of the service',
});

export const patchFailed = (object: string, operation: string, path: string): Finding => ({
  code: 'INVALID_PATCH',
  given: `${operation} ${quote(path)} on ${object}`,
  allowed: 'a JSON pointer to a place in the object that is there (for add: whose parent is there), and for test the value that is there',
  fix: 'compare the path with the object as it is written without the patch',
});

export const exceptionUnstated = (name: string): Finding => ({
  code: 'MISSING_EXCEPTION',
  given: `a workload that is ${name}, without a word why`,
  allowed: 'differences from the hardened pod that are stated, each with its reason',
  fix: `add exceptions: { '${name}': 'because …' }, or leave the difference out`,
});
