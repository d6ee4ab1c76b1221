import type { Problems } from '../../errors';
import type { Built } from '../built';
import { checkImages, checkPodSecurity, checkSecrets } from './admission';
import { checkCapacity } from './capacity';
import { checkCards } from './cards';
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
    ...[checkSecrets, checkPodSecurity, checkImages, checkCapacity, checkShares, checkRoom, checkCards],
  ])
    check(built, problems);
}
