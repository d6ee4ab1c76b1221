/** Ports of the pods of users' clusters. The first three are fixed in dask-gateway, the last two are set on the command line. */
export const PORTS = { comm: 8786, dashboard: 8787, api: 8788, worker: 8790, nanny: 8791 } as const;

/** HTTP port of API server and controller, and of the proxy in front of them. */
export const HTTP_PORT = 8000;

/** Ports of the proxy. It passes connections to schedulers on at the port that they have. */
export const PROXY_PORTS = { health: 9000, web: HTTP_PORT, comm: PORTS.comm } as const;

/** Port of the hub's API. */
export const HUB_PORT = 8081;
