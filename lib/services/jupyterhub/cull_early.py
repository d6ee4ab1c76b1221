"""
Stops idle servers whose environment, size or option has an idle timeout of its own (`cull.after`). Runs as a service of the hub, in
addition to jupyterhub-idle-culler, which supports only one timeout for all servers. Both use the last activity that the hub reports.
`cull_early.py SECONDS` waits for SECONDS before the first check.
"""

import json
import logging
import os
import sys
import time
import urllib.request
from datetime import datetime, timezone
from pathlib import Path

log = logging.getLogger("cull-early")
facts = json.loads(Path(__file__).with_name("hub.json").read_text())
hub = os.environ["JUPYTERHUB_API_URL"]
token = os.environ["JUPYTERHUB_API_TOKEN"]


def call(path, method="GET"):
    request = urllib.request.Request(hub + path, method=method, headers={"Authorization": f"token {token}"})
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.loads(response.read() or "null")


def timeout_of(user_options):
    """The shortest idle timeout of the selected choices; None if none of them has one."""
    profile = next((entry for entry in facts["profiles"] if entry["slug"] == user_options.get("profile")), None)
    if profile is None:
        return None
    choices = [
        option["choices"].get(user_options.get(name), {}) for name, option in profile["profile_options"].items()
    ]
    timeouts = [entry["cull_after"] for entry in [profile, *choices] if "cull_after" in entry]
    return min(timeouts, default=None)


def cull():
    now = datetime.now(timezone.utc)
    offset = 0
    while users := call(f"/users?state=ready&limit=100&offset={offset}"):
        offset += len(users)
        for user in users:
            for name, server in (user.get("servers") or {}).items():
                timeout = timeout_of(server.get("user_options") or {})
                last_activity = server.get("last_activity") or server.get("started")
                if timeout is None or last_activity is None or not server.get("ready"):
                    continue
                idle = (now - datetime.fromisoformat(last_activity.replace("Z", "+00:00"))).total_seconds()
                if idle >= timeout:
                    log.warning("stopping server '%s' of %s, idle for %d s", name, user["name"], idle)
                    path = "server" if name == "" else f"servers/{urllib.request.quote(name, safe='')}"
                    call(f"/users/{urllib.request.quote(user['name'], safe='')}/{path}", "DELETE")


if __name__ == "__main__":
    logging.basicConfig(format="%(name)s: %(message)s")
    time.sleep(float(sys.argv[1]))
    while True:
        try:
            cull()
        except OSError as error:
            # The hub may be starting; the next check follows soon.
            log.warning("%s", error)
        time.sleep(facts["cullEarly"]["every"])
