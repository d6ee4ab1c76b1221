"""
What the hub does. The facts are in hub.json beside this file, the secrets in the environment; this program only says which
setting each of them is. It is written for JupyterHub 5 and 6, KubeSpawner 7 and OAuthenticator 17.
"""

import html
import json
import os
import sys
from pathlib import Path

from kubernetes_asyncio.client import ApiException
from kubespawner import KubeSpawner
from tornado.web import HTTPError

c = get_config()  # noqa: F821
facts = json.loads(Path(__file__).with_name("hub.json").read_text())


def literal(text):
    """KubeSpawner formats what it puts into a pod; `{}` is only itself if it is doubled (kubespawner#743)."""
    return text.replace("{", "{{").replace("}", "}}") if isinstance(text, str) else text


def literal_environment(override):
    if "environment" not in override:
        return override
    return {**override, "environment": {name: literal(value) for name, value in override["environment"].items()}}


def without_null(value):
    """Null takes away what was chosen before; at first there is nothing."""
    return {key: without_null(one) for key, one in value.items() if one is not None} if isinstance(value, dict) else value


# ---- the hub and its proxy -------------------------------------------------------------------------------------------

hub = c.JupyterHub
hub.public_url = facts["publicUrl"] + "/"
hub.hub_bind_url = "http://:8081"
hub.hub_connect_url = facts["hubUrl"]
hub.db_url = facts["database"] or os.environ["HUB_DATABASE"]
# The cookie secret and the key of kept tokens are read from JPY_COOKIE_SECRET and JUPYTERHUB_CRYPT_KEY.

# The proxy is a workload of its own. When the hub ends, users keep their servers and the routes to them.
c.ConfigurableHTTPProxy.api_url = facts["proxyApi"]
c.ConfigurableHTTPProxy.should_start = False
hub.cleanup_proxy = False
hub.cleanup_servers = False
# Also how soon a proxy that was restarted is told its routes again.
hub.last_activity_interval = facts["activityInterval"]

hub.allow_named_servers = facts["namedServers"] > 0
hub.named_server_limit_per_user = facts["namedServers"]
hub.active_server_limit = facts["activeServers"]
hub.concurrent_spawn_limit = facts["concurrentStarts"]
# Do not hold the browser's request while a server starts, but show the page with its progress at once.
hub.tornado_settings = {"slow_spawn_timeout": 0}

# `announcement` is on top of every page, `announcement_<page>` takes its place on one. They are values, not templates.
texts = facts["texts"]
hub.template_vars = {
    "announcement" if name == "announcement" else f"announcement_{name}": text
    for name, text in texts.items()
    if name in ("announcement", "login", "spawn", "home")
}

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
    if "teams" in auth_state:
        return {f"{team['organization']['login']}:{team['slug']}" for team in auth_state["teams"]}
    user = auth_state["cilogon_user" if "cilogon_user" in auth_state else "oauth_user"]
    claim = login["oauth"].get("groupsClaim", "groups")
    found = user.get(claim)
    if found is None:
        found = user
        for name in claim.split("."):
            found = found.get(name) if isinstance(found, dict) else None
    # Some providers send a single group as a string; Keycloak sends full paths with a leading slash.
    names = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    return {name.removeprefix("/") for name in names if isinstance(name, str) and name}


def with_groups(authenticator, handler, auth_model):
    """Groups that the operator wrote down, and those of a directory; at each login anew, so that the list is what counts."""
    named = {group for group, users in login.get("groups", {}).items() if auth_model["name"] in map(str.lower, users)}
    told = (auth_model.get("auth_state") or {}).get("ldap_groups", [])
    auth_model["groups"] = sorted(named.union(told))
    return auth_model


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
    c.OAuthenticator.scope = oauth["scopes"]
    if "authorizeUrl" in oauth:
        c.OAuthenticator.authorize_url = oauth["authorizeUrl"]
        c.OAuthenticator.token_url = oauth["tokenUrl"]
        c.OAuthenticator.userdata_url = oauth["userinfoUrl"]
    if "usernameClaim" in oauth:
        c.OAuthenticator.username_claim = oauth["usernameClaim"]
else:
    c.Authenticator.manage_groups = True
    c.Authenticator.post_auth_hook = with_groups

classes = {
    "cilogon": "CILogonOAuthenticator",
    "github": "GitHubOAuthenticator",
    "ldap": "LDAPAuthenticator",
    "native": "NativeAuthenticator",
}
for setting, value in login.get("own", {}).items():
    c[classes[login["authenticator"]]][setting] = value
if login["authenticator"] == "native":
    import nativeauthenticator

    hub.template_paths = [str(Path(nativeauthenticator.__file__).parent / "templates")]

# ---- notebook servers ------------------------------------------------------------------------------------------------

notebooks = facts["notebooks"]
pods = c.KubeSpawner


async def in_plain_words(start):
    """A quota refuses the pod of whoever comes too late; else they would read the headers of an answer of Kubernetes."""
    try:
        return await start
    except ApiException as error:
        # e.g. `exceeded quota: hub-cms, requested: pods=1, used: pods=3, limited: pods=3`
        quota = str(error.body).partition("exceeded quota: ")[2].partition('"')[0]
        if error.status == 403 and quota:
            error.jupyterhub_message = f"everything is in use ({quota}). Try again when somebody has stopped a server."
        raise


class PlainSpawner(KubeSpawner):
    def start(self):
        return in_plain_words(super().start())


hub.spawner_class = PlainSpawner
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
pods.args = notebooks["args"]
# What a server is before anything is chosen. Lists are given by name, so that choices add to them and take away.
for setting, value in literal_environment(notebooks["base"]).items():
    pods[setting] = without_null(value)

accounts = notebooks["accounts"]


def account_of(spawner):
    """The entries that apply to a user: the user's own, then those of the user's groups in the order of the configuration."""
    groups = {group.name for group in spawner.user.groups}
    named = [accounts["users"][spawner.user.name]] if spawner.user.name in accounts["users"] else []
    return [*named, *(entry for group, entry in accounts["groups"].items() if group in groups), accounts["default"]]


def uid_of(spawner):
    return next(entry["uid"] for entry in account_of(spawner) if "uid" in entry)


def gid_of(spawner):
    return next(entry["gid"] for entry in account_of(spawner) if "gid" in entry)


def supplemental_gids_of(spawner):
    return sorted({gid for entry in account_of(spawner) for gid in entry.get("supplementalGroups", [])})


# Pod Security `restricted`. User 1000 and group 100 are those of the Jupyter images.
pods.uid = uid_of
pods.gid = gid_of
pods.supplemental_gids = supplemental_gids_of
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

home = notebooks["home"]
pods.slug_scheme = "safe"
pods.delete_pvc = bool(home and home.get("deleteWithUser"))
if home:
    own = "storageClass" in home
    if own:
        pods.storage_pvc_ensure = True
        pods.storage_class = home["storageClass"]
        pods.storage_capacity = home["capacity"]
        pods.storage_access_modes = home["accessModes"]
        # A new volume belongs to root. The group of the pod applies to all volumes of the pod that support it, so it is set only here.
        pods.fs_gid = gid_of
        # The name of a claim is where somebody's data are: said here, so that no other default can move them.
        pods.pvc_name_template = "claim-{user_server}"
    claim = {"claimName": "{pvc_name}" if own else home["claim"]}
    mount = {"name": "home", "mountPath": "/home/jovyan"}
    pods.volumes["home"] = {"name": "home", "persistentVolumeClaim": claim}
    pods.volume_mounts["home"] = mount if own else {**mount, "subPath": home["subPath"]}

# ---- what users choose from ------------------------------------------------------------------------------------------


def text(words):
    """KubeSpawner's form is a template twice over: what an operator writes is text."""
    return html.escape(words).replace("{", "&#123;").replace("}", "&#125;")


def shown(entry):
    """An entry as KubeSpawner knows it; `groups` and `cull_after` are ours."""
    known = {name: value for name, value in entry.items() if name not in ("groups", "cull_after")}
    known["display_name"] = text(entry["display_name"])
    if "description" in entry:
        known["description"] = text(entry["description"])
    if "kubespawner_override" in entry:
        known["kubespawner_override"] = literal_environment(entry["kubespawner_override"])
    return known


def offered(spawner):
    """
    The choices that are open to the groups of the server's user, in their order. KubeSpawner asks for the form and again
    for the start, so that what is not offered is refused to a request by API as well.
    """
    groups = {group.name for group in spawner.user.groups}

    def is_open(entry):
        return "groups" not in entry or not groups.isdisjoint(entry["groups"])

    profiles = []
    for profile in filter(is_open, facts["profiles"]):
        questions = {}
        for name, question in profile["profile_options"].items():
            choices = {key: shown(choice) for key, choice in question["choices"].items() if is_open(choice)}
            if choices:
                questions[name] = {**shown(question), "choices": choices}
        if "size" in questions:
            profiles.append({**shown(profile), "profile_options": questions})
    if not profiles:
        # An empty list would be a server without limits.
        raise HTTPError(403, "None of your groups may start a server here.")
    return profiles


def remember(spawner, chosen):
    spawner.user_options = spawner.orm_spawner.user_options = chosen


def decide(spawner):
    """Before each start: what was not said is decided and kept, and what is not offered is refused in plain words."""
    profiles = offered(spawner)
    given = spawner.user_options if isinstance(spawner.user_options, dict) else {}
    slug = given.get("profile") or profiles[0]["slug"]
    profile = next((one for one in profiles if one["slug"] == slug), None)
    # The hub starts with the last choice whoever makes none: one that was refused would be refused for ever.
    remember(spawner, {})
    if profile is None:
        raise HTTPError(403, f"There is no environment {slug!r} for you.")
    chosen = {"profile": slug}
    for name, question in profile["profile_options"].items():
        choice = given.get(name) or next(iter(question["choices"]))
        if not isinstance(choice, str) or choice not in question["choices"]:
            raise HTTPError(403, f"There is no {name} {choice!r} for you.")
        chosen[name] = choice
    remember(spawner, chosen)


pods.profile_list = offered
pods.pre_spawn_hook = decide

# ---- servers that nobody uses ----------------------------------------------------------------------------------------

hub.services = []
hub.load_roles = []


def add_service(name, scopes, **how):
    hub.services.append({"name": name, **how})
    hub.load_roles.append({"name": name, "services": [name], "scopes": scopes})


CULLING = ["list:users", "read:users:activity", "read:servers", "delete:servers"]
# A hub that was away knows nothing of what users did meanwhile until it asks the proxy, one interval after its start. Its idle
# culler would look at once, and stop servers in use.
CULL_LATER = "import sys, time; time.sleep(float(sys.argv.pop(1))); from jupyterhub_idle_culler import main; main()"
PATIENCE = str(2 * facts["activityInterval"])
# By the pod's own address: the Service of the hub would be a flow of the hub to itself.
OWN_API = "http://127.0.0.1:8081/hub/api"
cull = facts["cull"]
if cull:
    add_service(
        "cull-idle",
        CULLING,
        command=[
            sys.executable,
            "-c",
            CULL_LATER,
            PATIENCE,
            f"--url={OWN_API}",
            f"--timeout={cull['after']}",
            f"--cull-every={cull['every']}",
            f"--max-age={cull['oldest']}",
        ],
    )
if facts["cullSooner"]:
    command = [sys.executable, str(Path(__file__).with_name("cull_sooner.py")), PATIENCE]
    add_service("cull-sooner", CULLING, command=command, environment={"JUPYTERHUB_API_URL": OWN_API})

# ---- programs that ask the hub's API ---------------------------------------------------------------------------------

for service in facts["services"]:
    add_service(service["name"], service["scopes"], api_token=os.environ[service["tokenVariable"]])

# Services that notebooks use with their own tokens. They ask the hub whose token it is: the tokens of users and servers need the scopes
# that a service looks for, beside those that they have by default. A role may be listed once.
identities = facts["identities"]
if identities:
    scopes = list(dict.fromkeys(scope for one in identities for scope in one["scopes"]))
    hub.services.extend({"name": one["service"]} for one in identities)
    hub.load_roles.append({"name": "user", "scopes": ["self", *(one for one in scopes if one.startswith("access:"))]})
    hub.load_roles.append({"name": "server", "scopes": ["users:activity!user", "access:servers!server", *scopes]})

hub.authenticate_prometheus = not facts["openMetrics"]

# ---- settings of the operator ----------------------------------------------------------------------------------------


def combined(before, given):
    """Adds to what the hub needs itself: maps are merged, lists extended (entries with a name by their name); other values replaced."""
    if isinstance(before, dict) and isinstance(given, list) and all(isinstance(one, dict) and "name" in one for one in given):
        given = {one["name"]: one for one in given}
    if isinstance(before, dict) and isinstance(given, dict):
        return {**before, **{key: combined(before[key], one) if key in before else one for key, one in given.items()}}
    if isinstance(before, list) and isinstance(given, list):
        if all(isinstance(one, dict) and "name" in one for one in [*before, *given]):
            named = {one["name"]: one for one in before}
            return list(combined(named, {one["name"]: one for one in given}).values())
        return [*before, *(one for one in given if one not in before)]
    return given


for owner, settings in facts["settings"].items():
    for setting, value in settings.items():
        c[owner][setting] = combined(c[owner][setting], value) if setting in c[owner] else value
