"""Configuration of dask-gateway: this program is fixed, what it configures is in gateway.json beside it.

Read by the API server (`dask-gateway-server`) and by the controller (`dask-gateway-server kube-controller`).
"""

import json
import os

from dask_gateway_server.backends.base import PublicException
from dask_gateway_server.backends.kubernetes import KubeBackend
from dask_gateway_server.options import Float, Options, Select, String

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "gateway.json")) as file:
    facts = json.load(file)

c = get_config()  # noqa: F821  (given by traitlets)
GIB = 2**30

# ---- who may have how much -------------------------------------------------------------------------------------------


def limits_of(user):
    """The largest of each limit among the groups of a user; without such a group, the limits of everybody."""
    own = [facts["groups"][group] for group in user.groups if group in facts["groups"]] or [facts["limits"]]
    return {name: max(limits[name] for limits in own) for name in facts["limits"]}


def configuration(options, user):
    """What a cluster becomes, of what its user has chosen."""
    if options.image not in facts["images"]:
        raise ValueError(f"image {options.image} is not one of {', '.join(facts['images'])}")
    limits = limits_of(user)
    memory = int(options.worker_memory * GIB)
    card = facts["accelerators"].get(options.accelerator) if facts["accelerators"] else None
    pods = {"worker_extra_pod_config": card["pod"], "worker_extra_container_config": card["container"]} if card else {}
    return {
        "image": options.image,
        "worker_cores": options.worker_cores,
        "worker_memory": memory,
        "worker_threads": max(1, int(options.worker_cores)),
        # More workers with a card than there are cards would wait for ever.
        "cluster_max_workers": min(limits["workers"], card["workers"]) if card else limits["workers"],
        "cluster_max_cores": limits["cpu"],
        "cluster_max_memory": limits["memory"],
        **pods,
    }


class LimitedBackend(KubeBackend):
    """Counts the clusters of a user; the gateway itself limits each cluster alone."""

    async def start_cluster(self, user, cluster_options):
        most = limits_of(user)["clusters"]
        own = {cluster.name for cluster in await self.list_clusters(username=user.name)}
        # What was made a moment ago has not been seen yet.
        started = self.__dict__.setdefault("started", {}).setdefault(user.name, set())
        started -= self.clusters.keys()
        if len(own | started) >= most:
            raise PublicException(f"{user.name} has {most} of {most} clusters: stop one first")
        name = await super().start_cluster(user, cluster_options)
        started.add(name)
        return name


worker, largest = facts["worker"], facts["largestWorker"]
# Asked only where there is something to choose.
cards = [Select("accelerator", ["none", *facts["accelerators"]], default="none", label="Accelerator of a worker")]
c.Backend.cluster_options = Options(
    String("image", default=facts["image"], label="Image"),
    Float("worker_cores", default=worker["cpu"], min=0.1, max=largest["cpu"], label="Cores of a worker"),
    Float("worker_memory", default=worker["memory"] / GIB, min=1, max=largest["memory"] / GIB, label="Memory of a worker (GiB)"),
    *(cards if facts["accelerators"] else []),
    handler=configuration,
)

# ---- who they are ----------------------------------------------------------------------------------------------------

c.DaskGateway.authenticator_class = "dask_gateway_server.auth.JupyterHubAuthenticator"
c.JupyterHubAuthenticator.jupyterhub_api_url = facts["hub"]["apiUrl"]
# Else every token of the hub would do, whatever it was given for.
c.JupyterHubAuthenticator.jupyterhub_service_name = facts["hub"]["service"]
c.JupyterHubAuthenticator.use_service_access_scopes = True

# ---- API server and controller ---------------------------------------------------------------------------------------

c.DaskGateway.address = ":8000"
c.DaskGateway.backend_class = LimitedBackend
c.KubeController.address = ":8000"
for part in (c.KubeBackend, c.KubeController):
    part.gateway_instance = facts["instance"]
    part.api_url = f"{facts['apiUrl']}/api"
    part.common_labels = {"app.kubernetes.io/name": "dask-gateway", "app.kubernetes.io/managed-by": "dask-gateway"}
c.KubeController.proxy_web_middlewares = [{"name": facts["middleware"]}]

# ---- the pods of a cluster -------------------------------------------------------------------------------------------

cluster = c.KubeClusterConfig
cluster.namespace = facts["namespace"]
cluster.image = facts["image"]
cluster.image_pull_policy = "IfNotPresent"
cluster.environment = facts["environment"]
cluster.idle_timeout = facts["idleTimeout"]
cluster.scheduler_cmd = facts["schedulerCommand"]
cluster.scheduler_cores = facts["scheduler"]["cpu"]
cluster.scheduler_memory = facts["scheduler"]["memory"]
cluster.worker_cmd = facts["workerCommand"]
cluster.worker_cores = worker["cpu"]
cluster.worker_memory = worker["memory"]
for what in ("scheduler", "worker"):
    pods = facts[f"{what}Pods"]
    setattr(cluster, f"{what}_extra_pod_labels", pods["labels"])
    setattr(cluster, f"{what}_extra_pod_config", pods["pod"])
    setattr(cluster, f"{what}_extra_container_config", pods["container"])
