/** Port of the hub: its pages and its API. */
export const HUB_PORT = 8081;

/** Ports of the proxy: for users, and for the hub, which sets the routes. */
export const PROXY_PORTS = { http: 8000, api: 8001 } as const;
