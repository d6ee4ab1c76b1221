"""Before a worker's pod ends: what it alone holds goes to the other workers. The kubelet runs this, and then ends the pod."""

import asyncio
import os
import sys

from distributed import Client


async def retire() -> None:
    address, name = os.environ["DASK_SCHEDULER_ADDRESS"], os.environ["POD_NAME"]
    # A scheduler that is gone has nobody to hand over to: the pod must not wait for it.
    async with Client(address, asynchronous=True, timeout=10) as client:
        retired = await client.retire_workers(names=[name], close_workers=False)
        print(f"{name}: {'handed over' if retired else 'nobody to hand over to'}")


try:
    asyncio.run(asyncio.wait_for(retire(), float(os.environ["RETIREMENT_SECONDS"])))
except (TimeoutError, asyncio.TimeoutError, OSError) as error:
    sys.exit(f"{os.environ['POD_NAME']}: {error or 'out of time'}; what it held is computed again")
