"""Configuration of dask-gateway. This file does not change; the settings are in gateway.json in the same directory.

Read by the API server (`dask-gateway-server`) and by the controller (`dask-gateway-server kube-controller`).
"""

import json
import os
from urllib.parse import urlsplit

from dask_gateway_server.backends.base import PublicException
from dask_gateway_server.backends.kubernetes import KubeBackend
from dask_gateway_server.options import Float, Options, Select, String

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "gateway.json")) as file:
    settings = json.load(file)

c = get_config()  # noqa: F821  (defined by traitlets)
GIB = 2**30

# ---- limits ----------------------------------------------------------------------------------------------------------


def limits_of(user):
    """The highest value of each limit among the groups of a user; the default limits for users without such a group."""
    own = [settings["groups"][group] for group in user.groups if group in settings["groups"]] or [settings["limits"]]
    return {name: max(limits[name] for limits in own) for name in settings["limits"]}


def cluster_config(options, user):
    """Configuration of a cluster from the options of its user."""
    if options.image not in settings["images"]:
        raise ValueError(f"image {options.image} is not one of {', '.join(settings['images'])}")
    limits = limits_of(user)
    memory = int(options.worker_memory * GIB)
    accelerator = settings["accelerators"].get(options.accelerator) if settings["accelerators"] else None
    pods = {}
    if accelerator:
        pods = {"worker_extra_pod_config": accelerator["pod"], "worker_extra_container_config": accelerator["container"]}
    return {
        "image": options.image,
        "worker_cores": options.worker_cores,
        "worker_memory": memory,
        "worker_threads": max(1, int(options.worker_cores)),
        # Workers in excess of the accelerators would stay pending.
        "cluster_max_workers": min(limits["workers"], accelerator["workers"]) if accelerator else limits["workers"],
        "cluster_max_cores": limits["cpu"],
        "cluster_max_memory": limits["memory"],
        **pods,
    }


class LimitedBackend(KubeBackend):
    """Limits the number of clusters per user; dask-gateway itself only limits the size of each cluster."""

    async def start_cluster(self, user, cluster_options):
        maximum = limits_of(user)["clusters"]
        own = {cluster.name for cluster in await self.list_clusters(username=user.name)}
        # Clusters created a moment ago are not in the list yet.
        started = self.__dict__.setdefault("started", {}).setdefault(user.name, set())
        started -= self.clusters.keys()
        if len(own | started) >= maximum:
            raise PublicException(f"{user.name} has {maximum} of {maximum} clusters: stop one first")
        name = await super().start_cluster(user, cluster_options)
        started.add(name)
        return name


worker, largest = settings["worker"], settings["largestWorker"]
# Shown only if there are accelerators to choose from.
accelerator_options = [Select("accelerator", ["none", *settings["accelerators"]], default="none", label="Accelerator of a worker")]
c.Backend.cluster_options = Options(
    String("image", default=settings["image"], label="Image"),
    Float("worker_cores", default=worker["cpu"], min=0.1, max=largest["cpu"], label="Cores of a worker"),
    Float("worker_memory", default=worker["memory"] / GIB, min=1, max=largest["memory"] / GIB, label="Memory of a worker (GiB)"),
    *(accelerator_options if settings["accelerators"] else []),
    handler=cluster_config,
)

# ---- authentication --------------------------------------------------------------------------------------------------

c.DaskGateway.authenticator_class = "dask_gateway_server.auth.JupyterHubAuthenticator"
c.JupyterHubAuthenticator.jupyterhub_api_url = settings["hub"]["apiUrl"]
# Otherwise any token of the hub would be accepted, regardless of its scopes.
c.JupyterHubAuthenticator.jupyterhub_service_name = settings["hub"]["service"]
c.JupyterHubAuthenticator.use_service_access_scopes = True

# ---- API server and controller ---------------------------------------------------------------------------------------

ADDRESS = f":{urlsplit(settings['apiUrl']).port}"
c.DaskGateway.address = ADDRESS
c.DaskGateway.backend_class = LimitedBackend
c.KubeController.address = ADDRESS
for part in (c.KubeBackend, c.KubeController):
    part.gateway_instance = settings["instance"]
    part.api_url = f"{settings['apiUrl']}/api"
    part.common_labels = {"app.kubernetes.io/name": "dask-gateway", "app.kubernetes.io/managed-by": "dask-gateway"}
c.KubeController.proxy_web_middlewares = [{"name": settings["middleware"]}]

# ---- pods of a cluster -----------------------------------------------------------------------------------------------

cluster = c.KubeClusterConfig
cluster.namespace = settings["namespace"]
cluster.image = settings["image"]
cluster.image_pull_policy = "IfNotPresent"
cluster.environment = settings["environment"]
cluster.idle_timeout = settings["idleTimeout"]
cluster.scheduler_cmd = settings["schedulerCommand"]
cluster.scheduler_cores = settings["scheduler"]["cpu"]
cluster.scheduler_memory = settings["scheduler"]["memory"]
cluster.worker_cmd = settings["workerCommand"]
cluster.worker_cores = worker["cpu"]
cluster.worker_memory = worker["memory"]
for kind in ("scheduler", "worker"):
    pods = settings[f"{kind}Pods"]
    setattr(cluster, f"{kind}_extra_pod_labels", pods["labels"])
    setattr(cluster, f"{kind}_extra_pod_config", pods["pod"])
    setattr(cluster, f"{kind}_extra_container_config", pods["container"])
