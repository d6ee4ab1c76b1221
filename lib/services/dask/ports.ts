/** Ports of the scheduler: connections of clients and workers, and HTTP. */
export const SCHEDULER_PORTS = { comm: 8786, dashboard: 8787 } as const;

/** Ports of a worker and its nanny. They are fixed, because a NetworkPolicy cannot open random ports. */
export const WORKER_PORTS = { comm: 8788, nanny: 8789, dashboard: 8790 } as const;
