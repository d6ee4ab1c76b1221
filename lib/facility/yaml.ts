import { Yaml } from 'cdk8s';
import { yamlWriter } from '../cluster';

const write = yamlWriter((document) => Yaml.stringify(document));

/** Manifests as YAML, identical to the output of `Yaml.stringify` of cdk8s. */
export function manifestYaml(objects: readonly object[]): string {
  return objects.map(write).join('---\n');
}
