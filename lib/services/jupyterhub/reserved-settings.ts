import type { ServiceChart } from '../../kubernetes';
import { hubReservedSetting } from './messages';
import type { JupyterHubProps } from './props';

const SECRET = 'remove it: the value comes from a Secret that `npx facility bootstrap` writes';
const WIRING = 'remove it: it must match the Services, ports and NetworkPolicies of hub, proxy and notebook servers';

/** Rejected settings, with the fix. The name of a class rejects all settings of the class. */
const RESERVED: Readonly<Record<string, string>> = {
  ConfigurableHTTPProxy: WIRING,
  'JupyterHub.active_server_limit': 'use the prop `activeServers`',
  'JupyterHub.allow_named_servers': 'use the prop `namedServers`',
  'JupyterHub.authenticate_prometheus': 'use the prop `metrics`',
  'JupyterHub.authenticator_class': 'use the prop `login`',
  'JupyterHub.bind_url': WIRING,
  'JupyterHub.cleanup_proxy': 'remove it: a restart of the hub must not disconnect running servers',
  'JupyterHub.cleanup_servers': 'remove it: a restart of the hub must not stop running servers',
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
  'Authenticator.manage_groups': 'remove it: `groups` of choices and `allowedGroups` depend on it',
  'Authenticator.post_auth_hook': 'remove it: the hook assigns the groups of users',
  'OAuthenticator.admin_groups': 'use `login.adminGroups`',
  'OAuthenticator.allowed_groups': 'use `login.allowedGroups`',
  'OAuthenticator.auth_state_groups_key': 'use `login.groupsClaim`',
  'OAuthenticator.authorize_url': 'use `login.issuer`',
  'OAuthenticator.client_id': 'use `login.client`',
  'OAuthenticator.client_secret': SECRET,
  'OAuthenticator.enable_auth_state': 'use `login.keepTokens`',
  'OAuthenticator.manage_groups': 'remove it: `groups` of choices and `allowedGroups` depend on it',
  'OAuthenticator.oauth_callback_url': 'use the prop `host`',
  'OAuthenticator.scope': 'use `login.scopes`',
  'OAuthenticator.token_url': 'use `login.issuer`',
  'OAuthenticator.userdata_url': 'use `login.issuer`',
  'OAuthenticator.username_claim': 'use `login.usernameClaim`',
  'KubeSpawner.cmd': 'use another image: the command must be `jupyterhub-singleuser`',
  'KubeSpawner.common_labels': WIRING,
  'KubeSpawner.component_label': WIRING,
  'KubeSpawner.cpu_guarantee': 'use the prop `sizes`',
  'KubeSpawner.cpu_limit': 'use the prop `sizes`',
  'KubeSpawner.delete_pvc': 'use the prop `home`',
  'KubeSpawner.extra_resource_guarantees': 'use `accelerator` of an environment or size',
  'KubeSpawner.extra_resource_limits': 'use `accelerator` of an environment or size',
  'KubeSpawner.fs_gid': 'use the prop `accounts`',
  'KubeSpawner.gid': 'use the prop `accounts`',
  'KubeSpawner.image': 'use the prop `environments`',
  'KubeSpawner.mem_guarantee': 'use the prop `sizes`',
  'KubeSpawner.mem_limit': 'use the prop `sizes`',
  'KubeSpawner.namespace': WIRING,
  'KubeSpawner.node_affinity_required': 'use the prop `notebooksOn`, or `on` of an environment or size',
  'KubeSpawner.node_selector': 'use the prop `notebooksOn`, or `on` of an environment or size',
  'KubeSpawner.port': WIRING,
  'KubeSpawner.pre_spawn_hook': 'remove it: the hook enforces `groups` of choices',
  'KubeSpawner.priority_class_name': 'remove it: the quotas of environments select pods by their priority class',
  'KubeSpawner.profile_list': 'use the props `environments`, `sizes` and `options`',
  'KubeSpawner.pvc_name_template': 'use the prop `home`: otherwise the hub no longer finds the claims of existing users',
  'KubeSpawner.service_account': WIRING,
  'KubeSpawner.slug_scheme': 'use the prop `home`: otherwise the hub no longer finds the claims of existing users',
  'KubeSpawner.storage_access_modes': 'use the prop `home`',
  'KubeSpawner.storage_capacity': 'use the prop `home`',
  'KubeSpawner.storage_class': 'use the prop `home`',
  'KubeSpawner.storage_pvc_ensure': 'use the prop `home`',
  'KubeSpawner.supplemental_gids': 'use the prop `accounts`',
  'KubeSpawner.uid': 'use the prop `accounts`',
};

/** Reports RESERVED_HUB_SETTING. */
export function checkSettings(chart: ServiceChart, { settings = {} }: JupyterHubProps): void {
  for (const [owner, values] of Object.entries(settings))
    for (const setting of Object.keys(values)) {
      // Settings of a class apply to its subclasses: those of `Spawner` and `FacilitySpawner` are settings of KubeSpawner,
      // those of all authenticators settings of `Authenticator`.
      const names = [
        `${owner}.${setting}`,
        ...(/Authenticator$/.test(owner) ? [`Authenticator.${setting}`] : []),
        `${owner.replace(/^(?:Facility)?Spawner$/, 'KubeSpawner').replace(/^\w+OAuthenticator$/, 'OAuthenticator')}.${setting}`,
        owner,
      ];
      const fix = names.map((name) => RESERVED[name]).find((text) => text !== undefined);
      if (fix) chart.problems.add(`${chart.path()}/settings/${owner}/${setting}`, hubReservedSetting(`${owner}.${setting}`, fix));
    }
}
