import { createHmac } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { bootstrap } from '../../../lib/command/bootstrap';
import { htcondorService } from '../../../lib/services/htcondor';
import { claimsOf, hmacKey, isStale, mintToken, unscrambled } from '../../../lib/services/htcondor/tokens';
import { folderOf, printed } from '../../fixtures/folder';
import { poolIn } from '../../fixtures/htcondor';
import { problemsOf } from '../../fixtures/site';

const KEY = '00112233445566778899aabbccddeeff'.repeat(2);
const claims = { identity: 'ep@pool.example', issuer: 'pool.example', scopes: ['READ', 'ADVERTISE_STARTD'] } as const;
const times = { issuedAt: 1_700_000_000, lifetime: 86_400 };

describe('keys', () => {
  test('are derived as HTCondor 23.9 derives them, POOL twice', () => {
    // Computed by another implementation, whose tokens the daemons have accepted.
    expect(hmacKey(Buffer.from(KEY), 'POOL').toString('hex')).toBe('f1caf723819e39d4606b3301b2ea721c8afd3a1ed13dde627cea444ef2efb13d');
    expect(hmacKey(Buffer.from(KEY), 'USERS').toString('hex')).toBe('36697b445c99b53189c353b42f4b300279c66216def70cfb93226ad00244498e');
  });

  test('scrambling is its own inverse, and a key in hexadecimal has no zero byte', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(unscrambled(unscrambled(Buffer.from(bytes)))).toEqual(Buffer.from(bytes));
      }),
    );
    for (const digit of '0123456789abcdef') expect([...unscrambled(Buffer.from(digit.repeat(4)))]).not.toContain(0);
  });
});

describe('an IDTOKEN', () => {
  const token = mintToken(KEY, 'POOL', claims, times);

  test('says who, for which pool, with which rights, and how long', () => {
    expect(claimsOf(token)).toEqual({
      kid: 'POOL',
      iss: 'pool.example',
      sub: 'ep@pool.example',
      scope: 'condor:/READ condor:/ADVERTISE_STARTD',
      iat: 1_700_000_000,
      exp: 1_700_086_400,
      jti: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())).toEqual({ alg: 'HS256', kid: 'POOL' });
  });

  test('is signed with HMAC-SHA256', () => {
    const [header, payload, signature] = token.split('.');
    expect(signature).toBe(
      createHmac('sha256', hmacKey(Buffer.from(KEY), 'POOL'))
        .update(`${header}.${payload}`)
        .digest('base64url'),
    );
    expect(mintToken(KEY, 'POOL', claims, times)).not.toBe(token);
  });

  test('is made again when its last third begins, and when claims or key have changed', () => {
    const stale = (change: object, now: number, keyId = 'POOL') => isStale(token, keyId, { ...claims, ...change }, times.lifetime, now);
    expect(stale({}, times.issuedAt)).toBe(false);
    expect(stale({}, times.issuedAt + 57_600)).toBe(false);
    expect(stale({}, times.issuedAt + 57_601)).toBe(true);
    expect(stale({ identity: 'ap@pool.example' }, times.issuedAt)).toBe(true);
    expect(stale({ issuer: 'other.example' }, times.issuedAt)).toBe(true);
    expect(stale({ scopes: ['READ'] }, times.issuedAt)).toBe(true);
    expect(stale({}, times.issuedAt, 'POOL2')).toBe(true);
    expect(isStale('no token', 'POOL', claims, 1, 0)).toBe(true);
    expect(claimsOf('a.b.c')).toBeUndefined();
  });
});

describe('facility bootstrap', () => {
  const secretsIn = (folder: string) => {
    const documents = parseAllDocuments(readFileSync(join(folder, 'htcondor.yaml'), 'utf8')).map((document) => document.toJS());
    return Object.fromEntries(documents.map(({ metadata, stringData }) => [metadata.name, stringData as Record<string, string>]));
  };
  const boot = (folder: string, props: Parameters<typeof poolIn>[0] = {}) =>
    printed(() => bootstrap([poolIn(props).facility], ['cosenza', '--out', folder]));

  test('makes keys, and a token of its role for each daemon, offline', () => {
    const folder = folderOf('condor-secrets');
    boot(folder);
    const made = secretsIn(folder);
    expect(Object.keys(made)).toEqual(['htcondor-signing-keys', 'htcondor-token-access-ap', 'htcondor-token-execute', 'htcondor-user-key']);
    const key = made['htcondor-signing-keys']?.POOL ?? '';
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    const token = made['htcondor-token-execute']?.ep ?? '';
    expect(claimsOf(token)).toMatchObject({
      kid: 'POOL',
      sub: 'ep@pool.example',
      scope: 'condor:/READ condor:/ADVERTISE_MASTER condor:/ADVERTISE_STARTD',
    });
    expect(claimsOf(made['htcondor-token-access-ap']?.ap ?? '')).toMatchObject({
      sub: 'ap-ap@pool.example',
      scope: 'condor:/READ condor:/ADVERTISE_MASTER condor:/ADVERTISE_SCHEDD',
    });
    const [header, payload, signature] = token.split('.');
    expect(
      createHmac('sha256', hmacKey(Buffer.from(key), 'POOL'))
        .update(`${header}.${payload}`)
        .digest('base64url'),
    ).toBe(signature);
    expect(Number(claimsOf(token)?.exp) - Number(claimsOf(token)?.iat)).toBe(365 * 86_400);
  });

  test('rotates: with a second key, tokens are signed by it while both keys are accepted', () => {
    const folder = folderOf('condor-rotation');
    boot(folder);
    const before = secretsIn(folder);
    boot(folder, { security: { keys: { sign: 'POOL', accept: ['NEXT'] } } });
    const prepared = secretsIn(folder);
    expect(prepared['htcondor-signing-keys']).toEqual({
      ...before['htcondor-signing-keys'],
      NEXT: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(prepared['htcondor-token-execute']).toEqual(before['htcondor-token-execute']);
    boot(folder, { security: { keys: { sign: 'NEXT', accept: ['POOL'] } } });
    const rotated = secretsIn(folder);
    expect(rotated['htcondor-signing-keys']).toEqual(prepared['htcondor-signing-keys']);
    expect(claimsOf(rotated['htcondor-token-execute']?.ep ?? '')).toMatchObject({ kid: 'NEXT', sub: 'ep@pool.example' });
  });
});

describe('facility condor-token', () => {
  const [command] = htcondorService.description.commands ?? [];
  const folder = folderOf('condor-key');
  const file = join(folder, 'POOL');
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${KEY}\n`);
  const words = ['--key', file, '--domain', 'pool.example', '--identity', 'flock-other@pool.example', '--scope', 'READ,ADVERTISE_SCHEDD'];

  test('prints a token, without an app', () => {
    expect(command?.isStandalone?.(words)).toBe(true);
    const token = printed(() => command?.runStandalone?.([...words, '--lifetime', '30d', '--key-id', 'NEXT'])).trim();
    expect(claimsOf(token)).toMatchObject({ kid: 'NEXT', sub: 'flock-other@pool.example', scope: 'condor:/READ condor:/ADVERTISE_SCHEDD' });
    expect(Number(claimsOf(token)?.exp) - Number(claimsOf(token)?.iat)).toBe(30 * 86_400);
  });

  test('INVALID_OPTION: a missing key, an unknown right, an identity without domain', () => {
    const codes = (...given: string[]) => problemsOf(() => command?.runStandalone?.(given)).map(({ code }) => code);
    expect(codes()).toEqual(['INVALID_OPTION']);
    expect(codes('--kye', file)).toEqual(['INVALID_OPTION']);
    expect(codes(...words.map((word) => (word === file ? '/nowhere' : word)))).toEqual(['INVALID_OPTION']);
    expect(codes(...words.map((word) => (word.startsWith('READ') ? 'EVERYTHING' : word)))).toEqual(['INVALID_OPTION']);
    expect(codes(...words.map((word) => (word.startsWith('flock') ? 'flock' : word)))).toEqual(['INVALID_OPTION']);
  });
});
