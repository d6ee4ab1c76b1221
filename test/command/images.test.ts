import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestsInFile, images, imageTable, pin } from '../../lib/command/images';
import { imagesOf } from '../../lib/facility';
import { Deployment } from '../../lib/kubernetes';
import { DaskCluster } from '../../lib/services/dask';
import { nodePool } from '../../lib/site';
import { Bench, facilityOf, one } from '../fixtures/facility';
import { existing, nodes, refused } from '../fixtures/site';

const arm = nodePool('arm', {
  architecture: 'arm64',
  flavor: { vcpus: 72, memory: '480GiB' },
  labels: { 'node.example.org/purpose': 'arm' },
});
const facility = (props: object = {}) =>
  facilityOf(
    (app) => {
      new DaskCluster(app, 'dask', { on: nodes });
      new Bench(app, 'tool', (bench) => new Deployment(bench, 'tool', { on: [nodes, arm], containers: { main: one } }));
    },
    existing({ pools: [nodes, arm], ...props }),
  );
const digest = (character: string) => `sha256:${character.repeat(64)}`;
const DASK = 'ghcr.io/dask/dask:2025.11.0';

const written = (...given: readonly string[]): string => {
  const spy = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    images([facility()], given);
    return spy.mock.calls.map(([text]) => String(text)).join('');
  } finally {
    spy.mockRestore();
  }
};

test('every image of the site is listed with its name, the architectures of its nodes, and its workloads', () => {
  expect(imagesOf(facility().output())).toEqual([
    { image: DASK, names: ['dask'], architectures: ['amd64'], usedBy: ['dask/dask-scheduler', 'dask/dask-worker'] },
    { image: 'registry.example/one:1', names: [], architectures: ['amd64', 'arm64'], usedBy: ['tool/tool'] },
  ]);
  expect(written('cosenza').split('\n')).toEqual([
    'IMAGE                        NAME  ARCHITECTURE  USED BY',
    'ghcr.io/dask/dask:2025.11.0  dask  amd64         dask/dask-scheduler, dask/dask-worker',
    'registry.example/one:1       -     amd64,arm64   tool/tool',
    '',
  ]);
  expect(imageTable([])).toBe('IMAGE  NAME  ARCHITECTURE  USED BY\n');
});

test('mirrors and overrides are listed as in the manifests', () => {
  const list = (props: object) => imagesOf(facility(props).output()).map(({ image, names }) => [image, names]);
  expect(list({ registry: 'harbor.example.org' })[0]).toEqual(['harbor.example.org/dask/dask:2025.11.0', ['dask']]);
  expect(list({ images: { dask: `${DASK}@${digest('a')}` } })[0]).toEqual([`${DASK}@${digest('a')}`, ['dask']]);
});

test('a file of digests is converted to `images` of the site; images that it cannot pin are reported', () => {
  const digests = digestsInFile(`# written by the mirror\n${DASK} ${digest('a')}\n\nregistry.example/one:1@${digest('b')}\n`);
  const used = imagesOf(facility().output());
  expect(pin(used, digests)).toEqual({
    pinned: { dask: `${DASK}@${digest('a')}` },
    notes: [`set registry.example/one:1@${digest('b')} in the description, for tool/tool`],
  });
  expect(pin(used, new Map())).toEqual({ pinned: {}, notes: [`no digest for ${DASK}`, 'no digest for registry.example/one:1'] });
});

test('pinned images are accepted by the site, and a second run pins them again', () => {
  const { pinned } = pin(imagesOf(facility().output()), new Map([[DASK, digest('a')]]));
  const again = facility({ images: pinned });
  expect(again.problems()).toEqual([]);
  expect(pin(imagesOf(again.output()), new Map([[DASK, digest('b')]])).pinned).toEqual({ dask: `${DASK}@${digest('b')}` });
});

test('the command writes a file, from a file of digests or by a command of the operator', () => {
  const folder = mkdtempSync(join(tmpdir(), 'images-'));
  const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const [file, out] = [join(folder, 'digests'), join(folder, 'images.json')];
    writeFileSync(file, `${DASK} ${digest('a')}\n`);
    expect(written('cosenza', '--digests', file, '--out', out)).toBe('');
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual({ dask: `${DASK}@${digest('a')}` });
    expect(JSON.parse(written('cosenza', '--with', `printf %s:${digest('c')} {}`))).toEqual({ dask: `${DASK}@${digest('c')}` });
    expect(stderr.mock.calls.flat().join('')).toContain('no digest for registry.example/one:1');
    refused('MISSING_DIGEST', () => written('cosenza', '--with', 'printf nothing-{}'));
    refused('MISSING_DIGEST', () => written('cosenza', '--with', 'no-such-command {}'));
    writeFileSync(file, `${DASK} sha256:abc\n`);
    refused('INVALID_DIGEST', () => written('cosenza', '--digests', file));
  } finally {
    stderr.mockRestore();
    rmSync(folder, { recursive: true });
  }
});

test.each([
  [['--digests', '/no/such/file', 'cosenza']],
  [['cosenza', '--with', 'crane digest']],
  [['cosenza', '--out', 'images.json']],
  [['cosenza', '--wiht', 'x']],
  [[]],
  [['cosenza', 'napoli']],
])('options %j are refused', (given) => {
  expect(refused('INVALID_OPTION', () => written(...given)).allowed).not.toBe('');
});

test('an unknown site is rejected', () => {
  refused('UNKNOWN_SITE', () => written('cosenzo'));
});
