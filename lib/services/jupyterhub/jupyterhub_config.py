"""
Configuration of JupyterHub. The values of the site are in hub.json in the same directory, secrets in environment variables; this file
assigns them to settings. It supports JupyterHub 5 and 6, KubeSpawner 7 and OAuthenticator 17.
"""

import base64
import hashlib
import hmac
import html
import json
import os
import re
import secrets
import shlex
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from kubernetes_asyncio.client import ApiException
from kubespawner import KubeSpawner
from tornado.web import HTTPError

c = get_config()  # noqa: F821
facts = json.loads(Path(__file__).with_name("hub.json").read_text())


def escaped(value):
    """Escapes braces: KubeSpawner expands `{…}` in values of environment variables (kubespawner#743)."""
    return value.replace("{", "{{").replace("}", "}}") if isinstance(value, str) else value


def with_escaped_environment(override):
    if "environment" not in override:
        return override
    return {**override, "environment": {name: escaped(value) for name, value in override["environment"].items()}}


def without_null(value):
    """Null removes a value of an earlier selection; before the first selection there is none."""
    return {key: without_null(item) for key, item in value.items() if item is not None} if isinstance(value, dict) else value


# ---- the hub and its proxy -------------------------------------------------------------------------------------------

hub = c.JupyterHub
HUB_PORT = urlsplit(facts["hubUrl"]).port
hub.public_url = facts["publicUrl"] + "/"
hub.hub_bind_url = f"http://:{HUB_PORT}"
hub.hub_connect_url = facts["hubUrl"]
hub.db_url = facts["database"] or os.environ["HUB_DATABASE"]
# JupyterHub reads the cookie secret and the encryption key of stored tokens from JPY_COOKIE_SECRET and JUPYTERHUB_CRYPT_KEY.

# The proxy is a separate Deployment. When the hub stops, servers and their routes remain.
c.ConfigurableHTTPProxy.api_url = facts["proxyApi"]
c.ConfigurableHTTPProxy.should_start = False
hub.cleanup_proxy = False
hub.cleanup_servers = False
# Also the time until a restarted proxy has its routes again.
hub.last_activity_interval = facts["activityInterval"]

hub.allow_named_servers = facts["namedServers"] > 0
hub.named_server_limit_per_user = facts["namedServers"]
hub.active_server_limit = facts["activeServers"]
hub.concurrent_spawn_limit = facts["concurrentStarts"]
# Show the progress page immediately instead of blocking the request while a server starts.
hub.tornado_settings = {"slow_spawn_timeout": 0}

# `announcement` is shown on every page, unless the page has an `announcement_<page>`. They are not evaluated as templates.
texts = facts["texts"]
hub.template_vars = {
    "announcement" if name == "announcement" else f"announcement_{name}": text
    for name, text in texts.items()
    if name in ("announcement", "login", "spawn", "home")
}

# ---- authentication --------------------------------------------------------------------------------------------------

login = facts["login"]
hub.authenticator_class = login["authenticator"]
c.Authenticator.allow_all = login["allowAll"]
c.Authenticator.allowed_users = set(login["allowedUsers"])
c.Authenticator.admin_users = set(login["admins"])
# Otherwise every user in the database would be allowed permanently, even after removal from the lists above.
c.Authenticator.allow_existing_users = False


def groups_of(auth_state):
    """Groups of a user. The claim is a name, possibly with dots (`wlcg.groups`), or a path (`realm_access.roles`)."""
    if "teams" in auth_state:
        return {f"{team['organization']['login']}:{team['slug']}" for team in auth_state["teams"]}
    user = auth_state["cilogon_user" if "cilogon_user" in auth_state else "oauth_user"]
    claim = login["oauth"].get("groupsClaim", "groups")
    value = user.get(claim)
    if value is None:
        value = user
        for name in claim.split("."):
            value = value.get(name) if isinstance(value, dict) else None
    # Some providers send a single group as a string; Keycloak sends full paths with a leading slash.
    names = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return {name.removeprefix("/") for name in names if isinstance(name, str) and name}


def with_groups(authenticator, handler, auth_model):
    """Sets the groups at every login: static groups of the configuration, and those of an LDAP directory."""
    static = {group for group, users in login.get("groups", {}).items() if auth_model["name"] in map(str.lower, users)}
    ldap_groups = (auth_model.get("auth_state") or {}).get("ldap_groups", [])
    auth_model["groups"] = sorted(static.union(ldap_groups))
    return auth_model


if "oauth" in login:
    oauth = login["oauth"]
    # Before the other settings: they reject groups if it is not set.
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


async def with_quota_message(start):
    """Sets a readable error message if a quota is exceeded; the default is the HTTP response of Kubernetes."""
    try:
        return await start
    except ApiException as error:
        # e.g. `exceeded quota: hub-cms, requested: pods=1, used: pods=3, limited: pods=3`
        quota = str(error.body).partition("exceeded quota: ")[2].partition('"')[0]
        if error.status == 403 and quota:
            error.jupyterhub_message = f"everything is in use ({quota}). Try again after a server has been stopped."
        raise


class FacilitySpawner(KubeSpawner):
    def start(self):
        return with_quota_message(super().start())


hub.spawner_class = FacilitySpawner
pods.namespace = notebooks["namespace"]
pods.component_label = notebooks["component"]
pods.common_labels = notebooks["labels"]
pods.service_account = notebooks["serviceAccount"]
pods.automount_service_account_token = False
pods.priority_class_name = notebooks["priorityClass"]
pods.port = notebooks["port"]
pods.start_timeout = facts["startTimeout"]
# The default command of the images is JupyterLab; a hub needs jupyterhub-singleuser.
pods.cmd = ["jupyterhub-singleuser"]
# An unavailable registry does not affect images that the node already has.
pods.image_pull_policy = "IfNotPresent"
pods.args = notebooks["args"]
# Settings of every server. Lists are objects with keys, so that choices can add and remove entries.
for setting, value in with_escaped_environment(notebooks["base"]).items():
    pods[setting] = without_null(value)

accounts = notebooks["accounts"]


def account_of(spawner):
    """The entries that apply to a user: that of the user, then those of groups in the order of the configuration, then the default."""
    groups = {group.name for group in spawner.user.groups}
    own = [accounts["users"][spawner.user.name]] if spawner.user.name in accounts["users"] else []
    return [*own, *(entry for group, entry in accounts["groups"].items() if group in groups), accounts["default"]]


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
    per_user = "storageClass" in home
    if per_user:
        pods.storage_pvc_ensure = True
        pods.storage_class = home["storageClass"]
        pods.storage_capacity = home["capacity"]
        pods.storage_access_modes = home["accessModes"]
        pods.storage_extra_labels = home["labels"]
        pods.storage_extra_annotations = home["annotations"]
        # A new volume belongs to root. fsGroup applies to all volumes of the pod that support it, so it is set only here.
        pods.fs_gid = gid_of
        # Set explicitly: with another default of KubeSpawner, the claims of existing users would no longer be found.
        pods.pvc_name_template = "claim-{user_server}"
    claim = {"claimName": "{pvc_name}" if per_user else home["claim"]}
    mount = {"name": "home", "mountPath": "/home/jovyan"}
    pods.volumes["home"] = {"name": "home", "persistentVolumeClaim": claim}
    pods.volume_mounts["home"] = mount if per_user else {**mount, "subPath": home["subPath"]}

# ---- environments, sizes and options ---------------------------------------------------------------------------------


def form_text(text):
    """Escapes text for KubeSpawner's form, which is evaluated as an HTML template twice."""
    return html.escape(text).replace("{", "&#123;").replace("}", "&#125;")


def for_kubespawner(entry):
    """An entry in the format of KubeSpawner, without `groups` and `cull_after`."""
    fields = {name: value for name, value in entry.items() if name not in ("groups", "cull_after")}
    fields["display_name"] = form_text(entry["display_name"])
    if "description" in entry:
        fields["description"] = form_text(entry["description"])
    if "kubespawner_override" in entry:
        fields["kubespawner_override"] = with_escaped_environment(entry["kubespawner_override"])
    return fields


def allowed_profiles(spawner):
    """
    The profiles that the user may select, in their order. KubeSpawner evaluates them for the form and again when a server starts, so that
    API requests for other choices are denied as well.
    """
    groups = {group.name for group in spawner.user.groups}

    def is_allowed(entry):
        return "groups" not in entry or not groups.isdisjoint(entry["groups"])

    profiles = []
    for profile in filter(is_allowed, facts["profiles"]):
        options = {}
        for name, option in profile["profile_options"].items():
            choices = {key: for_kubespawner(choice) for key, choice in option["choices"].items() if is_allowed(choice)}
            if choices:
                options[name] = {**for_kubespawner(option), "choices": choices}
        if "size" in options:
            profiles.append({**for_kubespawner(profile), "profile_options": options})
    if not profiles:
        # With an empty list, KubeSpawner would start a server without limits.
        raise HTTPError(403, "You are not a member of a group that is allowed to start a server.")
    return profiles


def set_user_options(spawner, options):
    spawner.user_options = spawner.orm_spawner.user_options = options


def validate_user_options(spawner):
    """Before each start: fills in defaults, and denies choices that the user may not select."""
    profiles = allowed_profiles(spawner)
    given = spawner.user_options if isinstance(spawner.user_options, dict) else {}
    slug = given.get("profile") or profiles[0]["slug"]
    profile = next((entry for entry in profiles if entry["slug"] == slug), None)
    # The last selection is the default of the next start: a denied one must not be stored, or the next start would fail too.
    set_user_options(spawner, {})
    if profile is None:
        raise HTTPError(403, f"Environment {slug!r} does not exist, or you are not allowed to select it.")
    selected = {"profile": slug}
    for name, option in profile["profile_options"].items():
        choice = given.get(name) or next(iter(option["choices"]))
        if not isinstance(choice, str) or choice not in option["choices"]:
            raise HTTPError(403, f"{name} {choice!r} does not exist, or you are not allowed to select it.")
        selected[name] = choice
    set_user_options(spawner, selected)


user_tokens = notebooks["userTokens"]


def jwt_part(value):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed_token(token, username):
    """A JSON Web Token (HS256) for this user; None for a name that another service would mistake for somebody else."""
    reserved = any(username.startswith(name[:-1]) if name.endswith("*") else username == name for name in token["reserved"])
    if reserved or not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", username):
        return None
    now = int(time.time())
    payload = {
        "exp": now + token["lifetime"],
        "iat": now,
        "iss": token["issuer"],
        "jti": secrets.token_hex(16),
        "scope": token["scope"],
        "sub": token["subject"].replace("{username}", username),
    }
    signed = f"{jwt_part({'alg': 'HS256', 'kid': token['keyId']})}.{jwt_part(payload)}"
    key = bytes.fromhex(os.environ[token["keyVariable"]])
    return f"{signed}.{jwt_part(hmac.new(key, signed.encode(), hashlib.sha256).digest())}"


def set_user_tokens(spawner):
    """Signs the tokens of the user at each start of a server."""
    for entry in user_tokens:
        if not entry["sign"] or entry["environment"] not in (None, spawner.user_options.get("profile")):
            continue
        token = signed_token(entry["sign"], spawner.user.name)
        if token is None:
            spawner.log.warning("No token %s for the user %r: the name is reserved", entry["file"], spawner.user.name)
        else:
            spawner.environment[entry["variable"]] = token


def token_script():
    """Writes tokens from the environment into files that only the user can read: clients refuse other files."""
    lines = ["umask 077", 'cd "$HOME"']
    for entry in user_tokens:
        file, folder = shlex.quote(entry["file"]), shlex.quote(os.path.dirname(entry["file"]) or ".")
        lines.append(f'if [ -n "${entry["variable"]}" ]; then mkdir -p {folder} && printf %s "${entry["variable"]}" > {file}; fi')
    return "; ".join(lines)


def before_start(spawner):
    validate_user_options(spawner)
    set_user_tokens(spawner)


if user_tokens:
    pods.lifecycle_hooks = {"postStart": {"exec": {"command": ["sh", "-c", token_script()]}}}

pods.profile_list = allowed_profiles
pods.pre_spawn_hook = before_start

# ---- culling of idle servers -----------------------------------------------------------------------------------------

hub.services = []
hub.load_roles = []


def add_service(name, scopes, **settings):
    hub.services.append({"name": name, **settings})
    hub.load_roles.append({"name": name, "services": [name], "scopes": scopes})


CULLER_SCOPES = ["list:users", "read:users:activity", "read:servers", "delete:servers"]
# After a restart, the last activity in the hub is outdated until the hub reads it from the proxy, one interval later. Without a delay, the
# idle culler would stop servers that are in use.
DELAYED_CULLER = "import sys, time; time.sleep(float(sys.argv.pop(1))); from jupyterhub_idle_culler import main; main()"
DELAY = str(2 * facts["activityInterval"])
# Localhost: the NetworkPolicy does not allow the hub to connect to its own Service.
LOCAL_API = f"http://127.0.0.1:{HUB_PORT}/hub/api"
cull = facts["cull"]
if cull:
    add_service(
        "cull-idle",
        CULLER_SCOPES,
        command=[
            sys.executable,
            "-c",
            DELAYED_CULLER,
            DELAY,
            f"--url={LOCAL_API}",
            f"--timeout={cull['after']}",
            f"--cull-every={cull['every']}",
            f"--max-age={cull['oldest']}",
        ],
    )
if facts["cullEarly"]:
    command = [sys.executable, str(Path(__file__).with_name("cull_early.py")), DELAY]
    add_service("cull-early", CULLER_SCOPES, command=command, environment={"JUPYTERHUB_API_URL": LOCAL_API})

# ---- external services -----------------------------------------------------------------------------------------------

for service in facts["services"]:
    add_service(service["name"], service["scopes"], api_token=os.environ[service["tokenVariable"]])

# Services that notebooks use with their own tokens. The service validates the token with the hub: tokens of users and
# servers need the scopes of the service, in addition to their defaults. A role must be listed only once.
identities = facts["identities"]
if identities:
    scopes = list(dict.fromkeys(scope for identity in identities for scope in identity["scopes"]))
    hub.services.extend({"name": identity["service"]} for identity in identities)
    hub.load_roles.append({"name": "user", "scopes": ["self", *(scope for scope in scopes if scope.startswith("access:"))]})
    hub.load_roles.append({"name": "server", "scopes": ["users:activity!user", "access:servers!server", *scopes]})

hub.authenticate_prometheus = not facts["openMetrics"]

# ---- additional settings ---------------------------------------------------------------------------------------------


def combined(before, given):
    """Adds settings to those above: objects are merged, lists extended (entries with a name are merged by name), other values replaced."""
    if isinstance(before, dict) and isinstance(given, list) and all(isinstance(item, dict) and "name" in item for item in given):
        given = {item["name"]: item for item in given}
    if isinstance(before, dict) and isinstance(given, dict):
        return {**before, **{key: combined(before[key], item) if key in before else item for key, item in given.items()}}
    if isinstance(before, list) and isinstance(given, list):
        if all(isinstance(item, dict) and "name" in item for item in [*before, *given]):
            by_name = {item["name"]: item for item in before}
            return list(combined(by_name, {item["name"]: item for item in given}).values())
        return [*before, *(item for item in given if item not in before)]
    return given


for owner, settings in facts["settings"].items():
    for setting, value in settings.items():
        c[owner][setting] = combined(c[owner][setting], value) if setting in c[owner] else value
