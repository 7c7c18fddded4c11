"""What a dial needs: the account's own proxy, identity and session. Without them, no dial."""

from dataclasses import dataclass, replace

from storage import accounts, proxies
from storage.accounts import Identity
from storage.database import Database
from storage.proxies import Endpoint
from userbot.errors import LineError, Misconfigured, Relogin, Verdict
from userbot.line import Line
from userbot.session import open_enrolled
from userbot.terms import Terms


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
    endpoint: Endpoint


async def read_setup(database: Database, account_id: int) -> Setup:
    """How the account is dialled now. Raises `NotReady` where it has no proxy."""
    async with database.read() as tx:
        account = await accounts.get(tx, account_id)
        identity = await accounts.identity_of(tx, account_id)
        proxy_id = account.proxy_id if account else None
        found = await proxies.get(tx, proxy_id) if proxy_id is not None else None
    if found is None:
        raise NotReady("the account has no proxy", Misconfigured())
    return Setup(account_id, identity, found.id, found.endpoint)


async def new_line(setup: Setup, terms: Terms, *, timeouts: int) -> Line:
    """A line, not open yet; patient after timeouts in a row. Raises `NotReady`."""
    try:
        session = await open_enrolled(terms.database, setup.account_id)
    except LookupError:
        raise NotReady("there is no stored session", Relogin()) from None
    limits = replace(
        terms.limits,
        connect_s=terms.patience.connect(timeouts),
        request_s=terms.patience.request(timeouts),
    )
    return Line(
        session=session,
        identity=setup.identity,
        proxy=setup.endpoint,
        limits=limits,
        may_write=terms.may_write,
    )
