import type { Problems } from '../../errors';
import type { Built } from '../../kubernetes';
import { wholeUnits } from '../../site';
import { stockOf, waitedFor } from '../devices';
import { sharesExceedDevices } from '../messages';
import { runtimeGroups } from '../pods';

const REQUESTS = 'requests.';

/**
 * Quotas of a part of a namespace's pods are what their users count on. A service that keeps cards for itself, or a second hub, may leave
 * less than that.
 */
export function checkShares(built: Built, problems: Problems): void {
  const promised = new Map<string, number>();
  for (const { object, path } of built.objects) {
    if (object.kind !== 'ResourceQuota' || !object.spec?.scopeSelector) continue;
    for (const [name, most] of Object.entries(object.spec.hard ?? {})) {
      const device = name.startsWith(REQUESTS) && name.includes('/') ? name.slice(REQUESTS.length) : undefined;
      const count = device ? problems.attempt(path, () => Number(wholeUnits(most))) : undefined;
      if (device && count !== undefined) promised.set(device, (promised.get(device) ?? 0) + count);
    }
  }
  const waiting = waitedFor(runtimeGroups(built));
  for (const [device, count] of promised) {
    const { there, kept } = stockOf(built, device);
    if (count + kept > there && !waiting.has(device)) problems.add(built.site.name, sharesExceedDevices(device, count, kept, there));
  }
}
