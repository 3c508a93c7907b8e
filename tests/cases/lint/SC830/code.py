import asyncio
import time


def wait() -> str:
    time.sleep(2)
    return "done"


async def yields() -> str:
    await asyncio.sleep(0)
    return "done"
