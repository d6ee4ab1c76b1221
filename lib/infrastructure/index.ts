/** The OpenStack resources of a site, as Terraform JSON. The only module that imports cdktf. */
export { checkStack } from './committed';
export { type File, type ProvisionedSite, terraformFiles, terraformJson } from './files';
export { SiteStack, type SiteStackProps } from './site-stack';
export { infrastructureProblems, infrastructureWarnings } from './validation';
