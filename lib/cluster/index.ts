/** Cluster configuration: cluster.yml, config.yaml, cloud-init, and the ports that the nodes must open. */
export { cloudInit } from './cloud-init';
export { type ClusterFile, clusterFiles } from './files';
export { type PortRule, portRules } from './ports';
export { clusterProblems } from './validation';
export { clusterWarnings } from './warnings';
export { yamlWriter } from './yaml';
