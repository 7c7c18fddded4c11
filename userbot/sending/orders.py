"""Orders about what was sent as an account: change it, delete it for everyone, read the chat."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from telethon import errors as tl
from telethon import utils
from telethon.tl import functions, types

from storage import attachments, deliveries
from storage.commands import Command
from storage.database import Database
from storage.delivery import Delivery, DeliveryState, Media, TargetPeer
from userbot.asking import MustWait, ask, in_time
from userbot.errors import LineError, ends_line, in_words
from userbot.leaving import account_of
from userbot.line import Line
from userbot.login_answers import Outcome
from userbot.reading import HISTORY, without_codes
from userbot.refusals import refusal_in_words
from userbot.registry import Registry
from userbot.sending import requests
from userbot.sending.attempt import RESOLVE
from userbot.sending.formatting import to_tl
from userbot.userbot import Userbot

MOST = 20
"""So many of a chat's latest messages are shown at most."""
NOT_CONNECTED = "the account is not connected"
LOST = "the connection was lost on the way; it may have been done all the same"
EDIT = "messages.editMessage"
DELETE = "messages.deleteMessages"
DELETE_IN_CHANNEL = "channels.deleteMessages"
_DELETES = "it deletes a message"
_BEFORE = {
    RESOLVE: "it looks anybody up",
    HISTORY: "it reads a chat",
    EDIT: "it changes a message",
    DELETE: _DELETES,
    DELETE_IN_CHANNEL: _DELETES,
}
"""What has to wait, by the method that Telegram does not want called now."""
_FAILURES = (MustWait, tl.RPCError, LineError, ValueError)


class SentOrders:
    """Carries them out over the account's line. Each answers `ok`, or `error` in words.

    Those of one account one after the other: the second of two presses finds the wait that the
    first has met.
    """

    def __init__(self, database: Database, registry: Registry) -> None:
        self._database = database
        self._registry = registry
        self._turns: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    @property
    def kinds(self) -> Mapping[str, Callable[[Command], Awaitable[Outcome]]]:
        return {
            "delivery.edit": partial(self._in_turn, self._edit),
            "delivery.delete": partial(self._in_turn, self._delete),
            "chat.last": partial(self._in_turn, self._last),
        }

    async def _in_turn(
        self, act: Callable[[Command], Awaitable[Outcome]], command: Command
    ) -> Outcome:
        async with self._turns[account_of(command)]:
            return await act(command)

    async def _edit(self, command: Command) -> Outcome:
        text, entities = command.args["text"], command.args.get("entities") or []

        async def edit(line: Line, delivery: Delivery, peer: TargetPeer) -> None:
            request = functions.messages.EditMessageRequest(
                requests.input_peer(peer),
                delivery.message_id,
                message=text,
                entities=to_tl(entities),
            )
            with suppress(tl.MessageNotModifiedError):  # an edit whose answer was lost
                await ask(self._database, line, delivery.account_id, EDIT, request)
            async with self._database.transaction() as tx:
                await deliveries.change(
                    tx, delivery.id, text=text, entities=entities, edited_at=tx.now
                )

        return await self._with_sent(command, edit)

    async def _delete(self, command: Command) -> Outcome:
        async def delete(line: Line, delivery: Delivery, peer: TargetPeer) -> None:
            ids = await self._messages_of(delivery)
            if peer.kind == "channel":
                channel = utils.get_input_channel(requests.input_peer(peer))
                method = DELETE_IN_CHANNEL
                request = functions.channels.DeleteMessagesRequest(channel, ids)
            else:
                method = DELETE
                request = functions.messages.DeleteMessagesRequest(ids, revoke=True)
            await ask(self._database, line, delivery.account_id, method, request)
            async with self._database.transaction() as tx:
                await deliveries.change(tx, delivery.id, deleted_at=tx.now)

        return await self._with_sent(command, delete)

    async def _messages_of(self, delivery: Delivery) -> list[int]:
        if delivery.media is not Media.ALBUM:
            return [delivery.message_id] if delivery.message_id else []
        async with self._database.read() as tx:
            items = await attachments.of(tx, delivery.id)
        return [item.message_id for item in items if item.message_id]

    async def _with_sent(
        self, command: Command, act: Callable[[Line, Delivery, TargetPeer], Awaitable[None]]
    ) -> Outcome:
        async with self._database.read() as tx:
            delivery = await deliveries.get(tx, int(command.args["delivery"]))
        if delivery is None or delivery.state is not DeliveryState.SENT or delivery.deleted_at:
            return {"error": "it is not there any more"}
        if delivery.peer is None or delivery.message_id is None:
            return {"error": "Telegram did not say which message it is"}
        userbot = self._registry.get(delivery.account_id)
        line = userbot.line if userbot else None
        if userbot is None or line is None:
            return {"error": NOT_CONNECTED}
        try:
            await act(line, delivery, delivery.peer)
        except _FAILURES as exc:
            return self._not_done(userbot, exc)
        return {"ok": True}

    async def _last(self, command: Command) -> Outcome:
        """The chat's latest messages, the oldest of them first."""
        userbot = self._registry.get(account_of(command))
        line = userbot.line if userbot else None
        if userbot is None or line is None:
            return {"error": NOT_CONNECTED}
        limit = min(MOST, int(command.args.get("limit", 5)))
        try:
            peer = await self._peer(userbot, line, command.args["target"])
            request = functions.messages.GetHistoryRequest(
                peer,
                offset_id=0,
                offset_date=None,
                add_offset=0,
                limit=limit,
                max_id=0,
                min_id=0,
                hash=0,
            )
            shown = await ask(self._database, line, userbot.account_id, HISTORY, request)
        except _FAILURES as exc:
            return self._not_done(userbot, exc)
        names = {utils.get_peer_id(each): _name(each) for each in (*shown.users, *shown.chats)}
        found = [_as_words(message, names) for message in shown.messages]
        return {"messages": found[::-1]}

    async def _peer(self, userbot: Userbot, line: Line, target: str) -> Any:  # noqa: ANN401 - Telethon is untyped
        """Whom Telegram has to be asked for waits with the look-ups; whom it knows does not."""
        wanted = requests.for_telethon(target)
        if wanted == "me":
            return types.InputPeerSelf()
        try:
            return await line.session.get_input_entity(wanted)
        except ValueError:
            return await in_time(
                self._database, userbot.account_id, RESOLVE, lambda: line.resolve(wanted)
            )

    def _not_done(self, userbot: Userbot, error: Exception) -> Outcome:
        """Why not, in words; a session that is at its end ends the line too."""
        if isinstance(error, MustWait):
            wait = error.in_words(self._database.now())
            return {"error": f"{wait} before {_BEFORE[error.method]}"}
        if ends_line(error):
            userbot.fail_line(error)
            return {"error": in_words(error)}
        return {"error": LOST if isinstance(error, LineError) else refusal_in_words(error)}


def _as_words(message: Any, names: Mapping[int, str]) -> dict[str, Any]:  # noqa: ANN401 - Telethon is untyped
    sender = message.from_id or message.peer_id
    text = getattr(message, "message", "") or (
        "[media]" if getattr(message, "media", None) else ""
    )
    return {
        "from": names.get(utils.get_peer_id(sender), ""),
        "text": without_codes(message, text),
        "at": message.date.isoformat(),
        "out": bool(message.out),
    }


def _name(entity: Any) -> str:  # noqa: ANN401 - Telethon is untyped
    return str(utils.get_display_name(entity))
