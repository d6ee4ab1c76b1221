/** Every service of the library, one line each. Facility, command, documentation and suites find them here. */
export { cinderCsiService as cinderCsi } from './cinder-csi';
export { daskService as dask } from './dask';
export { daskGatewayService as daskGateway } from './dask-gateway';
export { htcondorService as htcondor } from './htcondor';
export { jupyterHubService as jupyterHub } from './jupyterhub';
export { minIOService as minIO } from './minio';
export { nvidiaService as nvidia } from './nvidia';
export { openStackCloudControllerService as openStackCloudController } from './openstack-cloud-controller';
