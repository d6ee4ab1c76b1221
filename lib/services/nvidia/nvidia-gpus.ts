import type { Construct } from 'constructs';
import { ServiceChart } from '../../kubernetes';
import { Claims } from './claims';
import { nvidia } from './description';
import { measured } from './measured';
import { nvidiaTwice } from './messages';
import { OperatedCards } from './operated-cards';
import { PlainCards } from './plain-cards';
import { nvidiaPools } from './pools';
import type { NvidiaGpusProps } from './props';
import { promiseCards } from './summary-note';
import { nvidiaLaws } from './validation';

/** The software that makes the cards of the site's pools what the pools say they are. */
export class NvidiaGpus extends ServiceChart {
  /** The operator makes pods in its namespace of which nobody else knows the size. */
  override readonly unlimited: boolean;

  constructor(scope: Construct, id: string, props: NvidiaGpusProps = {}) {
    super(scope, id, { ...props, namespace: props.namespace ?? (props.by === 'plain' ? id : 'gpu-operator') }, nvidia);
    this.unlimited = props.by !== 'plain';
    const pools = nvidiaPools(this.site);
    // To cdk8s, every chart is an instance of every other.
    const other = this.node.root.node.findAll().find((it): boolean => it !== this && it.constructor === NvidiaGpus);
    if (other) this.problems.add(this.path(), nvidiaTwice(other.node.path));
    nvidiaLaws(this.path(), this.site, pools, props, this.problems);
    if (pools.length === 0) return;

    const { metrics, claims } = props;
    const metering = metrics && this.problems.attempt(`${this.path()}/metrics`, () => measured(metrics, claims !== undefined));
    if (props.by === 'plain') new PlainCards(this, pools, props, metering);
    else new OperatedCards(this, pools, props, metering);
    if (claims) new Claims(this, pools, claims);
    promiseCards(this, pools, props);
  }
}
