"""Uses the gateway as a notebook does: prints one line of JSON."""

import json
import os
import sys

from dask_gateway import Gateway


def refused(work):
    """Error message of a rejected call; None if it succeeds."""
    try:
        work()
    except Exception as error:  # every error is shown to the user
        return f"{type(error).__name__}: {error}"
    return None


what, argument = sys.argv[1], (sys.argv[2:] or [""])[0]
with Gateway() as gateway:
    if what == "start":
        answer = {"options": dict(gateway.cluster_options()), "name": gateway.submit(worker_cores=2, worker_memory=2)}
    elif what == "refusals":
        answer = {
            "large": refused(lambda: gateway.submit(worker_cores=64)),
            "image": refused(lambda: gateway.submit(image="registry.example.org/other:1")),
        }
    elif what == "again":
        answer = refused(lambda: gateway.submit())
    elif what == "list":
        answer = [cluster.name for cluster in gateway.list_clusters()]
    elif what == "stop":
        answer = gateway.stop_cluster(argument)
print(json.dumps(answer), flush=True)
os._exit(0)
