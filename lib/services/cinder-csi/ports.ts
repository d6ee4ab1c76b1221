/** Port of the liveness probe in pods of the driver. */
export const HEALTH_PORT = 9808;

/** Port of an API of OpenStack behind a proxy for HTTPS. */
export const HTTPS_PORT = 443;
