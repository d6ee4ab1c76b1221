import type { SecretOrigin } from '../site';
import type { ServiceChart } from './service-chart';

/** Key of a Secret with logins to registries. @see https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets */
const KEY = '.dockerconfigjson';

const ORIGIN: SecretOrigin = {
  kind: 'operator',
  what: 'logins to the registries, as `docker login` or `podman login` writes them to config.json or auth.json',
};

/**
 * The part of a ServiceAccount by which its pods pull images; Kubernetes copies it into each pod, also into those that a daemon makes. Empty where
 * the site has no such Secrets.
 *
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#add-imagepullsecrets-to-a-service-account
 */
export function pullSecrets(chart: ServiceChart): { readonly imagePullSecrets?: readonly { readonly name: string }[] } {
  const { imagePullSecrets = [] } = chart.site;
  if (imagePullSecrets.length === 0) return {};
  for (const name of imagePullSecrets) chart.needs({ name, key: KEY }, ORIGIN);
  return { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) };
}
