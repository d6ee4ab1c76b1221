import { failure } from '../errors';
import { selectorInvalid } from './messages';

type Labels = Readonly<Record<string, string>>;

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** A Kubernetes label selector. */
export interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly Requirement[];
}

/**
 * Whether labels match a selector. An undefined selector matches nothing, an empty one everything.
 *
 * @throws INVALID_SELECTOR
 * @see https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/helpers.go (LabelSelectorAsSelector)
 */
export function matchesSelector(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (!selector) return false;
  const byLabels = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labelOf(labels, key) === value);
  const byExpressions = (selector.matchExpressions ?? []).map((requirement) =>
    matches(requirement, labelOf(labels, requirement.key), LABEL_OPERATORS),
  );
  return byLabels && byExpressions.every(Boolean);
}

const LABEL_OPERATORS: readonly string[] = ['In', 'NotIn', 'Exists', 'DoesNotExist'];
const NODE_OPERATORS: readonly string[] = [...LABEL_OPERATORS, 'Gt', 'Lt'];

/** A term of a node affinity. */
export interface NodeSelectorTerm {
  readonly matchExpressions?: readonly Requirement[];
  readonly matchFields?: readonly Requirement[];
}

/**
 * Whether a node matches all requirements of a term. An empty term matches no node.
 *
 * @throws INVALID_SELECTOR
 * @see https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go
 */
export function matchesNodeTerm(term: NodeSelectorTerm, name: string, labels: Labels): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length + matchFields.length === 0) return false;
  const byLabel = matchExpressions.map((requirement) => matches(requirement, labelOf(labels, requirement.key), NODE_OPERATORS));
  const byField = matchFields.map((requirement) => {
    const { key, operator, values } = requirement;
    const valid = key === 'metadata.name' && ['In', 'NotIn'].includes(operator) && values?.length === 1;
    if (!valid) throw failure(selectorInvalid(JSON.stringify(requirement), 'metadata.name with In or NotIn and one value'));
    return matches(requirement, name, LABEL_OPERATORS);
  });
  return [...byLabel, ...byField].every(Boolean);
}

/** Value of a label, without inherited properties of the object. */
function labelOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

function matches(requirement: Requirement, label: string | undefined, operators: readonly string[]): boolean {
  const { operator, values = [] } = requirement;
  const text = JSON.stringify(requirement);
  if (!operators.includes(operator)) throw failure(selectorInvalid(text, `one of the operators ${operators.join(', ')}`));
  const validCount = ['In', 'NotIn'].includes(operator) ? values.length > 0 : values.length === (['Gt', 'Lt'].includes(operator) ? 1 : 0);
  if (!validCount)
    throw failure(selectorInvalid(text, 'In and NotIn with values, Gt and Lt with one integer, Exists and DoesNotExist without values'));
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
      return compare(label, values[0] ?? '', operator, text);
  }
}

const INTEGER = /^[+-]?\d+$/;

/** Compares with Gt or Lt; false if the label is not an integer. */
function compare(label: string | undefined, bound: string, operator: string, text: string): boolean {
  if (!INTEGER.test(bound)) throw failure(selectorInvalid(text, 'Gt and Lt with one integer'));
  if (label === undefined || !INTEGER.test(label)) return false;
  const [given, than] = [BigInt(label.replace('+', '')), BigInt(bound.replace('+', ''))];
  return operator === 'Gt' ? given > than : given < than;
}
