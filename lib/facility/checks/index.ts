import type { Problems } from '../../errors';
import type { Built } from '../../kubernetes';
import { checkImageNames, checkImages, checkPodSecurity, checkSecrets } from './admission';
import { checkCapacity } from './capacity';
import {
  checkDevices,
  checkHostPorts,
  checkHosts,
  checkNames,
  checkReferences,
  checkSelectors,
  checkStorage,
  checkTokens,
} from './objects';
import { checkRoom } from './room';
import { checkShares } from './shares';

/** Every check that needs sight of the whole facility. */
export function checkAll(built: Built, problems: Problems): void {
  for (const check of [
    ...[checkNames, checkHosts, checkSelectors, checkStorage, checkReferences, checkHostPorts, checkDevices, checkTokens],
    ...[checkSecrets, checkPodSecurity, checkImages, checkImageNames, checkCapacity, checkShares, checkRoom],
  ])
    check(built, problems);
}
