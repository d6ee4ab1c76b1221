import type { Construct } from 'constructs';
import { ServiceChart } from '../../kubernetes';
import { Claims } from './claims';
import { nvidia } from './description';
import { nvidiaDuplicate } from './messages';
import { metricsSettings } from './metrics';
import { OperatorGpus } from './operator-gpus';
import { PlainGpus } from './plain-gpus';
import { nvidiaPools } from './pools';
import type { NvidiaGpusProps } from './props';
import { noteRequirements } from './summary-note';
import { checkNvidia } from './validation';

/** NVIDIA's software for the GPUs of the site: partitions them as described in `gpus` of the pools, and offers them to pods. */
export class NvidiaGpus extends ServiceChart {
  /** No quota: the operator creates pods of unknown size in its namespace. */
  override readonly unlimited: boolean;

  constructor(scope: Construct, id: string, props: NvidiaGpusProps = {}) {
    super(scope, id, { ...props, namespace: props.namespace ?? (props.by === 'plain' ? id : 'gpu-operator') }, nvidia);
    this.unlimited = props.by !== 'plain';
    const pools = nvidiaPools(this.site);
    // Not `instanceof`: cdk8s overrides it, and it is true for every chart.
    const other = this.node.root.node.findAll().find((construct): boolean => construct !== this && construct.constructor === NvidiaGpus);
    if (other) this.problems.add(this.path(), nvidiaDuplicate(other.node.path));
    checkNvidia(this.path(), this.site, pools, props, this.problems);
    if (pools.length === 0) return;

    const { metrics, claims } = props;
    const settings = metrics && this.problems.attempt(`${this.path()}/metrics`, () => metricsSettings(metrics, claims !== undefined));
    if (props.by === 'plain') new PlainGpus(this, pools, props, settings);
    else new OperatorGpus(this, pools, props, settings);
    if (claims) new Claims(this, pools, claims);
    noteRequirements(this, pools, props);
  }
}
