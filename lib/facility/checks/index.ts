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
import { checkQuantities } from './quantities';
import { checkRuntimeCapacity } from './runtime-capacity';
import { checkSharedVolumes } from './shared-volumes';
import { checkShares } from './shares';

/** Runs all checks of the rendered facility. */
export function checkAll(built: Built, problems: Problems): void {
  for (const check of [
    ...[checkNames, checkHosts, checkSelectors, checkStorage, checkReferences, checkHostPorts, checkDevices, checkTokens, checkQuantities],
    ...[checkSecrets, checkPodSecurity, checkImages, checkImageNames, checkCapacity, checkShares, checkRuntimeCapacity, checkSharedVolumes],
  ])
    check(built, problems);
}
