import { failure, nearest } from '../../errors';
import type { Memory } from '../quantity';
import { GEOMETRIES, type Geometry, type Shape } from './geometry';
import { gpuCountInvalid, gpuModelUnknown, gpuProfileDuplicate, gpuProfileUnknown } from './messages';
import { GPU_MODELS, type GpuModel, type GpuModelSpec, type Layout, type Profile } from './models';

/** Attribute of a profile: media engines (`+me`), all media engines (`+me.all`), graphics (`+gfx`), no media engines (`-me`). */
export type Attribute = '+me' | '+me.all' | '+gfx' | '-me';

/** Properties of a MIG profile of a GPU model. */
export interface ProfileFacts<C extends GpuModel = GpuModel> {
  readonly model: C;
  /** Name as requested; it is used in all files and resource names. */
  readonly name: Profile<C>;
  /** Name in the table; it differs from `name` if the name of another driver version was requested. */
  readonly listed: Profile<C>;
  /** Names in all driver versions. */
  readonly names: readonly Profile<C>[];
  readonly attribute?: Attribute;
  readonly compute: number;
  /** Memory units; undefined if not published. */
  readonly memoryUnits?: number;
  /** Valid start units; undefined if not published. */
  readonly starts?: readonly number[];
  /** Maximum number of instances per GPU. */
  readonly max: number;
  readonly memory?: Memory;
  readonly sm?: number;
}

/** @throws UNKNOWN_GPU_MODEL */
export function gpuModelSpec(model: GpuModel): GpuModelSpec {
  if (!Object.hasOwn(GPU_MODELS, model)) throw failure(gpuModelUnknown(model, Object.keys(GPU_MODELS)));
  return GPU_MODELS[model];
}

/** MIG geometry of a GPU model; undefined if its profiles are not published. */
export function geometryOf(model: GpuModel): Geometry | undefined {
  const { geometry } = gpuModelSpec(model);
  return geometry && GEOMETRIES[geometry];
}

/** Profiles of a GPU model, without the names of other driver versions. */
export function profilesOf<C extends GpuModel>(model: C): readonly Profile<C>[] {
  return Object.keys(gpuModelSpec(model).profiles) as Profile<C>[];
}

const cache = new Map<string, ProfileFacts>();

/** @throws UNKNOWN_GPU_MODEL, UNKNOWN_GPU_PROFILE */
export function profileFacts<C extends GpuModel>(model: C, name: Profile<C>): ProfileFacts<C> {
  const key = `${model}/${name}`;
  const facts = cache.get(key) ?? lookUp(model, name);
  cache.set(key, facts as ProfileFacts);
  return facts as ProfileFacts<C>;
}

function lookUp<C extends GpuModel>(model: C, name: Profile<C>): ProfileFacts<C> {
  const row = gpuModelSpec(model);
  const others: Readonly<Record<string, string>> = row.driverNames ?? {};
  const listed = (Object.hasOwn(others, name) ? others[name] : name) as Profile<C>;
  const profile = Object.hasOwn(row.profiles, listed) ? row.profiles[listed] : undefined;
  const shapes: Readonly<Record<string, Shape>> = geometryOf(model)?.shapes ?? {};
  const shape = profile && shapes[profile.shape];
  if (!profile || !shape) throw failure(gpuProfileUnknown(model, name, [...profilesOf(model), ...Object.keys(others)], hint(model, name)));
  const attribute = attributeOf(listed);
  return {
    model,
    name,
    listed,
    names: [listed, ...Object.keys(others).filter((other) => others[other] === listed)] as Profile<C>[],
    attribute,
    compute: shape.compute,
    memoryUnits: shape.units,
    starts: shape.starts,
    max: attribute === '+me' || attribute === '+me.all' ? 1 : shape.max,
    memory: profile.memory,
    sm: profile.sm,
  };
}

/** A profile of a layout with its count. */
export interface ProfileCount<C extends GpuModel = GpuModel> {
  readonly profile: ProfileFacts<C>;
  readonly count: number;
}

/** Profiles of a layout with their counts, in the order of the table. @throws UNKNOWN_GPU_MODEL, UNKNOWN_GPU_PROFILE, DUPLICATE_GPU_PROFILE, INVALID_GPU_COUNT */
export function readLayout<C extends GpuModel>(model: C, layout: Layout<C>): readonly ProfileCount<C>[] {
  const order = profilesOf(model);
  const requested = Object.entries<number | undefined>(layout).flatMap(([name, count]) =>
    count === undefined ? [] : [{ profile: profileFacts(model, name as Profile<C>), count }],
  );
  for (const { profile, count } of requested) {
    if (!Number.isInteger(count) || count < 1) throw failure(gpuCountInvalid(profile.name, count));
    const twin = requested.find((other) => other.profile.listed === profile.listed && other.profile.name !== profile.name);
    if (twin) throw failure(gpuProfileDuplicate(model, profile.name, twin.profile.name));
  }
  return requested.sort((a, b) => order.indexOf(a.profile.listed) - order.indexOf(b.profile.listed));
}

/** Formats a layout for messages: `1 × 3g.40gb + 2 × 1g.10gb`. */
export function layoutText(layout: Layout): string {
  const counts = Object.entries<number | undefined>(layout).filter(([, count]) => count);
  return counts.map(([name, count]) => `${count} × ${name}`).join(' + ') || 'nothing';
}

function attributeOf(profile: string): Attribute | undefined {
  return /gb(\+me\.all|\+me|\+gfx|-me)$/.exec(profile)?.[1] as Attribute | undefined;
}

/** Fix for a profile name that the GPU model does not have. */
function hint(model: GpuModel, given: unknown): string {
  const known: readonly string[] = profilesOf(model);
  const text = String(given).replace(/^(nvidia\.com\/)?mig-/, '');
  const keyed = text.replace(/gb\.(me|gfx)/, 'gb+$1');
  if (known.length === 0) return 'use wholeGpus(…)';
  if (known.includes(keyed)) return `write '${keyed}'`;
  if (/^\dc\./.test(text)) return 'write the profile of the GPU instance: compute instances are not available as Kubernetes resources';
  const elsewhere = (Object.keys(GPU_MODELS) as GpuModel[]).filter((other) => (profilesOf(other) as readonly string[]).includes(text));
  const slices = known.filter((name) => name.startsWith(`${text.split('.')[0]}.`) && !/gb[+-]/.test(name));
  const near = slices.length > 0 ? slices.join(' or ') : nearest(text, known);
  const suggestion = near ? `write ${near}` : 'use one of these profiles';
  return elsewhere.length > 0 ? `'${text}' is a profile of ${elsewhere.join(', ')}; ${suggestion}` : suggestion;
}
