"""
Loads the generated jupyterhub_config.py and hub.json into the real authenticators: each is created, has a trait for every setting, and returns
the groups of a user. Reads lines of JSON: {config: FOLDER, state: auth_state}; prints a line of JSON for each.
"""

import asyncio
import json
import os
import sys

os.environ["OIDC_CLIENT_SECRET"] = "unused"

from jupyterhub import orm  # noqa: E402
from jupyterhub.app import JupyterHub  # noqa: E402
from traitlets.config import PyFileConfigLoader  # noqa: E402


async def answer(request):
    config = PyFileConfigLoader("jupyterhub_config.py", path=request["config"]).load_config()
    JupyterHub.clear_instance()
    app = JupyterHub()
    app.update_config(config)
    kind = app.authenticator_class
    try:
        # Like the hub: with a database.
        login = kind(parent=app, db=orm.new_session_factory("sqlite://")())
    except Exception as error:
        return {"kind": kind.__name__, "error": str(error)}
    given = [name for base in kind.mro() for name in config.get(base.__name__, {})]
    if hasattr(login, "get_user_groups"):
        groups = sorted(await login.get_user_groups(request["state"]))
    else:
        groups = (await login.run_post_auth_hook(None, {"name": "ada", "auth_state": request["state"]}))["groups"]
    return {"kind": kind.__name__, "unknown": [name for name in given if not login.has_trait(name)], "groups": groups, "service": login.login_service}


async def main():
    for line in sys.stdin:
        print(json.dumps(await answer(json.loads(line))), flush=True)


asyncio.run(main())
