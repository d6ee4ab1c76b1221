import { readFileSync } from 'node:fs';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import { parseDocument } from 'yaml';
import { type Finding, shown } from './finding';

export interface ClusterCheck {
  readonly findings: readonly Finding[];
  readonly nodes: number;
}

export function readClusterSchema(file: string): ValidateFunction {
  return new Ajv2020({ allErrors: true, verbose: true }).compile(JSON.parse(readFileSync(file, 'utf8')));
}

/** Validates a cluster.yml against the structure into which RKE decodes it. */
export function checkCluster(text: string, validate: ValidateFunction): ClusterCheck {
  // RKE reads YAML 1.1, where an unquoted `on` is a boolean and 0755 is octal.
  const document = parseDocument(text, { version: '1.1' });
  if (document.errors.length > 0) {
    const findings = document.errors.map(({ message }): Finding => ({ code: 'cluster-yaml', path: '/', message }));
    return { findings, nodes: 0 };
  }
  const cluster: unknown = document.toJS();
  validate(cluster);
  const findings = (validate.errors ?? []).map(({ instancePath, message, params, data }): Finding => {
    const given = params.additionalProperty ?? data;
    return { code: 'cluster-schema', path: instancePath || '/', message: `${message} (given: ${shown(given)})` };
  });
  const nodes = (cluster as { nodes?: unknown } | null)?.nodes;
  const count = Array.isArray(nodes) ? nodes.length : 0;
  if (count === 0) findings.push({ code: 'cluster-node-count', path: '/nodes', message: 'a cluster needs at least one node' });
  return { findings, nodes: count };
}
