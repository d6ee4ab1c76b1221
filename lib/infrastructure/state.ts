import { HttpBackend, LocalBackend, S3Backend, type TerraformBackend, type TerraformStack } from 'cdktf';
import type { CloudSite } from './cloud-site';

/**
 * Configures the backend of the state. It is always explicit: without one, cdktf writes an absolute path of the local machine into the
 * output. Credentials are not part of it: each backend reads them from the environment.
 */
export function placeState(stack: TerraformStack, site: CloudSite): TerraformBackend {
  const state = site.cloud.state ?? { kind: 'local' };
  switch (state.kind) {
    case 'local':
      return new LocalBackend(stack, { path: state.path ?? 'terraform.tfstate' });
    case 'http':
      return new HttpBackend(stack, {
        address: state.address,
        lockAddress: state.lockAddress,
        // A lock address without an unlock address would leave the state locked.
        unlockAddress: state.unlockAddress ?? state.lockAddress,
      });
    case 's3':
      return new S3Backend(stack, {
        bucket: state.bucket,
        key: state.key ?? `${site.name}/terraform.tfstate`,
        region: state.region ?? 'us-east-1',
        ...(state.endpoint ? endpointSettings(state.endpoint) : {}),
      });
  }
}

/**
 * Settings for S3 stores other than AWS, which have no STS and no AWS regions, use path-style requests, and may reject the checksums of newer
 * clients.
 *
 * @see https://developer.hashicorp.com/terraform/language/backend/s3#configuration
 */
function endpointSettings(endpoint: string) {
  return {
    endpoints: { s3: endpoint },
    usePathStyle: true,
    skipCredentialsValidation: true,
    skipMetadataApiCheck: true,
    skipRegionValidation: true,
    skipRequestingAccountId: true,
    skipS3Checksum: true,
  };
}
