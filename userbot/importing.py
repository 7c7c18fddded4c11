"""Importing: a session that was made elsewhere becomes an account."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from storage import accounts, assignments, commands, forgetting, journal, proxies, sessions
from storage.accounts import Account, Desired, Identity
from storage.database import Database
from storage.proxies import Endpoint
from storage.sessions import StoredSession
from storage.tx import Tx
from userbot import elsewhere, exporting, session_files
from userbot.elsewhere import Elsewhere
from userbot.foreign import AlreadyKnown, BadSession, ForeignSession, NoProxy, from_string
from userbot.states import State

MAX_TEXT_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Source:
    """What an operator gave, not looked at yet."""

    content: bytes = field(repr=False)
    companions: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """What SQLite keeps beside a file, by the end of its name."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import."""

    number: int
    proxy_name: str


def read(source: Source, ask_passphrase: Callable[[], str]) -> ForeignSession:
    """Recognise what was given by its content, and read it. Raises `BadSession`."""
    content = source.content
    if not content.strip():
        raise BadSession("there is nothing in it")
    if content.startswith(session_files.HEADER):
        return session_files.read(content, source.companions)
    try:
        text = content[: MAX_TEXT_BYTES + 1].decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise BadSession("this is neither a database nor text") from exc
    if len(content) > MAX_TEXT_BYTES:
        raise BadSession("this is far too long for a session")
    if text.lstrip().startswith(exporting.MARK):
        return exporting.unseal(text, ask_passphrase())
    return from_string(text)


async def take_over(
    database: Database,
    made: ForeignSession,
    *,
    phone: str,
    identity: Identity,
    endpoint: Endpoint | None,
    is_only_copy: bool,
    fewer_than: int | None = None,
    without_proxy: bool = False,
    actor: str = "command line",
) -> Imported:
    """Store an account with a session made elsewhere, and start it if it is the only copy.

    Without a proxy only where an operator says so.

    A Mooring that runs takes it up at once, otherwise the next run does. Raises `AlreadyKnown`
    and `NoProxy`. Connects nowhere.
    """
    async with database.transaction() as tx:
        imported = await _store(
            tx,
            made,
            phone=phone,
            identity=identity,
            endpoint=endpoint,
            is_only_copy=is_only_copy,
            fewer_than=fewer_than,
            without_proxy=without_proxy,
            actor=actor,
        )
        if is_only_copy:
            await commands.order(
                tx, "start", account_id=imported.number, args={"nothing_else_uses_it": True}
            )
    return imported


async def import_string(
    database: Database,
    text: str,
    *,
    phone: str,
    identity: Identity,
    endpoint: Endpoint,
    is_only_copy: bool,
) -> int:
    """Store an account with a StringSession where no Mooring runs; returns its number.

    Raises `BadSession` and `AlreadyKnown`. Connects nowhere.
    """
    made = from_string(text)
    async with database.transaction() as tx:
        imported = await _store(
            tx, made, phone=phone, identity=identity, endpoint=endpoint, is_only_copy=is_only_copy
        )
    return imported.number


async def _store(
    tx: Tx,
    made: ForeignSession,
    *,
    phone: str,
    identity: Identity,
    endpoint: Endpoint | None,
    is_only_copy: bool,
    fewer_than: int | None = None,
    without_proxy: bool = False,
    actor: str = "command line",
) -> Imported:
    """It stays STOPPED unless nothing else uses the session: two live copies kill the key."""
    await proxies.lock_distribution(tx)
    known = await accounts.with_phone(tx, phone)
    if known is not None and known.removed_at is None:
        raise AlreadyKnown("an account with that number is enrolled already")
    if await sessions.has_key(tx, made.auth_key):
        raise AlreadyKnown("that session is stored already, under another number")
    if known is not None:
        number, proxy_name = await _take_up_again(tx, known, identity)
    else:
        nowhere = (None, "")
        found = nowhere if without_proxy else await _proxy(tx, endpoint, fewer_than)
        proxy_id, proxy_name = found
        number = await accounts.add(
            tx, phone=phone, identity=identity, proxy_id=proxy_id, state=State.STOPPED
        )
        if without_proxy:
            await assignments.allow_none(tx, number)
    await _keep_session(tx, number, made)
    await sessions.upsert_peers(tx, number, made.peers)
    if is_only_copy:
        await accounts.set_desired(tx, number, Desired.RUN)
    elif account := await accounts.get(tx, number):
        await elsewhere.mark(tx, account, Elsewhere.IMPORTED)
    await journal.note(tx, "account.imported", actor=actor, account_id=number)
    return Imported(number, proxy_name)


async def _take_up_again(tx: Tx, known: Account, identity: Identity) -> tuple[int, str]:
    """A forgotten account comes back with another session, on its own proxy."""
    await forgetting.set_identity(tx, known.id, identity)
    await forgetting.restore(tx, known.id)
    stopped = replace(known.observed, state=State.STOPPED, reason="", since=tx.now)
    await accounts.set_observed(tx, known.id, stopped, is_online=False)
    return known.id, known.proxy_name


async def _proxy(
    tx: Tx, endpoint: Endpoint | None, fewer_than: int | None
) -> tuple[int | None, str]:
    """The proxy that the account gets for good: the given one, or the least loaded."""
    if endpoint is not None:
        found = await proxies.find(tx, endpoint) or await proxies.add(tx, endpoint)
        return found, endpoint.name
    proxy = await proxies.least_loaded(tx, fewer_than=fewer_than)
    if proxy is None:
        raise NoProxy("no proxy in the list works and has room; name one with --proxy")
    return proxy.id, proxy.endpoint.name


async def _keep_session(tx: Tx, account_id: int, made: ForeignSession) -> None:
    """Through the same door as a login: enrolling, then current.

    The key of a login that is under way, or may have gone through, is kept beside: it may be in.
    """
    await sessions.set_aside_enrolling(tx, account_id)
    begun = await sessions.start_enrolling(
        tx, account_id, dc_id=made.dc_id, server_address=made.server_address, port=made.port
    )
    kept = StoredSession(begun.id, made.dc_id, made.server_address, made.port, made.auth_key)
    await sessions.save_enrolling(tx, kept)
    await sessions.finish_enrolling(tx, account_id)
