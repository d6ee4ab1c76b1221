import type { ClaimSpec, RuntimePodSpec } from '../../kubernetes';
import { withoutUndefined } from '../../kubernetes';
import type { NotebookSettings } from './notebooks';
import type { Override } from './override';
import type { Profile, Question } from './profiles';
import type { Server } from './servers';

type Fields = Readonly<Record<string, unknown>>;

/** The volume of the home, and the claim that KubeSpawner makes for each server. */
const HOME_VOLUME = 'home';
const HOME_CLAIM = 'claim-{user_server}';

/** What KubeSpawner makes of the settings that the hub is given: the pod of one kind of server. */
export interface ServerPod {
  readonly spec: RuntimePodSpec;
  /** Claims that are made with each pod. */
  readonly claims: Readonly<Record<string, ClaimSpec>>;
}

/**
 * The pod of a server, from the very settings that are written for the hub: those of all servers, then of its environment, its size and its
 * answers, each merged into what was before.
 *
 * @see https://github.com/jupyterhub/kubespawner/blob/main/kubespawner/objects.py (make_pod)
 */
export function serverPod(settings: NotebookSettings, profile: Profile | undefined, { size, chosen }: Server): ServerPod {
  const options: Readonly<Record<string, Question>> = profile?.profile_options ?? {};
  const overrides = [
    profile?.kubespawner_override,
    profile?.profile_options.size.choices[size.name]?.kubespawner_override,
    ...chosen.map(({ option, answer }) => options[option]?.choices[answer]?.kubespawner_override),
  ];
  const made = overrides.reduce<Fields>(
    (before, one) => merged(before, (one ?? {}) as Fields),
    merged({}, settings.base as Fields),
  ) as Override;
  const { home } = settings;
  const own = home && 'storageClass' in home;
  const homeVolume = home && { name: HOME_VOLUME, persistentVolumeClaim: { claimName: own ? HOME_CLAIM : home.claim } };
  return {
    spec: withoutUndefined({
      containers: [
        {
          name: 'notebook',
          image: made.image,
          ports: [{ name: 'notebook-port', containerPort: settings.port }],
          resources: {
            requests: amounts(made.cpu_guarantee, made.mem_guarantee, made.extra_resource_guarantees),
            limits: amounts(made.cpu_limit, made.mem_limit, made.extra_resource_limits),
          },
        },
      ],
      nodeSelector: some(made.node_selector as Readonly<Record<string, string>> | undefined),
      affinity: affinityOf(Object.values(made.node_affinity_required ?? {})),
      tolerations: Object.values(made.tolerations ?? {}).map((one) => withoutNull(one as Fields)),
      volumes: [...Object.values(made.volumes ?? {}), ...(homeVolume ? [homeVolume] : [])],
      priorityClassName: made.priority_class_name ?? (settings.priorityClass || undefined),
    }) as RuntimePodSpec,
    claims: own ? { [HOME_CLAIM]: { storageClassName: home.storageClass || undefined, accessModes: home.accessModes } } : {},
  };
}

/** As KubeSpawner merges settings: what is given by name goes into what is there, and null takes away. */
function merged(before: Fields, override: Fields): Fields {
  const result: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(override)) {
    if (value === null) delete result[name];
    else result[name] = isFields(value) ? merged(isFields(result[name]) ? result[name] : {}, value) : value;
  }
  return result;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutNull(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

function amounts(cpu: number | undefined, memory: number | undefined, further: Override['extra_resource_limits'] = {}): Fields {
  return withoutUndefined({ cpu, memory, ...withoutNull(further) });
}

function some<T extends object>(fields: T | undefined): T | undefined {
  return fields && Object.keys(fields).length > 0 ? fields : undefined;
}

function affinityOf(nodeSelectorTerms: readonly unknown[]): object | undefined {
  return nodeSelectorTerms.length === 0
    ? undefined
    : { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } };
}
