"""Reads an account's latest messages for an operator. It marks nothing as read, fetches no media.

What people wrote goes into the sealed answer alone: never into the log, the journal, or a row.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from telethon import errors as tl
from telethon import utils
from telethon.tl import functions, types

from storage import journal
from storage.commands import Command
from storage.database import Database
from userbot.asking import MustWait, ask
from userbot.errors import LineError, Restricted, classify, ends_line, in_words
from userbot.leaving import account_of, actor
from userbot.line import Line
from userbot.login_answers import Outcome
from userbot.media_words import media_of
from userbot.registry import Registry
from userbot.userbot import Userbot

DIALOGS, HISTORY = "messages.getDialogs", "messages.getHistory"
MOST = 10
"""So many messages are told."""
CHATS = 3
"""Of so many chats, the latest, more than the last message is read."""
PER_CHAT = 5
LONGEST = 100
"""So much of a text is told."""
PAUSE_S = 0.3
"""Between two requests."""
EVERY_S = 3.0
"""So often an account's messages are looked at, at most."""
TELEGRAM_ID = 777000
"""Who sends login codes."""


class Reading:
    """Carries out the orders to look at an account's messages, one after the other for each."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        *,
        pause_s: float = PAUSE_S,
        every_s: float = EVERY_S,
    ) -> None:
        self._database = database
        self._registry = registry
        self._pause_s = pause_s
        self._every_s = every_s
        self._turns: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._looked_at: dict[int, float] = {}

    async def last(self, command: Command) -> Outcome:
        """The latest messages over all chats, the newest first.

        Login codes are legible only where the order says `with_codes`.
        """
        account_id = account_of(command)
        async with self._turns[account_id]:
            await self._wait_for_turn(account_id)
            userbot = self._registry.get(account_id)
            line = userbot.line if userbot else None
            if userbot is None or line is None:
                return {"error": "not_connected"}
            async with self._database.transaction() as tx:
                await journal.note(tx, "account.read", actor=actor(command), account_id=account_id)
            with_codes = command.args.get("with_codes") is True
            return await self._read(userbot, line, with_codes=with_codes)

    async def _wait_for_turn(self, account_id: int) -> None:
        now = time.monotonic()
        await asyncio.sleep(max(0.0, self._looked_at.get(account_id, 0.0) + self._every_s - now))
        self._looked_at[account_id] = time.monotonic()

    async def _read(self, userbot: Userbot, line: Line, *, with_codes: bool) -> Outcome:
        try:
            found, names = await self._latest(userbot.account_id, line)
        except MustWait as exc:
            left = (exc.until - self._database.now()).total_seconds()
            return {"error": "flood", "seconds": max(1, round(left))}
        except LineError:
            return {"error": "lost"}
        except (tl.RPCError, tl.TypeNotFoundError) as exc:
            if ends_line(exc):
                userbot.fail_line(exc)
            elif isinstance(classify(exc), Restricted):
                await userbot.note_frozen(is_frozen=True)
            return {"error": "refused", "words": in_words(exc)}
        return {"messages": [_told(each, names, with_codes=with_codes) for each in found]}

    async def _latest(
        self, account_id: int, line: Line
    ) -> tuple[Sequence[Any], Mapping[int, str]]:
        """The newest messages, and what everybody in them is called."""
        request = functions.messages.GetDialogsRequest(
            offset_date=None,
            offset_id=0,
            offset_peer=types.InputPeerEmpty(),
            limit=MOST,
            hash=0,
        )
        dialogs = await ask(self._database, line, account_id, DIALOGS, request)
        known = _entities(dialogs)
        found = {_key(each): each for each in dialogs.messages if _has_date(each)}
        for peer in _newest_chats(found.values(), known):
            await asyncio.sleep(self._pause_s)
            try:
                answer = await ask(self._database, line, account_id, HISTORY, _history(peer))
            except MustWait:
                break  # the last message of each chat is there
            known |= _entities(answer)
            found |= {_key(each): each for each in answer.messages if _has_date(each)}
        newest = sorted(found.values(), key=_date, reverse=True)[:MOST]
        return newest, {number: _name(each) for number, each in known.items()}


def _newest_chats(tops: Iterable[Any], known: Mapping[int, Any]) -> list[Any]:
    """The input peers of the chats with the newest messages."""
    peers = []
    for top in sorted(tops, key=_date, reverse=True):
        try:
            peers.append(utils.get_input_peer(known[utils.get_peer_id(top.peer_id)]))
        except (KeyError, TypeError):
            continue  # a chat that the account was put out of
    return peers[:CHATS]


def _history(peer: Any) -> Any:  # noqa: ANN401 - Telethon is untyped
    return functions.messages.GetHistoryRequest(
        peer,
        offset_id=0,
        offset_date=None,
        add_offset=0,
        limit=PER_CHAT,
        max_id=0,
        min_id=0,
        hash=0,
    )


def _told(message: Any, names: Mapping[int, str], *, with_codes: bool) -> dict[str, Any]:  # noqa: ANN401 - Telethon is untyped
    """One message as the answer has it."""
    chat = utils.get_peer_id(message.peer_id)
    sender = utils.get_peer_id(message.from_id) if message.from_id else chat
    is_named = sender != chat and not message.out
    text = " ".join((getattr(message, "message", "") or "").split())
    if not with_codes:
        text = without_codes(message, text)
    return {
        "chat": names.get(chat, ""),
        "from": names.get(sender, "") if is_named else "",
        "at": message.date.isoformat(),
        "out": bool(message.out),
        "text": text if len(text) <= LONGEST else text[:LONGEST] + "…",
        "media": media_of(message),
    }


def without_codes(message: Any, text: str) -> str:  # noqa: ANN401 - Telethon is untyped
    """The text, without its digits where Telegram itself wrote it: a login code may be in it."""
    forwarded = getattr(message, "fwd_from", None)
    authors = (message.peer_id, message.from_id, getattr(forwarded, "from_id", None))
    if all(getattr(author, "user_id", None) != TELEGRAM_ID for author in authors):
        return text
    return "".join("•" if character.isdigit() else character for character in text)


def _entities(answer: Any) -> dict[int, Any]:  # noqa: ANN401 - Telethon is untyped
    return {utils.get_peer_id(each): each for each in (*answer.users, *answer.chats)}


def _key(message: Any) -> tuple[int, int]:  # noqa: ANN401 - Telethon is untyped
    return utils.get_peer_id(message.peer_id), message.id


def _has_date(message: Any) -> bool:  # noqa: ANN401 - Telethon is untyped
    return isinstance(message, types.Message | types.MessageService)


def _date(message: Any) -> datetime:  # noqa: ANN401 - Telethon is untyped
    at: datetime = message.date
    return at


def _name(entity: Any) -> str:  # noqa: ANN401 - Telethon is untyped
    return str(utils.get_display_name(entity))[:64]
