/** A minimal OpenID Connect provider with one client and without passwords. */
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';

export interface Account {
  readonly name: string;
  readonly groups: readonly string[];
}

export class Issuer {
  /** The user who logs in next. */
  public account: Account = { name: 'nobody', groups: [] };
  private readonly codes = new Map<string, Account>();
  private readonly tokens = new Map<string, Account>();
  private readonly server: Server;

  public constructor(port: number, client: string, secret: string, callback: string) {
    this.server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://issuer');
      const say = (status: number, body: unknown) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      let text = '';
      request.on('data', (part) => {
        text += part;
      });
      request.on('end', () => {
        if (url.pathname === '/authorize') {
          if (url.searchParams.get('client_id') !== client || url.searchParams.get('redirect_uri') !== callback)
            return say(400, { error: 'invalid_request' });
          const code = this.put(this.codes);
          const back = new URLSearchParams({ code, state: url.searchParams.get('state') ?? '' });
          return response.writeHead(302, { location: `${callback}?${back}` }).end();
        }
        if (url.pathname === '/token') {
          const form = new URLSearchParams(text);
          const basic = Buffer.from(request.headers.authorization?.replace(/^Basic /, '') ?? '', 'base64').toString();
          const shown = basic || `${form.get('client_id')}:${form.get('client_secret')}`;
          const account = this.codes.get(form.get('code') ?? '');
          this.codes.delete(form.get('code') ?? '');
          if (shown !== `${client}:${secret}` || !account) return say(401, { error: 'invalid_client' });
          return say(200, { access_token: this.put(this.tokens, account), token_type: 'Bearer', expires_in: 3600 });
        }
        const account = this.tokens.get(request.headers.authorization?.replace(/^Bearer /i, '') ?? '');
        if (url.pathname !== '/userinfo' || !account) return say(401, { error: 'invalid_token' });
        return say(200, { sub: `id-${account.name}`, preferred_username: account.name, groups: account.groups });
      });
    }).listen(port, '127.0.0.1');
  }

  public stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private put(into: Map<string, Account>, account = this.account): string {
    const key = randomBytes(16).toString('hex');
    into.set(key, account);
    return key;
  }
}
