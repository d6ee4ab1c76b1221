import { failure } from '../errors';
import { selectorInvalid } from './messages';

type Labels = Readonly<Record<string, string>>;

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** A label selector, as objects of Kubernetes name pods by it. */
export interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly Requirement[];
}

/**
 * Whether labels match a selector: no selector matches nothing, an empty one everything.
 *
 * @throws INVALID_SELECTOR
 * @see https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/helpers.go (LabelSelectorAsSelector)
 */
export function matchesSelector(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (!selector) return false;
  const named = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => own(labels, key) === value);
  const expressions = (selector.matchExpressions ?? []).map((one) => meets(one, own(labels, one.key), LABEL_OPERATORS));
  return named && expressions.every(Boolean);
}

const LABEL_OPERATORS: readonly string[] = ['In', 'NotIn', 'Exists', 'DoesNotExist'];
const NODE_OPERATORS: readonly string[] = [...LABEL_OPERATORS, 'Gt', 'Lt'];

/** Affinity to nodes as a pod says it. */
export interface NodeSelectorTerm {
  readonly matchExpressions?: readonly Requirement[];
  readonly matchFields?: readonly Requirement[];
}

/**
 * Whether a node matches a term: both parts must, and a term without either matches no node.
 *
 * @throws INVALID_SELECTOR
 * @see https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go
 */
export function matchesNodeTerm(term: NodeSelectorTerm, name: string, labels: Labels): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length + matchFields.length === 0) return false;
  const byLabel = matchExpressions.map((one) => meets(one, own(labels, one.key), NODE_OPERATORS));
  const byField = matchFields.map((one) => {
    const fine = one.key === 'metadata.name' && ['In', 'NotIn'].includes(one.operator) && one.values?.length === 1;
    if (!fine) throw failure(selectorInvalid(JSON.stringify(one), 'metadata.name with In or NotIn and one value'));
    return meets(one, name, LABEL_OPERATORS);
  });
  return [...byLabel, ...byField].every(Boolean);
}

/** A label that is there, and not what every object has. */
function own(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

function meets(requirement: Requirement, label: string | undefined, operators: readonly string[]): boolean {
  const { operator, values = [] } = requirement;
  const text = JSON.stringify(requirement);
  if (!operators.includes(operator)) throw failure(selectorInvalid(text, `one of the operators ${operators.join(', ')}`));
  const wanted = ['In', 'NotIn'].includes(operator) ? values.length > 0 : values.length === (['Gt', 'Lt'].includes(operator) ? 1 : 0);
  if (!wanted)
    throw failure(selectorInvalid(text, 'In and NotIn with values, Gt and Lt with one whole number, Exists and DoesNotExist with none'));
  switch (operator) {
    case 'In':
      return label !== undefined && values.includes(label);
    case 'NotIn':
      return label === undefined || !values.includes(label);
    case 'Exists':
      return label !== undefined;
    case 'DoesNotExist':
      return label === undefined;
    default:
      return compared(label, values[0] ?? '', operator, text);
  }
}

const WHOLE = /^[+-]?\d+$/;

/** A label that is no number is neither greater nor less. */
function compared(label: string | undefined, bound: string, operator: string, text: string): boolean {
  if (!WHOLE.test(bound)) throw failure(selectorInvalid(text, 'Gt and Lt with one whole number'));
  if (label === undefined || !WHOLE.test(label)) return false;
  const [given, than] = [BigInt(label.replace('+', '')), BigInt(bound.replace('+', ''))];
  return operator === 'Gt' ? given > than : given < than;
}
