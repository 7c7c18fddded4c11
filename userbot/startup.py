"""The start-up delay: nothing dials before it is over."""

import asyncio

from userbot.budget import Budget


class StartupBudget(Budget):
    """A budget whose first turn comes `delay_s` after it was made (STARTUP_DELAY).

    Who asks before waits in line, with all it needs at hand, so the order of asking is kept.
    """

    def __init__(self, *, per_second: float, per_proxy: int, delay_s: float) -> None:
        super().__init__(per_second=per_second, per_proxy=per_proxy)
        self._free_at = asyncio.get_running_loop().time() + delay_s
