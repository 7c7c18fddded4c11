"""Drafts of other programs and of the command line: operators approve them in the admin chat.

docs/drafts.md tells how a program writes one.
"""

from collections.abc import Sequence
from datetime import datetime

from bot.drafting import LinkFlaw, has_logged_in, message_in, texts
from bot.sending_rules import SendingRules
from bot.splitting import Entity, Piece
from storage import accounts, drafting, journal, senders
from storage.attachments import File
from storage.database import Database
from storage.delivery import Fallback, Media
from storage.drafting import NewDraft
from storage.tx import Tx
from userbot.states import State
from userbot.targets import BadPhone, BadTarget, parse_phone, parse_target

MAX_BYTES = 20 << 20
"""Of a file: what the bot can send and fetch."""
MAX_ALBUM = 10
LONGEST_ORIGIN = 64


class BadDraft(ValueError):
    """Nothing was written; the text says why, in words for whoever wrote it."""


async def add_draft(
    database: Database,
    *,
    origin: str,
    to: str,
    text: str = "",
    entities: Sequence[Entity] = (),
    account: str = "",
    files: Sequence[File] = (),
    at: datetime | None = None,
    is_silent: bool = False,
    reply_to: str = "",
    fallback: Fallback | None = None,
    may_split: bool = True,
    is_approved: bool = False,
    rules: SendingRules | None = None,
) -> int:
    """Write a draft; a card in the admin chat asks what becomes of it. Returns its number.

    `origin` is what the program calls itself. `to` is what an operator would type, `account` a
    number or a phone (empty: the best one), `reply_to` a link to a message in the same chat, `at`
    an aware time. `is_approved`: whoever writes it answers for it, and nobody is asked. Raises
    `BadDraft`.
    """
    if not 0 < len(origin) <= LONGEST_ORIGIN:
        raise BadDraft(f"the origin has 1 to {LONGEST_ORIGIN} characters")
    try:
        target = parse_target(to)
    except BadTarget as exc:
        raise BadDraft(exc.reason) from exc
    _check_files(files)
    piece = Piece(text, tuple(entities))
    parts = texts([piece], has_files=bool(files))
    if not parts:
        raise BadDraft("there is nothing to send: neither a text nor a file")
    if len(parts) > 1 and not may_split:
        raise BadDraft(f"the text has {piece.length} characters, too many for one message")
    async with database.transaction() as tx:
        account_id = await _account(tx, account, target)
        usual = await (rules or SendingRules(database)).fallback_in(tx)
        new = NewDraft(
            account_id,
            target,
            parts,
            files,
            reply_to=await _answered(tx, account_id, target, reply_to),
            is_silent=is_silent,
            not_before=at,
            fallback=fallback or usual,
            origin=origin,
        )
        delivery_id = await drafting.write(tx, new)
        kind = "delivery.approved" if is_approved else "delivery.drafted"
        await journal.note(tx, kind, actor=origin, data={"delivery": delivery_id})
        if is_approved:
            await drafting.approve(tx, delivery_id)
    return delivery_id


def _check_files(files: Sequence[File]) -> None:
    kinds = {file.kind for file in files}
    if any(len(file.data) > MAX_BYTES for file in files):
        raise BadDraft("a file has at most 20 MB")
    if any(not file.data for file in files):
        raise BadDraft("a file is empty")
    if len(files) > MAX_ALBUM:
        raise BadDraft(f"an album has at most {MAX_ALBUM} files")
    if len(files) > 1 and (len(kinds) > 1 or Media.VOICE in kinds):
        raise BadDraft("an album has photos only, or documents only")


async def _account(tx: Tx, named: str, target: str) -> int:
    if not named:
        chosen = (await senders.choose(tx, target, online=State.ONLINE)).account_id
        if chosen is None:
            raise BadDraft("no account can send there now; name one")
        return chosen
    number = named.removeprefix("#")
    try:
        if number.isdecimal():
            account = await accounts.get(tx, int(number))
        else:
            account = await accounts.with_phone(tx, parse_phone(named))
    except BadPhone as exc:
        raise BadDraft(f"an account is named by its number or phone: {exc.reason}") from exc
    if account is None or account.removed_at is not None or not has_logged_in(account):
        raise BadDraft(f"there is no account {named} that has logged in")
    return account.id


async def _answered(tx: Tx, account_id: int, target: str, link: str) -> int | None:
    if not link:
        return None
    match await message_in(tx, account_id, target, link):
        case LinkFlaw.FORM:
            raise BadDraft("the message to answer is named by its link, https://t.me/…/123")
        case LinkFlaw():
            raise BadDraft("the message to answer is in another chat")
        case message_id:
            return message_id
