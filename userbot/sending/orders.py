"""Orders about what was sent as an account: change it, delete it for everyone, read the chat."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from telethon import errors as tl
from telethon import utils
from telethon.tl import functions

from storage import attachments, deliveries
from storage.commands import Command
from storage.database import Database
from storage.delivery import Delivery, DeliveryState, Media, TargetPeer
from userbot.errors import CallTimedOut, ConnectionLost
from userbot.leaving import account_of
from userbot.line import Line
from userbot.login_answers import Outcome
from userbot.reading import without_codes
from userbot.refusals import refusal_in_words
from userbot.registry import Registry
from userbot.sending import requests
from userbot.sending.formatting import to_tl

MOST = 20
"""So many of a chat's latest messages are shown at most."""
_FAILURES = (tl.RPCError, ConnectionLost, CallTimedOut, ValueError)


class SentOrders:
    """Carries them out over the account's line. Each answers `ok`, or `error` in words."""

    def __init__(self, database: Database, registry: Registry) -> None:
        self._database = database
        self._registry = registry

    @property
    def kinds(self) -> Mapping[str, Callable[[Command], Awaitable[Outcome]]]:
        return {
            "delivery.edit": self._edit,
            "delivery.delete": self._delete,
            "chat.last": self._last,
        }

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
                await line.call(request)
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
                await line.call(functions.channels.DeleteMessagesRequest(channel, ids))
            else:
                await line.call(functions.messages.DeleteMessagesRequest(ids, revoke=True))
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
        line = self._line(delivery.account_id)
        if line is None:
            return {"error": "the account is not connected"}
        try:
            await act(line, delivery, delivery.peer)
        except _FAILURES as exc:
            return {"error": _words(exc)}
        return {"ok": True}

    async def _last(self, command: Command) -> Outcome:
        """The chat's latest messages, the oldest of them first."""
        line = self._line(account_of(command))
        if line is None:
            return {"error": "the account is not connected"}
        limit = min(MOST, int(command.args.get("limit", 5)))
        try:
            peer = await line.resolve(requests.for_telethon(command.args["target"]))
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
            shown = await line.call(request)
        except _FAILURES as exc:
            return {"error": _words(exc)}
        names = {utils.get_peer_id(each): _name(each) for each in (*shown.users, *shown.chats)}
        found = [_as_words(message, names) for message in shown.messages]
        return {"messages": found[::-1]}

    def _line(self, account_id: int) -> Line | None:
        userbot = self._registry.get(account_id)
        return userbot.line if userbot else None


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


def _words(error: Exception) -> str:
    if isinstance(error, ConnectionLost | CallTimedOut):
        return "the connection was lost on the way; it may have been done all the same"
    return refusal_in_words(error)
