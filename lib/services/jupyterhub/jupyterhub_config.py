"""
What the hub does. The facts are in hub.json beside this file, the secrets in the environment; this program only says which
setting each of them is. It is written for JupyterHub 5 and 6, KubeSpawner 7 and OAuthenticator 17.
"""

import json
import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821
facts = json.loads(Path(__file__).with_name("hub.json").read_text())


def literal(text):
    """KubeSpawner formats what it puts into a pod; `{}` is only itself if it is doubled (kubespawner#743)."""
    return text.replace("{", "{{").replace("}", "}}") if isinstance(text, str) else text


def literal_environment(override):
    environment = override.get("environment", {})
    return {**override, "environment": {name: literal(value) for name, value in environment.items()}}


# ---- the hub and its proxy -------------------------------------------------------------------------------------------

hub = c.JupyterHub
hub.public_url = facts["publicUrl"] + "/"
hub.hub_bind_url = "http://:8081"
hub.hub_connect_url = facts["hubUrl"]
hub.db_url = facts["database"]
# The cookie secret and the key of kept tokens are read from JPY_COOKIE_SECRET and JUPYTERHUB_CRYPT_KEY.

# The proxy is a workload of its own. When the hub ends, users keep their servers and the routes to them.
c.ConfigurableHTTPProxy.api_url = facts["proxyApi"]
c.ConfigurableHTTPProxy.should_start = False
hub.cleanup_proxy = False
hub.cleanup_servers = False
# Also how soon a proxy that was restarted is told its routes again.
hub.last_activity_interval = 60

hub.active_server_limit = facts["activeServers"]
hub.concurrent_spawn_limit = facts["concurrentStarts"]
# Do not hold the browser's request while a server starts, but show the page with its progress at once.
hub.tornado_settings = {"slow_spawn_timeout": 0}

# ---- who is let in ---------------------------------------------------------------------------------------------------

login = facts["login"]
hub.authenticator_class = login["authenticator"]
c.Authenticator.allow_all = login["allowAll"]
c.Authenticator.allowed_users = set(login["allowedUsers"])
c.Authenticator.admin_users = set(login["admins"])
# Else whoever logged in once would be let in for ever: this is the list, not the database.
c.Authenticator.allow_existing_users = False


def groups_of(auth_state):
    """A claim may have dots in its name (`wlcg.groups`), or be a path through objects (`realm_access.roles`)."""
    claim, user = login["oauth"]["groupsClaim"], auth_state["oauth_user"]
    found = user.get(claim)
    if found is None:
        found = user
        for name in claim.split("."):
            found = found.get(name) if isinstance(found, dict) else None
    return set(found) if isinstance(found, list) else set()


if "oauth" in login:
    oauth = login["oauth"]
    # First of all: the others refuse groups without it.
    c.OAuthenticator.manage_groups = True
    c.OAuthenticator.auth_state_groups_key = groups_of
    c.OAuthenticator.allowed_groups = set(oauth["allowedGroups"])
    c.OAuthenticator.admin_groups = set(oauth["adminGroups"])
    c.OAuthenticator.enable_auth_state = oauth["keepTokens"]
    c.OAuthenticator.login_service = oauth["title"]
    c.OAuthenticator.client_id = oauth["client"]
    c.OAuthenticator.client_secret = os.environ["OIDC_CLIENT_SECRET"]
    c.OAuthenticator.oauth_callback_url = oauth["callbackUrl"]
    c.OAuthenticator.authorize_url = oauth["authorizeUrl"]
    c.OAuthenticator.token_url = oauth["tokenUrl"]
    c.OAuthenticator.userdata_url = oauth["userinfoUrl"]
    c.OAuthenticator.scope = oauth["scopes"]
    c.OAuthenticator.username_claim = oauth["usernameClaim"]

# ---- notebook servers ------------------------------------------------------------------------------------------------

notebooks = facts["notebooks"]
pods = c.KubeSpawner
hub.spawner_class = "kubespawner.KubeSpawner"
pods.namespace = notebooks["namespace"]
pods.component_label = notebooks["component"]
pods.common_labels = notebooks["labels"]
pods.service_account = notebooks["serviceAccount"]
pods.automount_service_account_token = False
pods.priority_class_name = notebooks["priorityClass"]
pods.port = notebooks["port"]
pods.start_timeout = facts["startTimeout"]
# Images begin with JupyterLab alone; within a hub they must begin with its client.
pods.cmd = ["jupyterhub-singleuser"]
# A registry that is away keeps nobody from an image that the node has.
pods.image_pull_policy = "IfNotPresent"
pods.environment = literal_environment(notebooks)["environment"]

# Pod Security `restricted`. User 1000 and group 100 are those of the Jupyter images.
pods.uid = 1000
pods.gid = 100
pods.fs_gid = 100
pods.allow_privilege_escalation = False
pods.pod_security_context = {
    "runAsNonRoot": True,
    "fsGroupChangePolicy": "OnRootMismatch",
    "seccompProfile": {"type": "RuntimeDefault"},
}
pods.container_security_context = {
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
pods.extra_pod_config = {"enableServiceLinks": False}

pods.volumes = list(notebooks["volumes"])
pods.volume_mounts = list(notebooks["volumeMounts"])
home = notebooks["home"]
pods.slug_scheme = "safe"
pods.delete_pvc = bool(home and home["deleteWithUser"])
if home:
    pods.storage_pvc_ensure = True
    pods.storage_class = home["storageClass"]
    pods.storage_capacity = home["capacity"]
    pods.storage_access_modes = home["accessModes"]
    # The name of a claim is where somebody's data are: said here, so that no other default can move them.
    pods.pvc_name_template = "claim-{user_server}"
    pods.volumes.append({"name": "home", "persistentVolumeClaim": {"claimName": "{pvc_name}"}})
    pods.volume_mounts.append({"name": "home", "mountPath": "/home/jovyan"})

pods.profile_list = [
    {**profile, "kubespawner_override": literal_environment(profile["kubespawner_override"])} for profile in facts["profiles"]
]

# ---- servers that nobody uses ----------------------------------------------------------------------------------------

cull = facts["cull"]
if cull:
    hub.services = [
        {
            "name": "cull-idle",
            # By the pod's own address: the Service of the hub would be a flow of the hub to itself.
            "command": [
                sys.executable,
                "-m",
                "jupyterhub_idle_culler",
                "--url=http://127.0.0.1:8081/hub/api",
                f"--timeout={cull['after']}",
                f"--cull-every={cull['every']}",
                f"--max-age={cull['oldest']}",
            ],
        }
    ]
    hub.load_roles = [
        {
            "name": "cull-idle",
            "services": ["cull-idle"],
            "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        }
    ]

# ---- last of all, what the operator wants otherwise ------------------------------------------------------------------

for owner, settings in facts["settings"].items():
    for setting, value in settings.items():
        c[owner][setting] = value
