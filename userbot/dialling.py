"""What a dial needs: the account's own proxy, identity and session. Without them, no dial."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from telethon import utils
from telethon.tl import types

from storage import accounts, dials
from storage.accounts import Identity
from storage.database import Database
from storage.dials import Known
from storage.floods import CONNECTING, FloodWait
from storage.proxies import Endpoint
from storage.sessions import StoredSession
from userbot.errors import (
    ConnectFailed,
    LineError,
    Misconfigured,
    Relogin,
    Verdict,
    Wait,
    classify,
)
from userbot.line import Line
from userbot.session import AccountSession
from userbot.terms import Terms

NO_PROXY = 0


class NotReady(LineError):
    """The account can't be dialled as it is set up; `verdict` says what that calls for."""

    def __init__(self, words: str, verdict: Verdict) -> None:
        super().__init__(words)
        self.verdict = verdict


@dataclass(frozen=True, slots=True)
class Setup:
    """How an account is dialled."""

    account_id: int
    identity: Identity
    proxy_id: int
    """`NO_PROXY` where an operator lets it run without one."""
    endpoint: Endpoint | None
    session: StoredSession
    known: Known
    flooded_until: datetime | None


async def read_setup(database: Database, account_id: int) -> Setup:
    """How the account is dialled now. Raises `NotReady` where something is missing."""
    async with database.read() as tx:
        data = await dials.read(tx, account_id)
    if data.endpoint is None and not data.without_proxy:
        raise NotReady("the account has no proxy", Misconfigured())
    if data.session is None:
        raise NotReady("there is no stored session", Relogin())
    return Setup(
        account_id,
        data.identity,
        data.proxy_id or NO_PROXY,
        data.endpoint,
        data.session,
        data.known,
        data.flooded_until,
    )


def new_line(setup: Setup, terms: Terms, *, timeouts: int) -> Line:
    """A line, not open yet; patient after timeouts in a row."""
    limits = replace(
        terms.limits,
        connect_s=terms.patience.connect(timeouts),
        request_s=terms.patience.request(timeouts),
    )
    return Line(
        session=AccountSession(terms.database, setup.account_id, setup.session),
        identity=setup.identity,
        proxy=setup.endpoint,
        limits=limits,
        may_write=terms.may_write,
        meter=terms.meters.of(setup.proxy_id),
    )


async def remember(database: Database, setup: Setup, me: types.User) -> None:
    """Keep who Telegram says the account is, where that is news.

    Raises `NotReady` where it is who another account is already.
    """
    seen = Known(me.id, me.username, utils.get_display_name(me))
    if seen == setup.known:
        return
    async with database.transaction() as tx:
        other = await accounts.describe(
            tx, setup.account_id, user_id=me.id, username=seen.username, name=seen.name
        )
    if other is not None:
        raise NotReady(f"this is the same Telegram account as #{other}", Misconfigured())


async def keep_wait(database: Database, account_id: int, seconds: int) -> None:
    """Telegram refused the check, which a connect needs as well: that must wait too."""
    until = database.now() + timedelta(seconds=seconds)
    await database.writer.write(FloodWait(account_id, CONNECTING, until))


async def keep_flood(database: Database, account_id: int, error: Exception) -> None:
    """Where Telegram ended a line with a wait, queue it before the line is closed.

    Whatever cuts the closing short, the wait outlives us.
    """
    verdict = classify(error)
    if isinstance(verdict, Wait):
        until = database.now() + timedelta(seconds=verdict.seconds)
        await database.writer.post(FloodWait(account_id, CONNECTING, until))


async def diagnosis_of(error: Exception, setup: Setup, terms: Terms, attempt: int) -> str:
    """What is wrong with the proxy, asked before the account is declared FAILED; or nothing."""
    is_last = attempt >= terms.schedule.max_attempts
    if not (is_last and isinstance(error, ConnectFailed)) or setup.proxy_id == NO_PROXY:
        return ""
    return await terms.diagnose(setup.proxy_id)


def way(setup: Setup, line: Line | None = None) -> dict[str, str | int]:
    """The way a line went, for the journal; its latency where it is up."""
    over: dict[str, str | int] = {"proxy": setup.endpoint.name} if setup.endpoint else {}
    if line is not None and line.latency_s is not None:
        over["latency_ms"] = round(line.latency_s * 1000)
    return over
