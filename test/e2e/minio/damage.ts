/** Deliberate faults in the manifests, to verify that the suite detects them: `npm run e2e -- minio --broken parity`. */
import type { Described } from './objects';

/** Untyped manifests. */
type Any = any;

const DAMAGES = {
  /** Lower parity than in the summary: with two of four servers failed, objects cannot be read. */
  parity: (described: Described) =>
    containers(described, (container) => ({
      ...container,
      env: [...container.env, { name: 'MINIO_STORAGE_CLASS_STANDARD', value: 'EC:1' }],
    })),
  /** The policy of the users of napoli lacks a permission. */
  policy: (described: Described): Described => ({
    ...described,
    files: Object.fromEntries(Object.entries(described.files).map(([name, text]) => [name, text.replace('"s3:PutObject",', '')])),
  }),
  /** The servers listen on another port than in containerPort, probes and Service. */
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
