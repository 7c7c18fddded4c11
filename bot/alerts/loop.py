"""The loop that brings the admin chat up to date with the incidents, restarts included."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta, tzinfo

from aiogram import Bot
from loguru import logger

from bot.admin_chat import AdminChat
from bot.alerts.causes import joinings
from bot.alerts.plan import Act, Rank, make_plan
from bot.alerts.post import Away, Held, Refused, Trouble
from bot.alerts.rules import Rules
from bot.alerts.teller import Teller
from bot.texts import Texts
from storage import alert_switches, alerts, incidents, preferences
from storage.alerts import Alert
from storage.database import Database
from storage.engines import is_sqlite
from storage.steps import finish

POLL_S = 1.0
LOOK_PAUSE_S = 0.1
"""All that is open is read each time: not for every account that falls."""
REPLAN_S = 2.0
"""What is more urgent may have come meanwhile."""
AWAY_PAUSE_S = 1.0
REFUSED_PAUSE_S = 60.0
PROGRESS_EVERY_S = 3.0
"""An outage's message counts at most so often; other messages want to be sent, too."""
SAY_LIMIT_S = 15.0
"""A shutdown waits for what is being said (S2.4)."""
REFUSALS = 3
"""After so many the chat is closed to us, rather than one message bad."""


class Alerts:
    """Everything that is to be told is in rows: nothing is lost while the Bot API is down."""

    def __init__(
        self,
        database: Database,
        bot: Bot,
        t: Texts,
        *,
        admin_chat: AdminChat,
        after_s: float,
        attempts: int,
        zone: tzinfo,
    ) -> None:
        self._database = database
        self._is_alone = is_sqlite(database.url)
        self._teller = Teller(database, bot, t, admin_chat, zone=zone, attempts=attempts)
        self._after = timedelta(seconds=after_s)
        self._not_before: dict[tuple[object, ...], float] = {}

    async def run(self) -> None:
        """Tell until cancelled."""
        topics = (incidents.CHANGED, preferences.CHANGED)
        with self._database.wakeups.subscribe(*topics) as woken:
            while True:
                await asyncio.sleep(await self._look())
                await woken.wait(POLL_S)

    async def _look(self) -> float:
        """Say what is to be said, the most urgent first; for how long to be quiet after it."""
        waiting, rules = await self._read()
        waiting = await self._grouped(waiting, rules)
        plan = make_plan(waiting, rules)
        if plan.unsaid:
            async with self._database.transaction() as tx:
                await alerts.settle(tx, plan.unsaid)
        return await self._say(plan.acts, rules)

    async def _read(self) -> tuple[Sequence[Alert], Rules]:
        async with self._database.read() as tx:
            waiting = await alerts.unsettled(tx)
            off = await alert_switches.off(tx)
            return waiting, Rules(tx.now, self._after, off)

    async def _grouped(self, waiting: Sequence[Alert], rules: Rules) -> Sequence[Alert]:
        """Put those with one cause together, in the rows before anything is said."""
        if all(alert.incident.told for alert in waiting):
            return waiting
        async with self._database.read() as tx:
            carried = await alerts.carried(tx)
            lines = {} if self._is_alone else await alerts.lines(tx)
        found = joinings(waiting, carried, rules, lines)
        if not found:
            return waiting
        async with self._database.transaction() as tx:
            for joining in found:
                await alerts.join(tx, joining.numbers, joining.cause_key, joining.place)
            return await alerts.unsettled(tx)

    async def _say(self, acts: Sequence[Act], rules: Rules) -> float:
        """Say these; what the Bot API holds up is planned anew after the pause."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        self._not_before = {k: at for k, at in self._not_before.items() if at > began}
        refused = 0
        for act in (a for a in acts if (a.rank, a.key) not in self._not_before):
            if loop.time() - began > REPLAN_S:
                break
            try:
                # To its end, whoever stops us: what was sent and not noted would come twice.
                await finish(self._carry_out(act, rules))
            except Refused as exc:
                refused += 1
                self._put_off(act, REFUSED_PAUSE_S)
                _log_refused(exc)
            except Trouble as exc:
                return _pause_s(exc)
            if refused == REFUSALS:
                return REFUSED_PAUSE_S
            if act.rank is Rank.PROGRESS:
                self._put_off(act, PROGRESS_EVERY_S)
        return LOOK_PAUSE_S

    async def _carry_out(self, act: Act, rules: Rules) -> None:
        try:
            async with asyncio.timeout(SAY_LIMIT_S):
                await self._teller.carry_out(act, rules)
        except TimeoutError as exc:
            raise Away(exc) from exc

    def _put_off(self, act: Act, by_s: float) -> None:
        not_before = asyncio.get_running_loop().time() + by_s
        self._not_before.setdefault((act.rank, act.key), not_before)


def _pause_s(trouble: Trouble) -> float:
    """Exactly as long as the Bot API wants, and else until it may be back."""
    if isinstance(trouble, Held):
        logger.bind(event="alert.held").debug("alerts wait {:g} s", trouble.seconds)
        return trouble.seconds
    if isinstance(trouble, Away):
        logger.bind(event="alert.delayed").debug("alerts wait: {}", trouble)
    return AWAY_PAUSE_S


def _log_refused(error: Refused) -> None:
    logger.bind(event="alert.refused").error(
        "the admin chat can't be written to ({}); check ADMIN_CHAT_ID, or write /start "
        "to the bot there",
        error,
    )
