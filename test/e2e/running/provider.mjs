// A real OpenID provider as the one of a site: `node provider.mjs MODULES FOLDER ADDRESS`, with provider.json and the certificate in FOLDER.
// Anybody may log in with any password; who is in which group stands in the name: `alice.analysis`.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';

const [modules, folder, address] = process.argv.slice(2);
const { Provider } = await import(join(modules, 'node_modules/oidc-provider/lib/index.js'));

const at = (name) => readFileSync(join(folder, name));
const { issuer, clients } = JSON.parse(at('provider.json'));

const provider = new Provider(issuer, {
  clients,
  // Where INDIGO IAM has them.
  routes: { authorization: '/authorize', token: '/token', userinfo: '/userinfo', jwks: '/jwk' },
  scopes: ['openid', 'profile', 'email'],
  claims: { openid: ['sub'], profile: ['preferred_username', 'groups'], email: ['email'] },
  cookies: { keys: ['only for a test'] },
  findAccount: (_, id) => {
    const [name, ...groups] = id.split('.');
    return { accountId: id, claims: () => ({ sub: id, preferred_username: name, groups, email: `${name}@users.example` }) };
  },
});
provider.on('server_error', (_, error) => console.error(error));
for (const event of ['authorization.error', 'grant.error', 'userinfo.error'])
  provider.on(event, (_, error) => console.error(event, error.message, error.error_description ?? ''));

createServer({ key: at('provider.key'), cert: at('provider.crt') }, provider.callback()).listen(443, address);
