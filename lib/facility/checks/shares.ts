import { Problems } from '../../errors';
import type { Built } from '../../kubernetes';
import { wholeUnits } from '../../site';
import { deviceSupply, oversubscribedDevices } from '../devices';
import { sharesExceedDevices } from '../messages';
import { runtimeGroups } from '../pods';

const REQUESTS = 'requests.';

/**
 * Warns if the nodes have fewer GPUs than the shares of users (quotas with a scope selector) and the requests of services, e.g. with a second
 * hub.
 */
export function checkShares(built: Built, problems: Problems): void {
  const shares = new Map<string, number>();
  for (const { object, path } of built.objects) {
    if (object.kind !== 'ResourceQuota' || !object.spec?.scopeSelector) continue;
    for (const [name, most] of Object.entries(object.spec.hard ?? {})) {
      const device = name.startsWith(REQUESTS) && name.includes('/') ? name.slice(REQUESTS.length) : undefined;
      const count = device ? new Problems().attempt(path, () => Number(wholeUnits(most))) : undefined;
      if (device && count !== undefined) shares.set(device, (shares.get(device) ?? 0) + count);
    }
  }
  const oversubscribed = oversubscribedDevices(runtimeGroups(built));
  for (const [device, count] of shares) {
    const { available, reserved } = deviceSupply(built, device);
    if (count + reserved > available && !oversubscribed.has(device))
      problems.add(built.site.name, sharesExceedDevices(device, count, reserved, available));
  }
}
