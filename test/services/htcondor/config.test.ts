import fc from 'fast-check';
import {
  attribute,
  block,
  configText,
  type Entry,
  expression,
  member,
  quoted,
  settings,
  use,
} from '../../../lib/services/htcondor/condor-config';
import { KNOBS } from '../../../lib/services/htcondor/knobs';
import { REMOVED_KNOBS, removedKnob } from '../../../lib/services/htcondor/removed-knobs';
import { problemsOf, refused } from '../../fixtures/site';

const text = (...entries: readonly Entry[]) => configText('A file.', entries);

describe('the writer of configuration files', () => {
  test('writes each type of value as the daemon reads it', () => {
    const written = text(
      ...settings({
        CONDOR_HOST: 'cm.example',
        DAEMON_LIST: ['MASTER', 'STARTD'],
        ENABLE_KERNEL_TUNING: false,
        NUM_CPUS: 4,
        MaxJobRetirementTime: 3660,
        START: expression('TARGET.RequestCpus > 1'),
        LOCAL_CONFIG_FILE: '',
        SCHEDD_HOST: undefined,
      }),
      member('GROUP_QUOTA_DYNAMIC_NAME', 'cms', 0.5),
      member('JOB_TRANSFORM_NAME', 'Tenants', block('SET A 1', 'SET B 2')),
      use('security:recommended_v9_0'),
      attribute('HasCvmfs', true),
      attribute('Site', 'a "quoted" \\ name'),
    );
    expect(written.split('\n')).toEqual([
      '# A file.',
      'CONDOR_HOST = cm.example',
      'DAEMON_LIST = MASTER, STARTD',
      'ENABLE_KERNEL_TUNING = false',
      'NUM_CPUS = 4',
      'MaxJobRetirementTime = 3660',
      'START = TARGET.RequestCpus > 1',
      'LOCAL_CONFIG_FILE =',
      'GROUP_QUOTA_DYNAMIC_cms = 0.5',
      'JOB_TRANSFORM_Tenants @=end',
      '  SET A 1',
      '  SET B 2',
      '@end',
      'use security:recommended_v9_0',
      'HasCvmfs = true',
      'Site = "a \\"quoted\\" \\\\ name"',
      '',
    ]);
  });

  test('INVALID_CONDOR_VALUE: a value never becomes a second knob, a list entry never two', () => {
    for (const value of ['a\nALLOW_WRITE = *', 'a\r', 'ends with \\'])
      expect(refused('INVALID_CONDOR_VALUE', () => text(...settings({ CONDOR_HOST: value }))).given).toContain('CONDOR_HOST = ');
    for (const entry of ['a,b', 'a b', '', 'a\nb']) refused('INVALID_CONDOR_VALUE', () => text(...settings({ ALLOW_READ: [entry] })));
    refused('INVALID_CONDOR_VALUE', () => text(...settings({ START: expression('true\nPREEMPT = true') })));
    refused('INVALID_CONDOR_VALUE', () => text(member('JOB_TRANSFORM_NAME', 'a', block('@end'))));
    refused('INVALID_CONDOR_VALUE', () => text(attribute('A', 'x\ny')));
  });

  test('whatever text is given, the file has one line for each knob or none is written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.string()), (value, list) => {
        const entries = settings({ COLLECTOR_NAME: value, ALLOW_READ: list });
        if (problemsOf(() => text(...entries)).length > 0) return;
        expect(text(...entries).split(/\r\n|\n|\r/)).toHaveLength(4);
      }),
    );
  });

  test('a quoted text is one string of a ClassAd', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (value) => {
        expect(JSON.parse(quoted(value))).toBe(value);
      }),
    );
  });
});

describe('the table of knobs', () => {
  test('every knob has a meaning in one sentence or more, and a source', () => {
    for (const [name, { meaning, source, type }] of Object.entries(KNOBS)) {
      expect([name, /^[A-Z].*\.$/.test(meaning)]).toEqual([name, true]);
      expect([name, /^(?:configuration\/[a-z_]+|src\/.+)$/.test(source)]).toEqual([name, true]);
      expect([name, typeof type]).toEqual([name, 'string']);
    }
  });

  test('names are unique whatever their case, as HTCondor reads them', () => {
    const names = Object.keys(KNOBS).map((name) => name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
  });

  test('no knob that the library writes was removed', () => {
    expect(Object.keys(KNOBS).filter((name) => removedKnob(name))).toEqual([]);
  });

  test('knobs that were removed name their successor', () => {
    const found = (name: string) => removedKnob(name)?.successor;
    expect(found('HOSTALLOW_READ')).toContain('ALLOW_*');
    expect(found('hostallow_write')).toContain('ALLOW_*');
    expect(found('GSI_DAEMON_NAME')).toContain('scitokens');
    expect(found('GRIDMAP')).toContain('scitokens');
    expect(found('FLOCK_FROM')).toContain('flocksTo');
    expect(found('SEC_TOKEN_BLACKLIST_EXPR')).toBe('SEC_TOKEN_REVOCATION_EXPR');
    expect(found('ALLOW_READ')).toBeUndefined();
    for (const { since, successor } of REMOVED_KNOBS) expect([since, successor].every((one) => one.length > 0)).toBe(true);
  });
});
