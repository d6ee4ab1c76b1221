"""
Loads the generated jupyterhub_config.py and hub.json with the real JupyterHub and KubeSpawner, and prints roles, services and the pods of the
given users. Reads one JSON object: {config: FOLDER, users: [{name, groups, chosen}]}.
"""

import asyncio
import json
import os
import sys
import types

os.environ.setdefault("OIDC_CLIENT_SECRET", "unused")

import kubespawner.spawner  # noqa: E402
from jupyterhub import orm  # noqa: E402
from jupyterhub.app import JupyterHub  # noqa: E402
from jupyterhub.objects import Hub, Server  # noqa: E402
from kubernetes_asyncio.client import ApiClient  # noqa: E402
from traitlets.config import PyFileConfigLoader  # noqa: E402

# There is no cluster.
kubespawner.spawner.load_config = lambda **_: None


async def roles(config):
    """Loads roles like the hub at its start, which rejects a role that is defined twice."""
    JupyterHub.clear_instance()
    app = JupyterHub()
    app.update_config(config)
    app.db = orm.new_session_factory("sqlite://")()
    app.init_users = app.init_groups = lambda: None
    await app.init_role_creation()
    return {role.name: sorted(role.scopes) for role in app.db.query(orm.Role)}


async def pod(config, given, client):
    user = types.SimpleNamespace(name=given["name"], escaped_name=given["name"], id=None, orm_user=None, settings={})
    user.groups = [types.SimpleNamespace(name=group) for group in given["groups"]]
    user.url = user.base_url = f"/user/{given['name']}/"
    user.server = Server()
    kind = config.JupyterHub.spawner_class
    spawner = kind(config=config, hub=Hub(), user=user, orm_spawner=types.SimpleNamespace(name="", server=None, state={}), _mock=True)
    spawner.user_options = given.get("chosen", {})
    spawner.pre_spawn_hook(spawner)
    await spawner.load_user_options()
    return client.sanitize_for_serialization(await spawner.get_pod_manifest())


async def main():
    request = json.load(sys.stdin)
    config = PyFileConfigLoader("jupyterhub_config.py", path=request["config"]).load_config()
    async with ApiClient() as client:
        answer = {
            "roles": await roles(config),
            "services": [service["name"] for service in config.JupyterHub.services],
            "admin_access": config.JupyterHub.admin_access,
        }
        pods = [await pod(config, user, client) for user in request["users"]]
        answer["pods"] = [one["spec"] for one in pods]
        answer["labels"] = [one["metadata"]["labels"] for one in pods]
    print(json.dumps(answer))


asyncio.run(main())
