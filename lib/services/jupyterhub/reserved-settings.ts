import type { ServiceChart } from '../../kubernetes';
import { hubReservedSetting } from './messages';
import type { JupyterHubProps } from './props';

const SECRET = 'leave it out: it comes from a Secret that `facility bootstrap` makes';
const WIRING = 'leave it out: it follows from the Services and ports of hub, proxy and notebooks, and from the NetworkPolicies';

/** Settings that are refused, with what to do instead. A class alone stands for all of its settings. */
const RESERVED: Readonly<Record<string, string>> = {
  ConfigurableHTTPProxy: WIRING,
  'JupyterHub.active_server_limit': 'use the prop `activeServers`',
  'JupyterHub.allow_named_servers': 'use the prop `namedServers`',
  'JupyterHub.bind_url': WIRING,
  'JupyterHub.cleanup_proxy': 'leave it out: a hub that restarts must not cut off running servers',
  'JupyterHub.cleanup_servers': 'leave it out: a hub that restarts must not stop running servers',
  'JupyterHub.concurrent_spawn_limit': 'use the prop `concurrentStarts`',
  'JupyterHub.cookie_secret': SECRET,
  'JupyterHub.cookie_secret_file': SECRET,
  'JupyterHub.db_url': 'use the prop `database`',
  'JupyterHub.hub_bind_url': WIRING,
  'JupyterHub.hub_connect_url': WIRING,
  'JupyterHub.hub_ip': WIRING,
  'JupyterHub.hub_port': WIRING,
  'JupyterHub.named_server_limit_per_user': 'use the prop `namedServers`',
  'JupyterHub.proxy_class': WIRING,
  'JupyterHub.public_url': 'use the prop `host`',
  'JupyterHub.spawner_class': WIRING,
  'Authenticator.admin_users': 'use `login.admins`',
  'Authenticator.allow_all': 'use `login.allowAll`',
  'Authenticator.allowed_users': 'use `login.allowedUsers`',
  'KubeSpawner.cmd': 'change the image instead: the server must be the client of the hub',
  'KubeSpawner.common_labels': WIRING,
  'KubeSpawner.component_label': WIRING,
  'KubeSpawner.fs_gid': 'use the prop `accounts`',
  'KubeSpawner.gid': 'use the prop `accounts`',
  'KubeSpawner.namespace': WIRING,
  'KubeSpawner.port': WIRING,
  'KubeSpawner.pre_spawn_hook': 'leave it out: it decides which choices are open to a user',
  'KubeSpawner.priority_class_name': 'leave it out: quotas of environments count pods by their priority class',
  'KubeSpawner.profile_list': 'use the props `environments`, `sizes` and `options`',
  'KubeSpawner.pvc_name_template': 'use the prop `home`: claims of existing users would no longer be found',
  'KubeSpawner.service_account': WIRING,
  'KubeSpawner.slug_scheme': 'use the prop `home`: claims of existing users would no longer be found',
  'KubeSpawner.storage_access_modes': 'use the prop `home`',
  'KubeSpawner.storage_capacity': 'use the prop `home`',
  'KubeSpawner.storage_class': 'use the prop `home`',
  'KubeSpawner.supplemental_gids': 'use the prop `accounts`',
  'KubeSpawner.uid': 'use the prop `accounts`',
};

/** Records RESERVED_HUB_SETTING. */
export function checkSettings(chart: ServiceChart, { settings = {} }: JupyterHubProps): void {
  for (const [owner, values] of Object.entries(settings))
    for (const setting of Object.keys(values)) {
      // Settings of a class apply to its subclasses; KubeSpawner's may be given under either name.
      const names = [`${owner}.${setting}`, `${owner.replace(/^(?:Plain)?Spawner$/, 'KubeSpawner')}.${setting}`, owner];
      const instead = names.map((name) => RESERVED[name]).find((one) => one !== undefined);
      if (instead) chart.problems.add(`${chart.path()}/settings/${owner}/${setting}`, hubReservedSetting(`${owner}.${setting}`, instead));
    }
}
