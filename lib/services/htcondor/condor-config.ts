import { failure } from '../../errors';
import { KNOBS, type KnobName, type KnobTypes, type TemplateName } from './knobs';
import { condorValue } from './messages';

/** Text that a daemon evaluates: a ClassAd expression or arithmetic. */
export interface Expression {
  readonly kind: 'expression';
  readonly text: string;
}

/** Several lines that are one value. */
export interface Block {
  readonly kind: 'block';
  readonly lines: readonly string[];
}

/** Marks a text as a ClassAd expression. */
export function expression(text: string): Expression {
  return { kind: 'expression', text };
}

/** Marks lines as one value, written between `@=end` and `@end`. */
export function block(...lines: readonly string[]): Block {
  return { kind: 'block', lines };
}

type ValueOf<K extends KnobName> = KnobTypes[(typeof KNOBS)[K]['type']] | ((typeof KNOBS)[K]['type'] extends 'block' ? Block : Expression);

/** Knobs that stand for a family: `GROUP_QUOTA_DYNAMIC_NAME` is written `GROUP_QUOTA_DYNAMIC_cms`. */
type Family = Extract<KnobName, `${string}_NAME`> &
  ('GROUP_QUOTA_DYNAMIC_NAME' | 'GROUP_ACCEPT_SURPLUS_NAME' | 'JOB_TRANSFORM_NAME' | 'CLASSAD_USER_MAPDATA_NAME');

type Value = string | number | boolean | readonly string[] | Expression | Block;

/** One line of a configuration file, before it is text. */
export type Entry =
  | { readonly knob: string; readonly value: Value; readonly type: keyof KnobTypes }
  | { readonly use: TemplateName }
  | { readonly attribute: string; readonly value: string | number | boolean | Expression };

/** Values by knob, as the daemon reads them. */
export type Settings = { readonly [K in Exclude<KnobName, Family>]?: ValueOf<K> | undefined };

/** Entries of several knobs; those without a value are left out. */
export function settings(values: Settings): readonly Entry[] {
  return Object.entries(values).flatMap(([knob, value]) =>
    value === undefined ? [] : [{ knob, value: value as Value, type: KNOBS[knob as KnobName].type }],
  );
}

/** One knob of a family, e.g. `member('GROUP_QUOTA_DYNAMIC_NAME', 'cms', 0.4)`. */
export function member<K extends Family>(family: K, name: string, value: ValueOf<K>): Entry {
  return { knob: family.replace(/NAME$/, name), value: value as Value, type: KNOBS[family].type };
}

/** A template: `use CATEGORY:NAME`. */
export function use(template: TemplateName): Entry {
  return { use: template };
}

/** An attribute that a daemon advertises, as a value of its configuration. */
export function attribute(name: string, value: string | number | boolean | Expression): Entry {
  return { attribute: name, value };
}

/**
 * The text of one configuration file.
 *
 * @param purpose first line, a comment
 * @throws INVALID_CONDOR_VALUE for values that would change the meaning of the next line
 */
export function configText(purpose: string, entries: readonly Entry[]): string {
  return `${[`# ${purpose}`, ...entries.map(entryText)].join('\n')}\n`;
}

function entryText(entry: Entry): string {
  if ('use' in entry) return `use ${entry.use}`;
  if ('attribute' in entry) return `${entry.attribute} = ${attributeText(entry.attribute, entry.value)}`;
  const { knob, value } = entry;
  if (typeof value === 'object' && 'kind' in value) {
    if (value.kind === 'expression') return `${knob} = ${oneLine(knob, value.text)}`;
    return [`${knob} @=end`, ...value.lines.map((line) => `  ${blockLine(knob, line)}`), '@end'].join('\n');
  }
  return `${knob} = ${valueText(knob, value)}`.trimEnd();
}

function valueText(knob: string, value: string | number | boolean | readonly string[]): string {
  if (Array.isArray(value)) return value.map((one: string) => listEntry(knob, one)).join(', ');
  // What could not be read is reported elsewhere, and nothing is written then.
  return oneLine(knob, String(value));
}

/** A string of a ClassAd is quoted. @see https://htcondor.readthedocs.io/en/25.0/classads/classad-mechanism.html */
function attributeText(name: string, value: string | number | boolean | Expression): string {
  if (typeof value === 'object') return oneLine(name, value.text);
  return typeof value === 'string' ? quoted(oneLine(name, value)) : String(value);
}

/** A text as a string of a ClassAd expression. */
export function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** A line break would begin another knob; a backslash at the end would join the next line. */
function oneLine(knob: string, text: string): string {
  if (/[\r\n]|\\$/.test(text)) throw failure(condorValue(knob, text, 'one line that does not end with a backslash'));
  return text;
}

/** A comma or a blank would make two entries of one. */
function listEntry(knob: string, text: string): string {
  if (!/^\S+$/.test(text) || text.includes(',')) throw failure(condorValue(knob, text, 'an entry without blanks and commas'));
  return text;
}

function blockLine(knob: string, text: string): string {
  if (/[\r\n]/.test(text) || /^\s*@end/.test(text)) throw failure(condorValue(knob, text, 'lines other than @end'));
  return text;
}
