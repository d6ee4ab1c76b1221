/** Users of a real OpenID provider, who log in as a browser does: page by page, with cookies. */
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';

/** Redirect URI; no server listens there. */
const BACK = 'http://notebook.test/back';

export interface Client {
  readonly client_id: string;
  readonly client_secret: string;
}

export class People {
  private constructor(
    private readonly issuer: string,
    private readonly server: Server,
  ) {}

  /** Accepts any user with any password; `alice.auditor` is alice with the claim `policy: auditor`. */
  static async of(issuer: string, clients: readonly Client[]): Promise<People> {
    const { Provider } = await import(process.env.PROVIDER ?? '');
    const provider = new Provider(issuer, {
      clients: clients.map((one) => ({ ...one, redirect_uris: [BACK] })),
      claims: { openid: ['sub', 'policy'] },
      // The store reads the claims of the ID token and does not query the userinfo endpoint.
      conformIdTokenClaims: false,
      cookies: { keys: ['only for a test'] },
      ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
      findAccount: (_: unknown, id: string) => {
        const [, policy] = id.split('.');
        return { accountId: id, claims: () => ({ sub: id, ...(policy ? { policy } : {}) }) };
      },
    });
    provider.on('server_error', (_: unknown, error: Error) => console.log(`OpenID provider: ${error.stack}`));
    const { port, hostname } = new URL(issuer);
    const server = createServer(provider.callback());
    await new Promise<void>((resolve) => server.listen(Number(port), hostname, resolve));
    return new People(issuer, server);
  }

  /** ID token that a client of the provider gets for a user who logs in and consents. */
  async token({ client_id, client_secret }: Client, person: string): Promise<string> {
    const cookies = new Map<string, string>();
    const ask = async (url: URL, form?: Record<string, string>) => {
      const answer = await fetch(url, {
        redirect: 'manual',
        headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
        ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
      });
      for (const cookie of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        cookies.set(name, value);
      }
      return answer;
    };
    const verifier = randomBytes(32).toString('base64url');
    let url = new URL('/auth', this.issuer);
    url.search = new URLSearchParams({
      ...{ client_id, redirect_uri: BACK, response_type: 'code', scope: 'openid', state: 'any' },
      ...{ code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256' },
    }).toString();
    let answer = await ask(url);
    // Login, consent, and redirects.
    for (let page = 0; page < 10 && url.searchParams.get('code') === null; page++) {
      const prompt = /name="prompt" value="(\w+)"/.exec(answer.status === 200 ? await answer.text() : '')?.[1];
      if (prompt !== undefined) answer = await ask(url, { prompt, login: person, password: 'any' });
      url = new URL(answer.headers.get('location') ?? '', url);
      if (!url.href.startsWith(BACK)) answer = await ask(url);
    }
    const form = {
      grant_type: 'authorization_code',
      code: url.searchParams.get('code') ?? '',
      redirect_uri: BACK,
      code_verifier: verifier,
    };
    const tokens = await fetch(new URL('/token', this.issuer), {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}` },
      body: new URLSearchParams(form),
    });
    const { id_token: token } = (await tokens.json()) as { readonly id_token?: string };
    if (token === undefined) throw new Error(`no token for ${person}: status ${tokens.status} at ${url}`);
    return token;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
