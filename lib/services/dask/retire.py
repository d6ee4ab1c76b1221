"""preStop hook of a worker: moves results that only this worker has to the other workers. Then the kubelet stops the pod."""

import asyncio
import os
import sys

from distributed import Client


async def retire() -> None:
    address, name = os.environ["DASK_SCHEDULER_ADDRESS"], os.environ["POD_NAME"]
    # Without a scheduler there is no worker to move results to: the pod must not wait for one.
    async with Client(address, asynchronous=True, timeout=10) as client:
        retired = await client.retire_workers(names=[name], close_workers=False)
        print(f"{name}: {'results moved to other workers' if retired else 'no other worker to move results to'}")


try:
    asyncio.run(asyncio.wait_for(retire(), float(os.environ["RETIREMENT_SECONDS"])))
except (TimeoutError, asyncio.TimeoutError, OSError) as error:
    sys.exit(f"{os.environ['POD_NAME']}: {error or 'timeout'}; its results will be computed again")
