import { existsSync, readFileSync } from 'node:fs';
import { failure, optionInvalid } from '../../errors';
import type { ServiceCommand } from '../../kubernetes';
import { seconds } from '../../site';
import type { AllowList } from './security-props';
import { mintToken } from './tokens';

const RIGHTS: readonly AllowList[] = [
  'READ',
  'WRITE',
  'ADMINISTRATOR',
  'DAEMON',
  'NEGOTIATOR',
  'ADVERTISE_MASTER',
  'ADVERTISE_SCHEDD',
  'ADVERTISE_STARTD',
];

const OPTIONS = ['--key', '--key-id', '--domain', '--identity', '--scope', '--lifetime'] as const;

/**
 * `npx facility condor-token`: an IDTOKEN without HTCondor, e.g. for an access point of somebody else that sends its jobs here.
 *
 * It reads the signing key and needs no app.
 */
export const condorToken: ServiceCommand = {
  name: 'condor-token',
  help: [
    ['--key FILE --domain DOMAIN --identity USER@DOMAIN --scope RIGHT[,RIGHT…]', 'print an IDTOKEN that the key in FILE signs'],
    ['    [--key-id ID] [--lifetime 365d]', 'id of the key (POOL), and how long the token is valid'],
  ],
  run: (_, words) => print(words),
  isStandalone: () => true,
  runStandalone: print,
};

/** @throws INVALID_OPTION, INVALID_QUANTITY */
function print(words: readonly string[]): number {
  const given = optionsOf(words);
  const key = required(given, '--key');
  if (!existsSync(key)) throw failure(optionInvalid(`--key ${key}`, 'a file with the signing key'));
  const scopes = required(given, '--scope')
    .split(',')
    .map((right) => checked(right));
  const claims = { identity: required(given, '--identity'), issuer: required(given, '--domain'), scopes };
  if (!/^[^@\s,]+@[^@\s,]+$/.test(claims.identity)) throw failure(optionInvalid(`--identity ${claims.identity}`, 'USER@DOMAIN'));
  const lifetime = seconds((given.get('--lifetime') ?? '365d') as '365d');
  const issuedAt = Math.floor(Date.now() / 1000);
  process.stdout.write(
    `${mintToken(readFileSync(key, 'utf8').trimEnd(), given.get('--key-id') ?? 'POOL', claims, { issuedAt, lifetime })}\n`,
  );
  return 0;
}

function optionsOf(words: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (let index = 0; index < words.length; index += 2) {
    const [name = '', value] = words.slice(index, index + 2);
    if (!(OPTIONS as readonly string[]).includes(name) || value === undefined)
      throw failure(optionInvalid(name, `${OPTIONS.join(', ')}, each with a value`));
    found.set(name, value);
  }
  return found;
}

function required(given: ReadonlyMap<string, string>, name: (typeof OPTIONS)[number]): string {
  const value = given.get(name);
  if (!value) throw failure(optionInvalid('', `${name} with a value`));
  return value;
}

function checked(right: string): AllowList {
  const found = RIGHTS.find((one) => one === right);
  if (!found) throw failure(optionInvalid(`--scope ${right}`, RIGHTS.join(', ')));
  return found;
}
