/** Port of all daemons of a pod: the port of the collector, which clients know. */
export const CONDOR_PORT = 9618;

/** Port of the exporter of metrics. */
export const EXPORTER_PORT = 9118;

/** Ports of Dask in notebooks and jobs, unless the operator gives others. */
export const NOTEBOOK_PORTS = { scheduler: 8786, worker: 8788 } as const;
