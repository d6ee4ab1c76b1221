import type { ServiceChart } from '../../kubernetes';
import type { Contents } from './contents-props';
import { checkBuckets, checkLists, checkLogin, checkNames, checkReferences } from './contents-validation';

import type { MinIOProps } from './props';

/** Contents of the store with defaults applied. Findings are recorded. `usable` is the usable capacity of the store, in bytes. */
export function contentsOf(chart: ServiceChart, props: MinIOProps, usable: number): Contents {
  const contents: Contents = {
    buckets: props.buckets ?? [{ name: 'scratch' }],
    users: props.users ?? [{ name: 'analysis' }],
    policies: props.policies ?? [],
  };
  checkBuckets(chart, contents.buckets, usable);
  checkNames(chart, contents);
  checkReferences(chart, contents);
  checkLists(chart, contents);
  checkLogin(chart, props, contents.policies);
  return contents;
}
