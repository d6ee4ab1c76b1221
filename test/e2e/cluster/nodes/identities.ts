/** Who may speak to the API server, and how: a token each, and the certificate by which the API server asks the kubelets. */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export class Identities {
  public readonly folder: string;
  private readonly tokens: string[] = [];

  public constructor(cluster: string) {
    this.folder = join(cluster, 'keys');
    mkdirSync(this.folder, { mode: 0o700 });
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.write('service-accounts.key', privateKey.export({ type: 'sec1', format: 'pem' }).toString());
    this.write('service-accounts.pub', publicKey.export({ type: 'spki', format: 'pem' }).toString());
    // Signed by itself, so it is its own authority: the kubelets need to know no other.
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'],
        ...['-keyout', this.file('kubelet-client.key'), '-out', this.file('kubelet-client.crt')],
        ...['-subj', '/O=system:masters/CN=apiserver-kubelet-client', '-addext', 'extendedKeyUsage=clientAuth'],
      ],
      { stdio: 'ignore' },
    );
    chmodSync(this.file('kubelet-client.key'), 0o600);
  }

  public file(name: string): string {
    return join(this.folder, name);
  }

  /** The kubeconfig of a new user. All have to be there before the API server starts. */
  public kubeconfig(file: string, server: string, user: string, group = ''): string {
    const token = randomBytes(16).toString('hex');
    this.tokens.push(`${token},${user},${user},"${group}"`);
    this.write('tokens.csv', `${this.tokens.join('\n')}\n`);
    return this.write(
      file,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'only',
        clusters: [{ name: 'only', cluster: { server, 'certificate-authority': this.file('apiserver.crt') } }],
        users: [{ name: 'only', user: { token } }],
        contexts: [{ name: 'only', context: { cluster: 'only', user: 'only' } }],
      }),
    );
  }

  /** The API server's file holds its certificate and then its authority; pods are told the authority alone. */
  public authority(): string {
    const [, authority = ''] = readFileSync(this.file('apiserver.crt'), 'utf8').split(/(?<=-----END CERTIFICATE-----\n)/);
    return this.write('authority.crt', authority);
  }

  private write(name: string, content: string): string {
    writeFileSync(this.file(name), content, { mode: 0o600 });
    return this.file(name);
  }
}
