/** What a site is made of in OpenStack, as Terraform JSON. The only room that knows cdktf. */
export { checkStack } from './committed';
export { type File, type ProvisionedSite, terraformFiles, terraformJson } from './files';
export { SiteStack, type SiteStackProps } from './site-stack';
export { infrastructureProblems, infrastructureWarnings } from './validation';
