/** A minimal browser: cookies, forms and redirects. Each host name is a local port. */
import { type IncomingHttpHeaders, request } from 'node:http';

export interface Page {
  readonly status: number;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Sent {
  readonly method?: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export class Browser {
  private readonly cookies = new Map<string, string>();

  public constructor(private readonly ports: Readonly<Record<string, number>>) {}

  public cookie(host: string, name: string): string {
    return decodeURIComponent(this.cookies.get(`${host} ${name}`) ?? '');
  }

  /** Follows redirects, without sending a form again. */
  public async open(url: string, sent: Sent = {}): Promise<Page> {
    let page = await this.ask(url, sent);
    for (let step = 0; page.headers.location && step < 20; step++) page = await this.ask(new URL(page.headers.location, page.url).href, {});
    return page;
  }

  private ask(url: string, { method, form, json, headers }: Sent): Promise<Page> {
    const { hostname, pathname, search } = new URL(url);
    const body = form ? new URLSearchParams(form).toString() : json === undefined ? undefined : JSON.stringify(json);
    const mine = [...this.cookies].filter(([key]) => key.startsWith(`${hostname} `)).map(([key, value]) => `${key.split(' ')[1]}=${value}`);
    return new Promise((resolve, reject) => {
      const outgoing = request({
        host: '127.0.0.1',
        port: this.ports[hostname],
        path: `${pathname}${search}`,
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: {
          host: hostname,
          'x-forwarded-proto': 'https',
          cookie: mine.join('; '),
          ...(body === undefined ? {} : { 'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json' }),
          ...headers,
        },
      });
      outgoing.on('error', reject).on('response', (incoming) => {
        for (const line of incoming.headers['set-cookie'] ?? []) this.keep(hostname, line);
        let text = '';
        incoming.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, url, headers: incoming.headers, text })).on('error', reject);
      });
      outgoing.setTimeout(60_000, () => outgoing.destroy(new Error(`${url}: no response within 60 s`)));
      outgoing.end(body);
    });
  }

  private keep(host: string, line: string): void {
    const [pair = ''] = line.split(';');
    const [name = '', ...value] = pair.split('=');
    if (/expires=\w+, \d+[ -]\w+[ -](19|200)\d/i.test(line)) this.cookies.delete(`${host} ${name}`);
    else this.cookies.set(`${host} ${name}`, value.join('='));
  }
}
