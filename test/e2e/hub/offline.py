"""
Loads the generated jupyterhub_config.py and hub.json into the real KubeSpawner, without a cluster: prints the offered choices and the pod for
each case. Reads lines of JSON: {config: FOLDER, cases: [{groups, options, user?}]}; prints a line of JSON for each.
"""

import asyncio
import json
import os
import sys
import types

os.environ.setdefault("OIDC_CLIENT_SECRET", "unused")

import kubespawner.spawner  # noqa: E402
from jupyterhub.objects import Hub, Server  # noqa: E402
from kubespawner import KubeSpawner  # noqa: E402
from kubernetes_asyncio.client import ApiClient  # noqa: E402
from tornado.web import HTTPError  # noqa: E402
from traitlets.config import PyFileConfigLoader  # noqa: E402

# There is no cluster.
kubespawner.spawner.load_config = lambda **_: None


class User:
    def __init__(self, name, groups):
        self.name = self.escaped_name = name
        self.id = self.orm_user = None
        self.groups = [types.SimpleNamespace(name=group) for group in groups]
        self.settings, self.url, self.base_url, self.server = {}, f"/user/{name}/", f"/user/{name}/", Server()


async def answer(config, case, client):
    user = User(case.get("user", "ada"), case["groups"])
    spawner = KubeSpawner(config=config, hub=Hub(), user=user, orm_spawner=types.SimpleNamespace(name="", server=None, state={}), _mock=True)
    spawner.user_options = case["options"]
    try:
        profiles = spawner.profile_list(spawner)
        form = spawner._render_options_form(profiles)
        spawner.pre_spawn_hook(spawner)
        await spawner.load_user_options()
        pod = client.sanitize_for_serialization(await spawner.get_pod_manifest())
    except HTTPError as error:
        return {"refused": error.log_message}
    offered = {
        one["slug"]: {name: list(question["choices"]) for name, question in one["profile_options"].items()} for one in profiles
    }
    return {"offered": offered, "chosen": spawner.user_options, "form": form, "pod": pod}


async def main():
    async with ApiClient() as client:
        for line in sys.stdin:
            request = json.loads(line)
            config = PyFileConfigLoader("jupyterhub_config.py", path=request["config"]).load_config()
            print(json.dumps([await answer(config, case, client) for case in request["cases"]]), flush=True)


asyncio.run(main())
