import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { ComputeKeypairV2 } from '../../imports/openstack/compute-keypair-v2';
import { OpenstackProvider } from '../../imports/openstack/provider';
import { FacilityError } from '../errors';
import type { Exposure, Site } from '../site';
import { placeBastion } from './bastion';
import { type CloudSite, cloudSite, entryNode } from './cloud-site';
import { placeLoadBalancer } from './load-balancer';
import { Lookups } from './lookups';
import { placeMoves } from './moves';
import { placeNetwork } from './network';
import { placeOutputs } from './outputs';
import { placePublicAddress } from './public-address';
import { placeSecurityGroups } from './security-groups';
import { placeNodes, type Surroundings } from './servers';
import { placeState } from './state';
import { infrastructureProblems } from './validation';
import { verbatim } from './verbatim';

export interface SiteStackProps {
  /** What the site's services answer on the nodes. @default - nothing */
  readonly exposures?: readonly Exposure[];
}

/**
 * The machines of one site and all that OpenStack needs for them, as a Terraform stack named like the site.
 *
 * Terraform addresses are a contract: a pool or key that is renamed is a virtual machine that is destroyed. A pool that was renamed says so
 * (`renamedFrom`), and gets `moved` blocks.
 */
export class SiteStack extends TerraformStack {
  /**
   * @param scope a cdktf `App`
   * @throws MISSING_CLOUD, and everything that is wrong with the site or its machines
   */
  constructor(scope: Construct, site: Site, props: SiteStackProps = {}) {
    const { exposures = [] } = props;
    const sound = checked(site, exposures);
    super(scope, sound.name);

    placeState(this, sound);
    // Who applies says which cloud by OS_CLOUD and clouds.yaml: neither name nor secret of it belongs in here.
    new OpenstackProvider(this, 'openstack', {});
    const network = placeNetwork(this, sound);
    const around: Surroundings = {
      network,
      groups: placeSecurityGroups(this, sound, exposures),
      lookups: new Lookups(this, sound),
      keyPair: placeKeyPair(this, sound),
    };
    const machines = placeNodes(this, sound, around);
    placeMoves(this, sound);
    const { bastion, entry } = sound.cloud;
    const entryPort =
      entry === 'load-balancer' ? placeLoadBalancer(this, sound, network, exposures) : machines.get(entryNode(sound))?.portId;
    placeOutputs(this, sound, {
      publicAddress: entryPort && placePublicAddress(this, sound, network, entryPort),
      bastion: bastion && placeBastion(this, sound, bastion, around),
    });
  }
}

function checked(site: Site, exposures: readonly Exposure[]): CloudSite {
  const problems = [...site.problems, ...infrastructureProblems(site, exposures)];
  if (problems.length > 0) throw new FacilityError(problems);
  return cloudSite(site);
}

function placeKeyPair(stack: TerraformStack, { name, cloud }: CloudSite): string {
  return new ComputeKeypairV2(stack, 'key_pair', {
    region: verbatim(cloud.region),
    name,
    publicKey: verbatim(cloud.sshKey),
  }).name;
}
