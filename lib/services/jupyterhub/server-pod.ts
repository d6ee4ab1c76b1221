import type { ClaimSpec, RuntimePodSpec } from '../../kubernetes';
import { withoutUndefined } from '../../kubernetes';
import type { NotebookSettings } from './notebooks';
import type { Override } from './override';
import type { Profile, ProfileOption } from './profiles';
import type { Server } from './servers';

type Fields = Readonly<Record<string, unknown>>;

/** Volume of the home directory, and the claim that KubeSpawner creates for each server. */
const HOME_VOLUME = 'home';
const HOME_CLAIM = 'claim-{user_server}';

/** The pod that KubeSpawner creates for a server. */
export interface ServerPod {
  readonly spec: RuntimePodSpec;
  /** Claims that are created together with each pod. */
  readonly claims: Readonly<Record<string, ClaimSpec>>;
}

/**
 * The pod of a server, computed from the settings in `hub.json`: the settings of all servers, overridden by those of its environment, its
 * size and its options, in this order.
 *
 * @see https://github.com/jupyterhub/kubespawner/blob/main/kubespawner/objects.py (make_pod)
 */
export function serverPod(settings: NotebookSettings, profile: Profile | undefined, { size, choices }: Server): ServerPod {
  const options: Readonly<Record<string, ProfileOption>> = profile?.profile_options ?? {};
  const overrides = [
    profile?.kubespawner_override,
    profile?.profile_options.size.choices[size.name]?.kubespawner_override,
    ...choices.map(({ option, choice }) => options[option]?.choices[choice]?.kubespawner_override),
  ];
  const pod = overrides.reduce<Fields>(
    (before, override) => merged(before, (override ?? {}) as Fields),
    merged({}, settings.base as Fields),
  ) as Override;
  const { home } = settings;
  const { uid, gid, supplementalGroups = [] } = settings.accounts.default;
  const perUser = home && 'storageClass' in home;
  const homeVolume = home && { name: HOME_VOLUME, persistentVolumeClaim: { claimName: perUser ? HOME_CLAIM : home.claim } };
  return {
    spec: withoutUndefined({
      containers: [
        {
          name: 'notebook',
          image: pod.image,
          ports: [{ name: 'notebook-port', containerPort: settings.port }],
          resources: {
            requests: amounts(pod.cpu_guarantee, pod.mem_guarantee, pod.extra_resource_guarantees),
            limits: amounts(pod.cpu_limit, pod.mem_limit, pod.extra_resource_limits),
          },
        },
      ],
      securityContext: { runAsUser: uid, runAsGroup: gid, supplementalGroups },
      nodeSelector: unlessEmpty(pod.node_selector as Readonly<Record<string, string>> | undefined),
      affinity: affinityOf(Object.values(pod.node_affinity_required ?? {})),
      tolerations: Object.values(pod.tolerations ?? {}).map((toleration) => withoutNull(toleration as Fields)),
      volumes: [...Object.values(pod.volumes ?? {}), ...(homeVolume ? [homeVolume] : [])],
      priorityClassName: pod.priority_class_name ?? (settings.priorityClass || undefined),
    }) as RuntimePodSpec,
    claims: perUser ? { [HOME_CLAIM]: { storageClassName: home.storageClass || undefined, accessModes: home.accessModes } } : {},
  };
}

/** Merges settings like KubeSpawner: objects are merged by key, and null removes a key. */
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

function unlessEmpty<T extends object>(fields: T | undefined): T | undefined {
  return fields && Object.keys(fields).length > 0 ? fields : undefined;
}

function affinityOf(nodeSelectorTerms: readonly unknown[]): object | undefined {
  return nodeSelectorTerms.length === 0
    ? undefined
    : { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } };
}
