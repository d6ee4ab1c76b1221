/** A host and an optional port. An IPv6 address is in brackets. */
export interface HostAndPort {
  readonly host: string;
  readonly port?: number;
}

/** Parses `host`, `host:port`, `[2001:db8::1]` and `[2001:db8::1]:port`; undefined for anything else. The host itself is not validated. */
export function hostAndPort(text: unknown): HostAndPort | undefined {
  const [, host, digits] = (typeof text === 'string' && /^(\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+)(?::(\d{1,5}))?$/.exec(text)) || [];
  if (host === undefined) return undefined;
  if (digits === undefined) return { host };
  const port = Number(digits);
  return port >= 1 && port <= 65_535 ? { host, port } : undefined;
}
