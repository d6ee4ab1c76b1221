import { HttpBackend, LocalBackend, S3Backend, type TerraformBackend, type TerraformStack } from 'cdktf';
import type { CloudSite } from './cloud-site';

/**
 * Says where the state is kept. It is always said: without a backend cdktf writes the folder that it ran in into the
 * output. Credentials are never part of it, each backend reads them from the environment of whoever applies.
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
        // Locks that nobody can open again are worse than none.
        unlockAddress: state.unlockAddress ?? state.lockAddress,
      });
    case 's3':
      return new S3Backend(stack, {
        bucket: state.bucket,
        key: state.key ?? `${site.name}/terraform.tfstate`,
        region: state.region ?? 'us-east-1',
        ...(state.endpoint ? elsewhere(state.endpoint) : {}),
      });
  }
}

/**
 * A store that is not Amazon's knows neither STS nor Amazon's regions, answers under paths rather than host names, and
 * may refuse the checksums that newer clients send.
 *
 * @see https://developer.hashicorp.com/terraform/language/backend/s3#configuration
 */
function elsewhere(endpoint: string) {
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
