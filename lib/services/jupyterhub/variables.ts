import { envVar, type ServiceChart } from '../../kubernetes';
import type { SecretKey } from '../../site';
import { hubVariable } from './messages';

/** Environment variables as KubeSpawner takes them: a text, or where the value is found. */
export type Variables = Readonly<Record<string, string | { readonly valueFrom: object } | null>>;

/** Variables that an operator gives; those from a Secret must be put there by somebody who has them. */
export function environmentVariables(chart: ServiceChart, path: string, given: Readonly<Record<string, string | SecretKey>>): Variables {
  for (const name of Object.keys(given)) {
    if (!/^(?!JUPYTERHUB_)[A-Za-z_][A-Za-z0-9_]*$/.test(name)) chart.problems.add(path, hubVariable(name));
  }
  chart.checkVariables(given, 'notebooks');
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, variable(value)]));
}

/** One of them, from a text or a key of a Secret. */
export function variable(value: string | SecretKey): string | { readonly valueFrom: object } {
  const { value: text, valueFrom } = envVar('', value);
  return valueFrom ? { valueFrom } : (text ?? '');
}
