/** Kubernetes on the machines: cluster.yml, config.yaml, cloud-init, and what the machines must let in. */
export { cloudInit } from './cloud-init';
export { type ClusterFile, clusterFiles } from './files';
export { clusterProblems } from './laws';
export { type PortRule, portRules } from './ports';
export { clusterWarnings } from './warnings';
