import { type EnvValue, envVar, type ServiceChart } from '../../kubernetes';
import type { SecretKey } from '../../site';
import { hubVariable } from './messages';

/** Environment variables in the format of KubeSpawner: a literal value, or a reference to a Secret. */
export type Variables = Readonly<Record<string, string | { readonly valueFrom: object } | null>>;

/** Environment variables of an operator. Reports INVALID_HUB_VARIABLE; Secrets are registered as required. */
export function environmentVariables(chart: ServiceChart, path: string, given: Readonly<Record<string, string | SecretKey>>): Variables {
  for (const name of Object.keys(given)) {
    if (!/^(?!JUPYTERHUB_)[A-Za-z_][A-Za-z0-9_]*$/.test(name)) chart.problems.add(path, hubVariable(name));
  }
  chart.checkVariables(given, 'notebooks');
  return environmentOf(given);
}

/** Converts variables to the format of KubeSpawner. */
export function environmentOf(given: Readonly<Record<string, EnvValue>>): Variables {
  return Object.fromEntries(
    Object.entries(given).map(([name, given_]) => {
      const { value = '', valueFrom } = envVar('', given_);
      return [name, valueFrom ? { valueFrom } : value];
    }),
  );
}
