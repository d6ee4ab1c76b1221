"""Client in a notebook: `notebook.py FUNCTION [ARGUMENT]` prints the result as one line of JSON.

Scheduler, certificates and object store are taken from the environment, as in a notebook.
"""

import json
import os
import sys
import time

import dask
import numpy
import s3fs
from distributed import Client, wait

STORE = {"key": "test", "secret": "test", "client_kwargs": {"endpoint_url": os.environ.get("AWS_ENDPOINT_URL", "")}}


def mark(folder, i, size=1):
    """A result; each computation creates a file."""
    with open(f"{folder}/{i}-{time.time_ns()}", "w"):
        pass
    time.sleep(0.05)
    return numpy.full(size, i)


def total(path):
    with s3fs.S3FileSystem(**STORE, skip_instance_cache=True).open(path) as file:
        return int(numpy.frombuffer(file.read(), dtype="int64").sum())


def s3(client, _):
    """Workers read and sum objects that the client wrote."""
    store = s3fs.S3FileSystem(**STORE)
    store.mkdir("data")
    for i in range(12):
        with store.open(f"data/part-{i}", "wb") as file:
            file.write(numpy.full(50_000, i, dtype="int64").tobytes())
    parts = client.map(total, [f"data/part-{i}" for i in range(12)])
    return {"sum": client.submit(sum, parts).result(), "workers": len({who[0] for who in client.who_has(parts).values()})}


def limits(client, _):
    """Settings as reported by the workers."""

    def of(dask_worker):
        memory = dask_worker.memory_manager
        shares = [memory.memory_target_fraction, memory.memory_spill_fraction, memory.memory_pause_fraction]
        return {
            "threads": dask_worker.state.nthreads,
            "memory": memory.memory_limit,
            "shares": [*shares, dask.config.get("distributed.worker.memory.terminate")],
            "maxSpill": memory.max_spill,
            "resources": dask_worker.state.total_resources,
            "lifetime": dask_worker.lifetime,
            "local": dask_worker.local_directory,
        }

    return {info["name"]: told for info, told in zip(client.scheduler_info(n_workers=-1)["workers"].values(), client.run(of).values(), strict=True)}


def resources(client, name):
    """Workers on which tasks that request a resource ran."""
    with dask.annotate(resources={name: 1}):
        done = client.map(lambda i: i, range(20), pure=False)
    wait(done, timeout=60)
    where = {worker for who in client.who_has(done).values() for worker in who}
    names = {address: info["name"] for address, info in client.scheduler_info(n_workers=-1)["workers"].items()}
    return sorted(names[worker] for worker in where)


def spill(client, name):
    """Computes results of twice the memory of one worker on it and reads them back."""
    blocks = client.map(lambda i: numpy.random.default_rng(i).integers(0, 2**60, 5_000_000), range(32), workers=[name], pure=False)
    wait(blocks, timeout=240)
    spilled = client.run(lambda dask_worker: dask_worker.data.spilled_total.disk, workers=_addresses(client, name))
    sums = client.gather(client.map(lambda block: int(block[0]), blocks, workers=[name]))
    return {
        "spilled": sum(spilled.values()),
        "right": sums == [int(numpy.random.default_rng(i).integers(0, 2**60, 1)[0]) for i in range(32)],
    }


def compute(client, folder):
    """Computes, prints the number of results of each worker, waits for a line of input, and reads the results."""
    results = client.map(mark, [folder] * 60, range(60), [20_000] * 60, pure=False)
    wait(results, timeout=60)
    held = {}
    for who in client.has_what().items():
        held[client.scheduler_info(n_workers=-1)["workers"][who[0]]["name"]] = len(who[1])
    print(json.dumps(held), flush=True)
    sys.stdin.readline()
    values = client.gather(results)
    return {"right": [int(value[0]) for value in values] == list(range(60)), "computations": len(os.listdir(folder))}


def processes(client, _):
    """Process ids of the workers; a restarted worker has another one."""
    return {info["name"]: pid for info, pid in zip(client.scheduler_info(n_workers=-1)["workers"].values(), client.run(os.getpid).values(), strict=True)}


def _addresses(client, name):
    return [address for address, info in client.scheduler_info(n_workers=-1)["workers"].items() if info["name"] == name]


what, argument = sys.argv[1], (sys.argv[2:] or [""])[0]
with Client(timeout=20) as client:
    print(json.dumps(globals()[what](client, argument)))
