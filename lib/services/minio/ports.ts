/** Ports of a server: the S3 API, through which servers also reach each other's drives, and the web console. */
export const PORTS = { s3: 9000, console: 9001 } as const;
