import type { SecretOrigin } from '../site';
import type { ServiceChart } from './service-chart';

/** Key of a Secret with credentials of registries. @see https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets */
const KEY = '.dockerconfigjson';

const ORIGIN: SecretOrigin = {
  kind: 'operator',
  what: 'credentials of the registries, as `docker login` or `podman login` writes them to config.json or auth.json',
};

/**
 * Field of a ServiceAccount with the pull secrets of its pods. Kubernetes copies it to each pod, also to pods that a daemon creates. Empty if
 * the site has no pull secrets.
 *
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#add-imagepullsecrets-to-a-service-account
 */
export function pullSecrets(chart: ServiceChart): { readonly imagePullSecrets?: readonly { readonly name: string }[] } {
  const { imagePullSecrets = [] } = chart.site;
  if (imagePullSecrets.length === 0) return {};
  for (const name of imagePullSecrets) chart.needs({ name, key: KEY }, ORIGIN);
  return { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) };
}
