/** Mistakes put into the manifests on purpose, to see that the suite notices: `npm run e2e -- minio --broken parity`. */
import type { Described } from './objects';

/** Manifests are open data. */
type Any = any;

const DAMAGES = {
  /** Less parity than the summary reckons with: what two of four servers keep cannot be read. */
  parity: (described: Described) =>
    containers(described, (container) => ({
      ...container,
      env: [...container.env, { name: 'MINIO_STORAGE_CLASS_STANDARD', value: 'EC:1' }],
    })),
  /** The policy of the users of napoli allows less than it should. */
  policy: (described: Described): Described => ({
    ...described,
    files: Object.fromEntries(Object.entries(described.files).map(([name, text]) => [name, text.replace('"s3:PutObject",', '')])),
  }),
  /** The servers listen elsewhere than container, probes and Service say. */
  port: (described: Described) =>
    containers(described, (container) => ({
      ...container,
      args: container.args.map((one: string) => (one === ':9000' ? ':9009' : one)),
    })),
} as const;

export type Damage = keyof typeof DAMAGES;

export const damages = Object.keys(DAMAGES);

export function isDamage(name: string): name is Damage {
  return name in DAMAGES;
}

export function damaged(described: Described, damage: Damage): Described {
  return DAMAGES[damage](structuredClone(described));
}

function containers(described: Described, change: (container: Any) => Any): Described {
  for (const { spec } of described.sets) spec.template.spec.containers = spec.template.spec.containers.map(change);
  return described;
}
