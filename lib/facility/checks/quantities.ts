import type { Problems } from '../../errors';
import type { Built, BuiltObject, ClaimSpec, PodSpec } from '../../kubernetes';
import { isDevice } from '../../scheduling';
import { parseQuantity } from '../../site';
import { quantityTooSmall, requestExceedsLimit } from '../messages';
import { podTemplates } from '../pods';

/** One quantity of an object: where it stands, and the smallest value that the API server accepts. */
interface Quantity {
  readonly path: string;
  /** The same as part of the path of a finding. */
  readonly below: string;
  readonly value: unknown;
  /** Whether 0 is accepted. */
  readonly zero: boolean;
}

/** Checks quantities that are not requests of pods: sizes of claims and scratch volumes, quotas, LimitRanges; and requests above their limits. */
export function checkQuantities(built: Built, problems: Problems): void {
  // An invalid prop was reported with its path; it is `NaN` or `[object Object]` in the manifest and must not be reported again.
  const isReported = [problems, built.ledger.problems].some(({ all }) => all.length > 0) || built.site.problems.length > 0;
  const check = (path: string, quantities: readonly Quantity[]) => {
    for (const { path: at, below, value, zero } of quantities) {
      if (isReported && /^NaN|\[object/.test(String(value))) continue;
      const amount = problems.attempt(`${path}/${below}`, () => parseQuantity(value));
      if (amount !== undefined && (amount < 0n || (amount === 0n && !zero))) problems.add(path, quantityTooSmall(at, value));
    }
  };
  for (const { object, path } of built.objects) check(path, [...ofObject(object), ...claimTemplates(object)]);
  for (const { path, spec } of podTemplates(built)) {
    check(path, ofVolumes(spec));
    checkLimits(path, spec, problems);
  }
}

function ofObject({ kind, spec }: BuiltObject): readonly Quantity[] {
  switch (kind) {
    case 'PersistentVolumeClaim':
      return ofClaim(spec as ClaimSpec, 'spec');
    case 'ResourceQuota':
      return ofMap(spec?.hard, 'spec.hard');
    case 'LimitRange':
      return ((spec?.limits ?? []) as readonly Readonly<Record<string, unknown>>[]).flatMap((limit, index) =>
        ['max', 'min', 'default', 'defaultRequest'].flatMap((field) => ofMap(limit[field], `spec.limits.${index}.${field}`)),
      );
    default:
      return [];
  }
}

function claimTemplates({ spec }: BuiltObject): readonly Quantity[] {
  const templates = (spec?.volumeClaimTemplates ?? []) as readonly { readonly spec?: ClaimSpec }[];
  return templates.flatMap((template, index) => ofClaim(template.spec, `spec.volumeClaimTemplates.${index}.spec`));
}

function ofVolumes({ volumes = [] }: PodSpec): readonly Quantity[] {
  return volumes.flatMap(({ name, emptyDir, ephemeral }) => [
    ...(emptyDir?.sizeLimit === undefined ? [] : ofMap({ sizeLimit: emptyDir.sizeLimit }, `volume ${name}: emptyDir`)),
    ...ofClaim(ephemeral?.volumeClaimTemplate?.spec as ClaimSpec | undefined, `volume ${name}: spec`),
  ]);
}

function ofClaim(spec: ClaimSpec | undefined, path: string): readonly Quantity[] {
  const { resources } = (spec ?? {}) as { readonly resources?: { readonly requests?: unknown; readonly limits?: unknown } };
  return [
    ...ofMap(resources?.requests, `${path}.resources.requests`, false),
    ...ofMap(resources?.limits, `${path}.resources.limits`, false),
  ];
}

function ofMap(values: unknown, path: string, zero = true): readonly Quantity[] {
  if (typeof values !== 'object' || values === null) return [];
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  const above = path.replace(/^volume (.+): /, 'volumes/$1/').replaceAll('.', '/');
  return given.map(([name, value]) => ({ path: `${path}.${name}`, below: `${above}/${name}`, value, zero }));
}

/** A request above its limit is rejected by the API server; those of devices are compared by `checkDevices`. */
function checkLimits(path: string, spec: PodSpec, problems: Problems): void {
  for (const { name, resources } of [...(spec.initContainers ?? []), ...(spec.containers ?? [])])
    for (const [resource, asked] of Object.entries(resources?.requests ?? {})) {
      const limit = resources?.limits?.[resource];
      if (limit === undefined || isDevice(resource)) continue;
      const [request, most] = [asked, limit].map(readable);
      if (request !== undefined && most !== undefined && request > most)
        problems.add(path, requestExceedsLimit(name, resource, String(asked), String(limit)));
    }
}

/** Invalid quantities of containers are reported with the pods. */
function readable(quantity: unknown): bigint | undefined {
  try {
    return parseQuantity(quantity);
  } catch {
    return undefined;
  }
}
