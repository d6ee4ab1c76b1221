import { mkdirSync } from 'node:fs';
import { clusterProblems } from '../../lib/cluster';
import { run } from '../../lib/command/run';
import { writeSynthesis } from '../../lib/command/synthesis';
import { type Acceptance, splitWarnings } from '../../lib/errors';
import { Facility, summary } from '../../lib/facility';
import { MinIO } from '../../lib/services/minio';
import { storageClass } from '../../lib/site';
import { contents, folderOf, printed } from '../fixtures/folder';
import { briefly, existing, nodes, provisioned } from '../fixtures/site';

const warning = (path: string) => ({ severity: 'warning' as const, code: 'X', path, given: '', allowed: '', fix: '' });
const parity: Acceptance = { code: 'MISSING_MINIO_PARITY', path: 'cosenza/minio/parity', reason: 'scratch data only' };

/** MinIO without redundancy, on a site with these acceptances. */
function facilityOf(accept: readonly Acceptance[], props: object = {}): Facility {
  const facility = new Facility(existing({ accept, storage: { default: storageClass('fast') } }), { outdir: 'none' });
  new MinIO(facility, 'minio', { on: nodes, servers: 1, ...props });
  return facility;
}

describe('the path of an acceptance', () => {
  const open = (path: string) =>
    splitWarnings('a', [warning('a/b'), warning('a/b/c'), warning('a/bc')], [{ code: 'X', path, reason: 'r' }]).open;

  test('matches exactly', () => expect(open('a/b').map(({ path }) => path)).toEqual(['a/b/c', 'a/bc']));
  test('with a trailing /* includes everything below it', () => expect(open('a/b/*').map(({ path }) => path)).toEqual(['a/bc']));
  test('matches only together with the code', () => {
    expect(splitWarnings('a', [warning('a/b')], [{ code: 'Y', path: 'a/b', reason: 'r' }]).accepted).toEqual([]);
  });
});

test('an accepted warning is listed with its reason, not among the warnings', () => {
  const output = facilityOf([parity]).output();
  expect(output.warnings).toEqual([]);
  expect(output.accepted).toMatchObject([{ ...parity, severity: 'warning' }]);
  expect(summary(output).split('\n').at(-1)).toBe('  accepted   MISSING_MINIO_PARITY at cosenza/minio/parity: scratch data only');
});

test('an acceptance that matches no warning is a warning', () => {
  const { warnings } = facilityOf([parity, { ...parity, path: 'cosenza/store/parity' }]).output();
  expect(warnings).toMatchObject([
    {
      code: 'UNKNOWN_ACCEPTED_WARNING',
      path: 'cosenza/accept/1',
      given: 'an acceptance of MISSING_MINIO_PARITY at cosenza/store/parity, which matches no warning',
    },
  ]);
});

test('an error cannot be accepted', () => {
  const accept = [parity, { code: 'INVALID_MINIO_PARITY', path: 'cosenza/*', reason: 'we want it' }];
  const facility = facilityOf(accept, { servers: 4, parity: 9 });
  expect(briefly(facility.problems())).toContain('UNSUPPORTED_ACCEPTED_ERROR at cosenza/accept/1');
  expect(briefly(facility.problems())).toContain('INVALID_MINIO_PARITY at cosenza/minio/servers');
});

test('an acceptance needs a reason', () => {
  expect(briefly(existing({ accept: [{ ...parity, reason: ' ' }] }).problems)).toEqual([
    'MISSING_ACCEPTANCE_REASON at cosenza/accept/0/reason',
  ]);
});

test('synth and check also accept warnings of the infrastructure', () => {
  const accept: Acceptance[] = [
    { code: 'MISSING_ADMINS', path: 'napoli/cloud/admins', reason: 'reached by a VPN' },
    { code: 'EXCEEDS_HARD_SPREAD', path: 'napoli/*', reason: 'the cloud has enough hosts' },
  ];
  const site = provisioned({ accept }, { admins: [] });
  expect([...site.problems, ...clusterProblems(site)]).toEqual([]);
  expect(briefly(new Facility(site, { outdir: 'none' }).output().warnings)).not.toContain('UNKNOWN_ACCEPTED_WARNING at napoli/accept/0');
  const folder = folderOf('accepted');
  const text = writeSynthesis([new Facility(site, { outdir: 'none' })], { manifests: folder, terraform: folder, cluster: folder });
  expect(text).toContain('  accepted   MISSING_ADMINS at napoli/cloud/admins: reached by a VPN\n');
  expect(text).toContain(
    '  warning    UNKNOWN_ACCEPTED_WARNING at napoli/accept/1: an acceptance of EXCEEDS_HARD_SPREAD at napoli/*, which',
  );
  expect(text).not.toContain('UNKNOWN_ACCEPTED_WARNING at napoli/accept/0');

  // `facility check` prints the same, and writes nothing.
  const cwd = process.cwd();
  mkdirSync(folderOf('checked'), { recursive: true });
  process.chdir(folderOf('checked'));
  process.env.FACILITY_REQUEST = JSON.stringify({ command: 'check', arguments: [] });
  const checked = printed(() => run(new Facility(site, { outdir: 'none' })));
  delete process.env.FACILITY_REQUEST;
  process.chdir(cwd);
  expect(checked).toContain('  accepted   MISSING_ADMINS at napoli/cloud/admins: reached by a VPN\n');
  expect(checked).toContain('UNKNOWN_ACCEPTED_WARNING at napoli/accept/1');
  expect(contents(folderOf('checked'))).toEqual({});
});
