import { type Finding, nearest, quote } from '../errors';

export const variableReadable = (name: string, where: string): Finding => ({
  severity: 'warning',
  code: 'INSECURE_VARIABLE',
  given: `variable ${name} of ${where}, with its value in plain text in the manifests`,
  allowed: 'secret(…) for confidential values, plain text for all others',
  fix: `write ${name}: secret('<name>', '<key>') if its value is confidential`,
});

export const backendTlsUnsupported = (host: string, controller: string): Finding => ({
  severity: 'warning',
  code: 'UNSUPPORTED_BACKEND_TLS',
  given: `host ${quote(host)} with a TLS backend, which is not configured for ingress controller ${quote(controller)}`,
  allowed: 'ingress controllers nginx and haproxy, or a custom resource of your controller that sets the backend protocol',
  fix: `configure ${controller} to connect to the backend by HTTPS, e.g. with an annotation added by \`patch\``,
});

export const ingressControllerUnknown = (className: string): Finding => ({
  severity: 'warning',
  code: 'UNKNOWN_INGRESS_CONTROLLER',
  given: `ingress class ${quote(className)} of an unknown controller: body size limit and timeouts are not configured, so large uploads and idle notebooks may fail`,
  allowed: 'controller nginx, traefik, haproxy or gateway',
  fix: `write ingress: { className: ${quote(className)}, controller: 'nginx', namespace: … }`,
});

/** @see https://doc.traefik.io/traefik/migration/v2/#v2112 */
export const ingressTimeoutUnsupported = (): Finding => ({
  severity: 'warning',
  code: 'UNSUPPORTED_INGRESS_TIMEOUT',
  given:
    'Traefik, which by default closes requests after 60 s, including uploads and WebSockets of notebooks; an Ingress cannot change this timeout',
  allowed: 'an entry point without a read timeout, which is set in the configuration of the controller',
  fix: 'start Traefik with --entryPoints.websecure.transport.respondingTimeouts.readTimeout=0 (Helm: ports.websecure.transport.respondingTimeouts.readTimeout: 0), then accept this warning',
});

export const bodyLimitUnsupported = (limit: number, controller: string): Finding => ({
  severity: 'warning',
  code: 'UNSUPPORTED_BODY_LIMIT',
  given: `bodyLimit ${limit} MiB, which controller ${quote(controller)} cannot read from an Ingress or HTTPRoute`,
  allowed: '`bodyLimit` with controllers nginx and haproxy',
  fix: 'remove `bodyLimit`, or limit request bodies in the configuration of the controller',
});

export const gatewayTls = (host: string, gateway: string): Finding => ({
  severity: 'warning',
  code: 'UNSUPPORTED_GATEWAY_TLS',
  given: `a certificate for ${host} in the namespace of the service, but Gateway ${quote(gateway)} uses only the certificates of its listeners`,
  allowed: 'no `tls` on a site with a Gateway',
  fix: `remove \`tls\`, and add the certificate for ${host} to a listener of the Gateway`,
});

/** @param owner what already mounts a volume there */
export const endpointMountConflict = (endpoint: string, path: string, owner: string): Finding => ({
  code: 'CONFLICTING_ENDPOINT_MOUNT',
  given: `mount path ${quote(path)} of endpoint ${quote(endpoint)}, which is already used by ${owner}`,
  allowed: 'one volume for each mount path of a pod',
  fix: `remove the endpoint from \`uses\`, or write prefixed('SECOND', endpoint), which mounts it at another path`,
});

export const flowForeign = (service: string, there: string, here: string): Finding => ({
  code: 'UNSUPPORTED_FOREIGN_PEER',
  given: `a connection between pods on site ${quote(here)} and pods of ${quote(service)} in the facility on site ${quote(there)}`,
  allowed: 'pods of the same facility, or addresses: a NetworkPolicy cannot select pods of another cluster',
  fix: "write the external address of the peer: { peer: { kind: 'addresses', cidrs: ['192.0.2.10/32'] }, port: 443 }",
});

export const endpointWithoutHub = (endpoint: string, hub: string): Finding => ({
  code: 'UNSUPPORTED_ENDPOINT_CLIENT',
  given: `endpoint ${quote(endpoint)}, which accepts only tokens of hub ${quote(hub)}, used by pods that are not notebooks`,
  allowed: 'notebooks of that hub',
  fix: `remove ${quote(endpoint)} from \`uses\`, or give these pods a token of the hub with hubService()`,
});

export const siteMissing = (): Finding => ({
  code: 'MISSING_SITE',
  given: 'a service without `site` in an app that is not a Facility',
  allowed: 'a service in a Facility, or with the prop `site`',
  fix: 'write new Facility(site) instead of new App(), or add `site` to the props of the service',
});

/** @param prop prop of the facility that configures a service which it installs automatically; undefined for all other services */
export const duplicateService = (id: string, taken: readonly string[], prop: string | undefined): Finding => ({
  code: 'DUPLICATE_SERVICE',
  given: `a second service with id ${quote(id)}`,
  allowed: `an id other than ${taken.join(', ')}`,
  fix: prop
    ? `remove it: the facility installs it automatically, configured by its prop \`${prop}\``
    : 'change the id of one of the services',
});

export const siteDiffers = (given: string, facility: string): Finding => ({
  code: 'CONFLICTING_SITE',
  given: `site ${quote(given)} for a service in the facility of site ${quote(facility)}`,
  allowed: 'the site of the facility',
  fix: 'remove the prop `site` of the service',
});

export const poolNotInSite = (given: string | undefined, site: string, known: readonly string[]): Finding => ({
  code: 'UNKNOWN_POOL',
  given: given === undefined ? 'no pool' : `pool ${quote(given)}`,
  allowed: `the pools of site ${quote(site)}: ${known.join(', ')}`,
  fix: known.includes(given ?? '')
    ? `use the pool object that was passed to defineSite(), not another one with the same name`
    : `add the pool to the site${nearest(given ?? '', known) ? `, or write '${nearest(given ?? '', known)}'` : ''}`,
});

export const storageClassInvalid = (given: unknown): Finding => ({
  code: 'INVALID_STORAGE_CLASS',
  given: `${quote(given)} as storage class`,
  allowed: 'a value returned by storageClass(name) or cinder()',
  fix: `write storageClass(${quote(typeof given === 'string' ? given : 'name')}), and add it to the storage of the site`,
});

/** @see https://www.sqlite.org/faq.html#q5 */
export const sharedStorage = (writer: string, name: string): Finding => ({
  severity: 'warning',
  code: 'UNSUPPORTED_SHARED_STORAGE',
  given: `${writer} on storage class ${quote(name)}, which is declared as shared between nodes`,
  allowed:
    'a storage class of block or local volumes: locking and fsync are unreliable on network file systems (NFS), and files can be corrupted',
  fix: "add storageClass: storageClass('<class of block or local volumes>') next to the size of the volume",
});

export const ingressMissing = (host: string): Finding => ({
  code: 'MISSING_INGRESS',
  given: `host ${quote(host)} on a cluster without an ingress controller`,
  allowed: 'host names on clusters with an ingress controller',
  fix: 'set `ingress` of the cluster in defineSite()',
});

export const wildcardRule = (rule: string): Finding => ({
  code: 'INSECURE_WILDCARD_RULE',
  given: `RBAC rule ${rule}`,
  allowed: "named verbs, resources and API groups, without '*'",
  fix: "replace '*' by the names that are needed",
});

export const resourceInvalid = (given: unknown, allowed: string, example: string): Finding => ({
  code: 'INVALID_RESOURCE',
  given: quote(given),
  allowed,
  fix: `write ${example}`,
});

export const duplicatePort = (port: number, protocol: string, owner: string): Finding => ({
  code: 'DUPLICATE_PORT',
  given: `port ${port}/${protocol}, which ${owner} already uses`,
  allowed: 'port numbers that are unique in the pod for each protocol',
  fix: 'choose another port number',
});

export const duplicatePortName = (name: string, owner: string): Finding => ({
  code: 'DUPLICATE_PORT_NAME',
  given: `port name ${quote(name)}, which container ${owner} already uses`,
  allowed: 'port names that are unique in the pod: Services and NetworkPolicies refer to ports by name',
  fix: 'rename one of the ports',
});

export const portUnknown = (name: string, known: readonly string[]): Finding => ({
  code: 'UNKNOWN_PORT',
  given: `port ${quote(name)}`,
  allowed: known.join(', ') || 'no port: the workload has none',
  fix: nearest(name, known) ? `write '${nearest(name, known)}'` : 'use the name of a port of the workload',
});

export const patchWithoutObject = (given: string, known: readonly string[]): Finding => ({
  code: 'UNKNOWN_PATCH_OBJECT',
  given: `a patch for object ${quote(given)}`,
  allowed: known.join(', '),
  fix: nearest(given, known) ? `write '${nearest(given, known)}'` : 'write Kind/name of an object of the service',
});

/** @param existing what the object has there */
export const patchFailed = (object: string, operation: string, path: string, existing: string): Finding => ({
  code: 'INVALID_PATCH',
  given: `${operation} ${quote(path)} on ${object}`,
  allowed: 'a JSON pointer to an existing field (for add: with an existing parent), and for test the current value of the field',
  fix: `write a path or value that exists: ${existing}`,
});

/** @param setting the prop that deviates */
export const exceptionUnstated = (name: string, setting: string): Finding => ({
  code: 'MISSING_EXCEPTION',
  given: `${setting} without the exception ${quote(name)}`,
  allowed: 'deviations from the hardened pod that are stated, each with its reason',
  fix: `add exceptions: { '${name}': '<reason>' } to the workload, or remove ${setting} (docs/authoring.md lists all exceptions)`,
});

/** @param placeholders that the software of the service replaces */
export const mountPathInvalid = (at: string, subPath: string | undefined, placeholders: readonly string[]): Finding => ({
  code: 'INVALID_MOUNT_PATH',
  given: `mount path ${quote(at)}${subPath === undefined ? '' : ` with subPath ${quote(subPath)}`}`,
  allowed: `an absolute path without colon or braces; a relative subPath without .., and ${
    placeholders.length > 0
      ? `with no placeholder except ${placeholders.join(', ')}`
      : 'without placeholders: these pods serve several users'
  }`,
  fix: `write e.g. at: '/data', subPath: '${placeholders.length > 0 ? `home/${placeholders[0]}` : 'shared'}'`,
});

export const duplicateVolume = (claim: string): Finding => ({
  code: 'DUPLICATE_SHARED_VOLUME',
  given: `two different volumes for claim ${quote(claim)}`,
  allowed: 'one volume per name in each service',
  fix: 'change the name of one of the volumes, or use the same value for both',
});

export const storageNotShared = (storageClass: string): Finding => ({
  code: 'UNSUPPORTED_STORAGE_CLASS',
  given: `storage class ${quote(storageClass)} for a volume that pods on several nodes mount`,
  allowed: 'a storage class that supports ReadWriteMany, or a file system',
  fix: `write storageClass(${quote(storageClass)}, { shared: true }) if it supports ReadWriteMany (NFS, CephFS, …), or from: nfs(…)`,
});

export const fileSystemReadOnly = (name: string): Finding => ({
  code: 'UNSUPPORTED_WRITABLE_MOUNT',
  given: `writable: true for file system ${quote(name)}, which is read-only`,
  allowed: 'read-only mounts of a read-only file system',
  fix: 'remove `writable`, or remove `readOnly` of the file system if its server allows writing',
});
