"""What is looked at all the time, so that whoever asks need not wait: the database, the loop."""

import asyncio

from storage import figures
from storage.database import Database
from storage.errors import StorageBusy, StorageError
from storage.timings import Timings

ASK_EVERY_S = 5.0
ANSWER_WITHIN_S = 10.0
LAG_EVERY_S = 0.5
_LAG = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class DatabaseProbe:
    """Reads a row now and then. One that hangs holds up nobody but this."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._clock = asyncio.get_running_loop().time
        self._asked_at: float | None = None
        self._said: str | None = "it was not asked yet"

    @property
    def trouble(self) -> str | None:
        """Why it is not as it should be, in words that hold no address; None where it is well."""
        silent_s = 0.0 if self._asked_at is None else self._clock() - self._asked_at
        if silent_s > ANSWER_WITHIN_S:
            return f"it has not answered for {silent_s:.0f} s"
        if self._said is not None:
            return self._said
        if (trouble := self._database.writer.trouble) is not None:
            return f"it can't be written since {trouble.since:%H:%M:%S} UTC"
        return None

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            self._asked_at = self._clock()
            try:
                async with self._database.read() as tx:
                    await figures.answers(tx)
            except StorageError as exc:
                self._said = _in_words(exc)
            else:
                self._said = None
            self._asked_at = None
            await asyncio.sleep(ASK_EVERY_S)


class LoopLag:
    """How late the loop wakes a task that wants to run."""

    def __init__(self) -> None:
        self.timings = Timings(_LAG)

    async def run(self) -> None:
        """Measure until cancelled."""
        clock = asyncio.get_running_loop().time
        while True:
            due_at = clock() + LAG_EVERY_S
            await asyncio.sleep(LAG_EVERY_S)
            self.timings.add(max(0.0, clock() - due_at))


def _in_words(error: StorageError) -> str:
    """Never what the driver says: a user, a host or a path may be in that."""
    if isinstance(error, StorageBusy):
        return "it is locked or out of reach"
    return "it does not answer, or fails; the log says more"
