"""A process beside the running one that writes orders, as the command line does.

Arguments: the database's address, how many seconds. Environment: SECRET_KEY. Prints how many.
"""

import asyncio
import os
import sys
import time

from storage import commands
from storage.database import open_database
from storage.vault import Vault


async def main() -> None:
    url, lasting_s = sys.argv[1], float(sys.argv[2])
    database = await open_database(url, Vault([os.environ["SECRET_KEY"]]), may_migrate=False)
    end = time.monotonic() + lasting_s
    count = 0
    while time.monotonic() < end:
        async with database.transaction() as tx:
            await commands.order(tx, "greet", args={"number": count})
        count += 1
    await database.close()
    print(count)  # noqa: T201 - for the test that started it


asyncio.run(main())
