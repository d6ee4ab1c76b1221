import { type ServiceChart, secretFiles, type VolumeSource } from '../../kubernetes';
import { DASK_TLS, type DaskEndpoint, daskVersion } from '../../site';
import { daskVersions } from './messages';

/**
 * Records CONFLICTING_DASK_VERSIONS where a notebook's image states another Dask than the cluster's: what one end pickles the other
 * could not read, and users would find it in the middle of their work. Images that state none are taken as they are.
 */
export function checkDaskVersions(
  hub: ServiceChart,
  { version }: Pick<DaskEndpoint, 'version'>,
  images: Readonly<Record<string, string>>,
): void {
  for (const [name, image] of Object.entries(images)) {
    const own = daskVersion(image);
    if (version && own && own !== version) hub.problems.add(`${hub.path()}/environments/${name}/image`, daskVersions(image, own, version));
  }
}

/** Certificate and key with which notebooks speak to a cluster that refuses whoever has none. */
export function daskFiles(hub: ServiceChart, { tls }: DaskEndpoint): Readonly<Record<string, VolumeSource>> {
  if (!tls) return {};
  const keys = new Map([tls.authority, tls.certificate, tls.key].map((one) => [one.key, one]));
  for (const one of keys.values()) hub.needs(one, { kind: 'operator', what: `${one.key} of the Dask cluster` });
  return { [DASK_TLS]: secretFiles('dask-tls', ...keys.values()) };
}
