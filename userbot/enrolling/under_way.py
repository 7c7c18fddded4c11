"""The logins that are under way: one per account, one step at a time, each with its line."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from weakref import WeakValueDictionary

from userbot.limits import Limits
from userbot.line import Line
from userbot.lingering import Lingering
from userbot.login_answers import Outcome
from userbot.nursery import Nursery

ABANDONED_AFTER_S = 600.0


@dataclass(slots=True)
class Picture:
    """What a login by picture shows now, until when it can be scanned, and what came of it."""

    outcome: Outcome = field(default_factory=dict, repr=False)
    expires_at: datetime | None = None
    scanned: asyncio.Event = field(default_factory=asyncio.Event)
    """Telegram says that somebody scanned it."""
    turned: asyncio.Event = field(default_factory=asyncio.Event)
    """There is another outcome: then this event is set, and replaced by a new one."""
    is_left: bool = False
    """The operator left. What was shown can still be scanned until it expires."""

    def turn(self, outcome: Outcome) -> None:
        self.outcome = outcome
        before, self.turned = self.turned, asyncio.Event()
        before.set()


@dataclass(slots=True)
class Login:
    """A login that is under way, and its line."""

    account_id: int
    line: Line
    phone: str = field(default="", repr=False)
    """As the operator typed it; empty where a picture is scanned."""
    code_hash: str = field(default="", repr=False)
    asked: Outcome | None = None
    """What Telegram waits for: the code, the password, or that the picture is scanned."""
    is_possibly_in: bool = False
    """A code or password was handed over, or a picture was scanned, and no answer came: nothing
    may be deleted."""
    picture: Picture | None = None
    deadline: asyncio.TimerHandle | None = None


class UnderWay:
    """The logins of this process. What is left alone for ten minutes is let go of."""

    def __init__(self, nursery: Nursery, limits: Limits) -> None:
        self._nursery = nursery
        self._limits = limits
        self._lingering: dict[int, Lingering] = {}
        """By account: lines that have ended, which Telegram may have open yet."""
        self._logins: dict[int, Login] = {}
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def lock(self, account_id: int) -> asyncio.Lock:
        """One step of one login at a time."""
        return self._locks.setdefault(account_id, asyncio.Lock())

    def get(self, account_id: int) -> Login | None:
        return self._logins.get(account_id)

    def put(self, login: Login) -> None:
        """Begin one; there must be none of that account."""
        self._logins[login.account_id] = login
        loop = asyncio.get_running_loop()
        login.deadline = loop.call_later(ABANDONED_AFTER_S, self._abandon, login.account_id)

    async def drop(self, account_id: int) -> None:
        """Close its line. What was begun can be taken up again."""
        login = self._logins.pop(account_id, None)
        if login is not None:
            if login.deadline is not None:
                login.deadline.cancel()
            if login.picture is not None:
                login.picture.scanned.set()  # whoever watches it has nothing to wait for
            await self.close_line(account_id, login.line)

    async def close_line(self, account_id: int, line: Line) -> None:
        """Close a login's line, also one that never came about, and remember what may linger."""
        if line.may_linger:
            lingering = self._lingering.setdefault(account_id, Lingering(self._limits))
            lingering.ended(line)
        await line.close()

    def abort(self) -> None:
        """Abort the transport of every line, now."""
        for login in self._logins.values():
            login.line.drop()

    def is_any_of(self, account_id: int) -> bool:
        """Whether a login of that account has a line, or takes a step that may open one.

        Also where it had one that Telegram may have open yet.
        """
        lock = self._locks.get(account_id)
        is_in_step = lock is not None and lock.locked()
        return account_id in self._logins or is_in_step or self._lingers(account_id)

    def _lingers(self, account_id: int) -> bool:
        lingering = self._lingering.get(account_id)
        if lingering is not None and not lingering.is_any:
            del self._lingering[account_id]
        return account_id in self._lingering

    async def close(self, answers: Callable[[Line], Awaitable[bool]]) -> set[int]:
        """Close every line; those accounts of which Telegram would not hear that."""
        logins = tuple(self._logins.values())
        heard = await asyncio.gather(*(answers(login.line) for login in logins))
        await asyncio.gather(*(self.drop(login.account_id) for login in logins))
        asked = zip(logins, heard, strict=True)
        return {login.account_id for login, is_heard in asked if not is_heard}

    def _abandon(self, account_id: int) -> None:
        self._nursery.start(self.drop(account_id), name=f"abandoned login {account_id}")
