"""
Stops servers whose environment, size or option says to stop sooner than others. A service of the hub, beside its idle culler:
that one knows one time for all. What counts as use is the same: what the hub says was the last activity.
`cull_sooner.py SECONDS` looks after so many seconds for the first time.
"""

import json
import logging
import os
import sys
import time
import urllib.request
from datetime import datetime, timezone
from pathlib import Path

log = logging.getLogger("cull-sooner")
facts = json.loads(Path(__file__).with_name("hub.json").read_text())
hub = os.environ["JUPYTERHUB_API_URL"]
token = os.environ["JUPYTERHUB_API_TOKEN"]


def ask(path, method="GET"):
    request = urllib.request.Request(hub + path, method=method, headers={"Authorization": f"token {token}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or "null")


def limit_of(chosen):
    """The shortest time that any of the choices says; None if none says any."""
    profile = next((one for one in facts["profiles"] if one["slug"] == chosen.get("profile")), None)
    if profile is None:
        return None
    answers = [
        question["choices"].get(chosen.get(name), {}) for name, question in profile["profile_options"].items()
    ]
    limits = [one["cull_after"] for one in [profile, *answers] if "cull_after" in one]
    return min(limits, default=None)


def look():
    now = datetime.now(timezone.utc)
    offset = 0
    while users := ask(f"/users?state=ready&limit=100&offset={offset}"):
        offset += len(users)
        for user in users:
            for name, server in (user.get("servers") or {}).items():
                limit = limit_of(server.get("user_options") or {})
                used = server.get("last_activity") or server.get("started")
                if limit is None or used is None or not server.get("ready"):
                    continue
                idle = (now - datetime.fromisoformat(used.replace("Z", "+00:00"))).total_seconds()
                if idle >= limit:
                    log.warning("stopping server '%s' of %s, idle for %d s", name, user["name"], idle)
                    where = "server" if name == "" else f"servers/{urllib.request.quote(name, safe='')}"
                    ask(f"/users/{urllib.request.quote(user['name'], safe='')}/{where}", "DELETE")


if __name__ == "__main__":
    logging.basicConfig(format="%(name)s: %(message)s")
    time.sleep(float(sys.argv[1]))
    while True:
        try:
            look()
        except OSError as error:
            # The hub may be starting; the next look comes soon.
            log.warning("%s", error)
        time.sleep(facts["cullSooner"]["every"])
