import type { ServiceChart, VolumeSource } from '../../kubernetes';
import type { SecretKey } from '../../site';
import type { Pool } from './pools';
import type { MinIOProps } from './props';

/** Certificates of the servers: a volume for the servers, and the CA certificate for clients. */
export interface Certificates {
  readonly volume: VolumeSource;
  readonly authority: SecretKey;
}

/** Volume with the Secrets of `serverTls`, under the file names that the server expects. */
export function certificatesOf(chart: ServiceChart, props: MinIOProps, pools: readonly Pool[]): Certificates | undefined {
  if (!props.serverTls) return undefined;
  const id = chart.node.id;
  const name = props.serverTls.secret ?? `${id}-tls`;
  const [certificate, key] = [
    { name, key: 'tls.crt' },
    { name, key: 'tls.key' },
  ];
  chart.needs(key, { kind: 'certificate', hosts: hostNames(chart, props, pools) });
  const authority = chart.needs(props.serverTls.authority ?? { name: `${id}-ca`, key: 'ca.crt' }, { kind: 'same', as: certificate });
  const item = (from: SecretKey, path: string) => ({ secret: { name: from.name, items: [{ key: from.key, path }] } });
  const sources = [item(certificate, 'public.crt'), item(key, 'private.key'), item(authority, 'CAs/ca.crt')];
  return {
    authority,
    volume: { name: 'certificates', readOnly: true, volume: { name: 'certificates', projected: { defaultMode: 0o440, sources } } },
  };
}

/** All host names that clients and servers use to connect to a server. */
function hostNames(chart: ServiceChart, props: MinIOProps, pools: readonly Pool[]): readonly string[] {
  const inside = `${chart.namespace}.svc.${chart.site.cluster.domain}`;
  const members = pools.map(({ part }) => `*.${chart.objectName(part)}.${inside}`);
  return [`${chart.objectName('s3')}.${inside}`, ...members, ...(props.host ? [props.host] : [])];
}
