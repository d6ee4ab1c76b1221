/** Credentials: a token for each user, a client certificate for each node, and the certificate by which the API server calls the kubelets. */
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
    // Self-signed, so it is also the certificate authority that the kubelets trust.
    this.selfSigned('kubelet-client', '/O=system:masters/CN=apiserver-kubelet-client', 'extendedKeyUsage=clientAuth');
    // Nodes join while the API server runs, which reads its file of tokens only once: they have certificates.
    this.selfSigned('nodes', '/CN=nodes', 'keyUsage=critical,keyCertSign');
  }

  public file(name: string): string {
    return join(this.folder, name);
  }

  /** The kubeconfig of a new user. All users have to exist before the API server starts. */
  public kubeconfig(file: string, server: string, user: string, group = ''): string {
    const token = randomBytes(16).toString('hex');
    this.tokens.push(`${token},${user},${user},"${group}"`);
    this.write('tokens.csv', `${this.tokens.join('\n')}\n`);
    return this.writeConfig(file, server, { token });
  }

  /** The kubeconfig of a node's kubelet, at any time. */
  public nodeKubeconfig(node: string, server: string): string {
    const [key, certificate] = [this.file(`${node}.key`), this.file(`${node}.crt`)];
    openssl(
      ...['req', '-x509', '-CA', this.file('nodes.crt'), '-CAkey', this.file('nodes.key'), '-days', '30', '-nodes', '-newkey', 'ec'],
      ...['-pkeyopt', 'ec_paramgen_curve:P-256', '-keyout', key, '-out', certificate],
      ...['-subj', `/O=system:nodes/CN=system:node:${node}`, '-addext', 'extendedKeyUsage=clientAuth'],
    );
    return this.writeConfig(`kubelet-${node}.conf`, server, { 'client-certificate': certificate, 'client-key': key });
  }

  private selfSigned(name: string, subject: string, extension: string): void {
    openssl(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30', '-subj', subject],
      ...['-keyout', this.file(`${name}.key`), '-out', this.file(`${name}.crt`), '-addext', extension],
    );
    chmodSync(this.file(`${name}.key`), 0o600);
  }

  private writeConfig(file: string, server: string, user: object): string {
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'only',
      clusters: [{ name: 'only', cluster: { server, 'certificate-authority': this.file('apiserver.crt') } }],
      users: [{ name: 'only', user }],
      contexts: [{ name: 'only', context: { cluster: 'only', user: 'only' } }],
    };
    return this.write(file, JSON.stringify(config));
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

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
