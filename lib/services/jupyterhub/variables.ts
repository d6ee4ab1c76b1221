import { type EnvValue, envVar, type ServiceChart } from '../../kubernetes';
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
  return environmentOf(given);
}

/** Variables, each from a text or from a key of a Secret. */
export function environmentOf(given: Readonly<Record<string, EnvValue>>): Variables {
  return Object.fromEntries(
    Object.entries(given).map(([name, one]) => {
      const { value = '', valueFrom } = envVar('', one);
      return [name, valueFrom ? { valueFrom } : value];
    }),
  );
}
