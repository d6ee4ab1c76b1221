import { propsSchema } from '../../errors';
import { describeService, type PodSecurity, type ServiceDescription } from '../../kubernetes';
import type { HTCondorPoolProps } from './props';
import document from './schema.json';
import { condorToken } from './token-command';
import { accountsOf } from './users';

const IMAGES = {
  /** All daemons; the project has no image for Kubernetes. @see https://hub.docker.com/r/htcondor/execute */
  htcondor: 'docker.io/htcondor/execute:25.0.13-el9',
} as const;

declare module '../../site/images' {
  interface ImageTable extends Record<keyof typeof IMAGES, string> {}
}

/** An HTCondor pool. */
export const htcondor = describeService({
  name: 'htcondor',
  schema: propsSchema(document, 'HTCondorPoolProps'),
  images: IMAGES,
  commands: [condorToken],
});

/** The description of one pool: what its pods may do depends on where they run and whose jobs they run. */
export function describedPool(props: HTCondorPoolProps): ServiceDescription {
  return { ...htcondor, podSecurity: podSecurityOf(props) };
}

/** The strictest level that admits all pods of the pool. @see https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
export function podSecurityOf({ manager, accessPoints = {}, execute = {} }: Partial<HTCondorPoolProps>): PodSecurity {
  const places = [manager, ...Object.values(accessPoints)].map((one) => one?.addressing?.kind);
  const nodes = Object.values(execute);
  if (places.includes('host-network') || nodes.some(({ containers }) => containers === 'apptainer')) return 'privileged';
  const root =
    nodes.some(({ isolation }) => isolation !== 'pod') || Object.values(accessPoints).some(({ users }) => accountsOf(users).user === 0);
  return root ? 'baseline' : 'restricted';
}
