import { Yaml } from 'cdk8s';
import { yamlWriter } from '../cluster';

const write = yamlWriter((document) => Yaml.stringify(document));

/** Manifests as text, byte for byte as `Yaml.stringify` of cdk8s writes them. */
export function manifestYaml(objects: readonly object[]): string {
  return objects.map(write).join('---\n');
}
