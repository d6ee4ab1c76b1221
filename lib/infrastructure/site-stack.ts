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
import { type MachineContext, placeNodes } from './servers';
import { placeState } from './state';
import { infrastructureProblems } from './validation';
import { verbatim } from './verbatim';

export interface SiteStackProps {
  /** Ports that services of the site expose on the nodes. @default - none */
  readonly exposures?: readonly Exposure[];
}

/**
 * Terraform stack of a site: its servers and all other OpenStack resources. It has the name of the site.
 *
 * Terraform addresses are part of the contract: renaming a pool or a key deletes its servers. `renamedFrom` of a pool adds `moved` blocks.
 */
export class SiteStack extends TerraformStack {
  /**
   * @param scope a cdktf `App`
   * @throws MISSING_CLOUD, and all errors of the site and its infrastructure
   */
  constructor(scope: Construct, site: Site, props: SiteStackProps = {}) {
    const { exposures = [] } = props;
    const valid = validated(site, exposures);
    super(scope, valid.name);

    placeState(this, valid);
    // The operator selects the cloud with OS_CLOUD and clouds.yaml: its name and credentials do not belong in the stack.
    new OpenstackProvider(this, 'openstack', {});
    const network = placeNetwork(this, valid);
    const context: MachineContext = {
      network,
      groups: placeSecurityGroups(this, valid, exposures),
      lookups: new Lookups(this, valid),
      keyPair: placeKeyPair(this, valid),
    };
    const machines = placeNodes(this, valid, context);
    placeMoves(this, valid);
    const { bastion, entry } = valid.cloud;
    const entryPort =
      entry === 'load-balancer' ? placeLoadBalancer(this, valid, network, exposures) : machines.get(entryNode(valid))?.portId;
    placeOutputs(this, valid, {
      publicAddress: entryPort && placePublicAddress(this, valid, network, entryPort),
      bastion: bastion && placeBastion(this, valid, bastion, context),
    });
  }
}

function validated(site: Site, exposures: readonly Exposure[]): CloudSite {
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
