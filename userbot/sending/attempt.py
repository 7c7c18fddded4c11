"""One attempt to send a delivery as its account, and what its outcome means."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from loguru import logger
from telethon import errors as tl
from telethon.tl import types

from storage import attachments
from storage.attachments import Attachment
from storage.database import Database
from storage.delivery import Delivery, Media, Step, TargetPeer
from userbot.errors import CallTimedOut, ConnectionLost, Restricted, classify, ends_line
from userbot.line import Line
from userbot.refusals import refusal_in_words, wants_detour, wants_upload
from userbot.sending import requests
from userbot.sending.doubt import Doubt
from userbot.sending.ledger import Ledger
from userbot.sending.pace import Held, Pace
from userbot.sending.receipts import Receipts
from userbot.sending.uploads import BytesGone, upload_all
from userbot.userbot import Userbot

SEND = "messages.sendMessage"
RESOLVE = "contacts.resolve"
UPLOAD = "messages.uploadMedia"


class _Held(Exception):
    """It can't go on before a wait that Telegram asked for is over; says so in words."""


@dataclass(slots=True)
class Sender:
    """An account that sends."""

    userbot: Userbot
    pace: Pace
    waits: dict[str, datetime]
    """Until when it must not call which methods, by Telegram's word."""

    def learn(self, stored: Mapping[str, datetime]) -> None:
        """Take over stored waits; one that was met just now may not be stored yet."""
        for method, until in stored.items():
            self.waits[method] = max(until, self.waits.get(method, until))


@dataclass(frozen=True, slots=True)
class _Ready:
    """What the request is made of."""

    peer: TargetPeer
    items: Sequence[Attachment]
    steps: Sequence[Step]
    is_new: bool


class Attempts:
    """Takes one delivery as far as it goes now.

    `reached` is told the name of each point that an attempt passes: where tests end the process.
    """

    def __init__(
        self, database: Database, ledger: Ledger, *, reached: Callable[[str], None]
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._reached = reached
        self._receipts = Receipts(database, ledger)
        self._doubt = Doubt(database, ledger, self._receipts)

    async def advance(self, sender: Sender, delivery: Delivery) -> bool:
        """Send it, if it can go now; False where it still waits."""
        line = sender.userbot.line
        steps = [Step("registry", self._ledger.now())]
        why_not = self._why_not_now(sender, line)
        if why_not or line is None:
            return await self._ledger.wait_or_detour(delivery, why_not)
        steps.append(Step("connection", self._ledger.now()))
        log = logger.bind(delivery=delivery.id, account=sender.userbot.account_id)
        log.bind(event="send.connection").debug("the account is connected")
        self._reached("connection")
        try:
            ready = await self._prepare(sender, line, delivery, steps)
        except _Held as exc:
            return await self._ledger.wait_or_detour(delivery, str(exc))
        except BytesGone:
            return await self._ledger.fail(delivery, "what was attached is not stored any more")
        except Exception as exc:  # noqa: BLE001 - every outcome of a look-up has its answer
            method = UPLOAD if steps[-1].name == "entity" else RESOLVE
            return await self._not_prepared(sender, delivery, _seen_on(line, exc), method)
        log.bind(event="send.entity").debug("the target is known")
        return await self._in_time(sender, line, delivery, ready)

    async def _in_time(
        self, sender: Sender, line: Line, delivery: Delivery, ready: _Ready
    ) -> bool:
        """Hand it over, unless a wait came while it was prepared, or our own pace holds it."""
        if why_not := self._wait_for(sender, SEND):
            return await self._ledger.wait_or_detour(delivery, why_not)
        if delivery.handed_at is None:
            if held := await sender.pace.held(is_new=ready.is_new):
                return await self._paced(delivery, held)
            # Before anything else may take its place.
            sender.pace.note(ready.peer, is_new=ready.is_new)
        return await self._send(sender, line, delivery, ready)

    async def _send(self, sender: Sender, line: Line, delivery: Delivery, ready: _Ready) -> bool:
        steps = delivery.steps or tuple(ready.steps)  # those of the first attempt
        first = {"is_new_peer": ready.is_new} if delivery.handed_at is None else {}
        handed = await self._ledger.hand_over(delivery, peer=ready.peer, steps=steps, **first)
        if handed is None:
            return False  # it is read anew
        self._reached("handed over")
        try:
            answer = await line.call(requests.request_for(handed, ready.peer, ready.items))
        except Exception as exc:  # noqa: BLE001 - every outcome of a send has its answer
            return await self._not_sent(sender, line, handed, _seen_on(line, exc))
        self._reached("answered")
        await self._sent(sender.userbot, handed, ready, answer)
        self._reached("stored")
        return True

    def _why_not_now(self, sender: Sender, line: Line | None) -> str:
        if line is None:
            state = sender.userbot.status.state.lower().replace("_", " ")
            return f"it is not connected ({state})"
        return self._wait_for(sender, SEND)

    def _wait_for(self, sender: Sender, method: str) -> str:
        """What is to be waited for before that call, in words; empty where nothing is."""
        now = self._ledger.now()
        until = sender.waits.get(method, now)
        if until <= now:
            return ""
        return f"Telegram makes it wait {max(1, round((until - now).total_seconds()))} s"

    async def _prepare(
        self, sender: Sender, line: Line, delivery: Delivery, steps: list[Step]
    ) -> _Ready:
        """The peer and the files, asked of Telegram only where they are not known yet."""
        peer = delivery.peer or await self._resolve(sender, line, delivery)
        steps.append(Step("entity", self._ledger.now()))
        self._reached("entity")
        is_new = delivery.handed_at is None and await sender.pace.is_new(peer)
        items: Sequence[Attachment] = ()
        if delivery.media is not Media.NONE:
            async with self._database.read() as tx:
                items = await attachments.of(tx, delivery.id)
            if not all(item.uploaded for item in items):
                self._check_wait(sender, UPLOAD, "before it uploads anything")
                items = await upload_all(self._database, line, peer, items)
            self._reached("uploaded")
        return _Ready(peer, items, steps, is_new)

    async def _resolve(self, sender: Sender, line: Line, delivery: Delivery) -> TargetPeer:
        target = requests.for_telethon(delivery.target)
        if target == "me":
            return requests.target_peer(types.InputPeerSelf())
        try:
            return requests.target_peer(await line.session.get_input_entity(target))
        except ValueError:
            self._check_wait(sender, RESOLVE, "before it looks anybody up")
            return requests.target_peer(await line.resolve(target))

    def _check_wait(self, sender: Sender, method: str, what: str) -> None:
        """A wait on look-ups or uploads holds only what needs one."""
        if wait := self._wait_for(sender, method):
            raise _Held(f"{wait} {what}")

    async def _paced(self, delivery: Delivery, held: Held) -> bool:
        left = max(1, round((held.until - self._ledger.now()).total_seconds()))
        return await self._ledger.wait(delivery, f"{held.words}: it goes out in {left} s")

    async def _sent(
        self,
        userbot: Userbot,
        delivery: Delivery,
        ready: _Ready,
        answer: Any,  # noqa: ANN401 - Telethon is untyped
    ) -> None:
        await self._receipts.write(
            delivery, ready.items, requests.sent_as(delivery, ready.items, answer)
        )
        await userbot.note_frozen(is_frozen=False)
        log = logger.bind(delivery=delivery.id, account=userbot.account_id, event="send.sent")
        log.info("sent as the account")

    async def _not_prepared(
        self, sender: Sender, delivery: Delivery, error: Exception, method: str
    ) -> bool:
        """Nothing was handed over: it waits, goes to the bot, or fails."""
        if isinstance(error, ConnectionLost | CallTimedOut):
            return False
        if ends_line(error):
            sender.userbot.fail_line(error)
            return False
        if not isinstance(error, tl.RPCError | ValueError):
            return await self._ledger.fault(delivery, refusal_in_words(error))
        return await self._refused(sender, delivery, error, method)

    async def _not_sent(
        self, sender: Sender, line: Line, delivery: Delivery, error: Exception
    ) -> bool:
        """An unknown outcome stays SENDING: the identical request settles it."""
        if isinstance(error, ConnectionLost):
            return False
        if isinstance(error, CallTimedOut):
            return await self._ledger.fault(delivery, "Telegram did not answer in time")
        if isinstance(error, tl.RandomIdDuplicateError):
            return await self._doubt.still_running(sender.userbot, line, delivery)
        before = replace(delivery, attempts=delivery.attempts - 1)
        if ends_line(error):
            sender.userbot.fail_line(error)
            await self._ledger.back(before)
            return False
        if isinstance(error, tl.ServerError) or not isinstance(error, tl.RPCError):
            # An answer that is not understood is no refusal: the message may have gone out.
            return await self._ledger.fault(delivery, refusal_in_words(error))
        # A definite no: this attempt sent nothing, only one before it may have.
        return await self._refused(sender, before, error, SEND)

    async def _refused(
        self, sender: Sender, delivery: Delivery, error: Exception, method: str
    ) -> bool:
        """Telegram's no: wait, detour or fail. `delivery.attempts` are those that may count."""
        words = refusal_in_words(error)
        if isinstance(classify(error), Restricted):
            await sender.userbot.note_frozen(is_frozen=True)
        if isinstance(error, tl.ServerError):
            return await self._ledger.fault(delivery, words)
        if isinstance(error, tl.FloodWaitError | tl.FloodPremiumWaitError):
            until = self._ledger.after(int(error.seconds))
            sender.waits[method] = until
            return await self._ledger.keep_flood(delivery, method, until)
        if isinstance(error, tl.SlowModeWaitError):
            due = self._ledger.after(error.seconds)
            await self._ledger.back(delivery, not_before=due, error=words)
            return False
        if wants_upload(error):
            await self._forget_uploads(delivery)
            return await self._ledger.fault(delivery, words)
        return await self._definitely_not(delivery, words, wants_detour=wants_detour(error))

    async def _definitely_not(self, delivery: Delivery, words: str, *, wants_detour: bool) -> bool:
        """To the bot, to an operator who looks, or at its end."""
        if delivery.is_possibly_sent:  # the answer to an attempt before this one was lost
            return await self._ledger.doubt(delivery, words, attempts=delivery.attempts)
        if wants_detour and delivery.may_fall_back:
            await self._ledger.back(delivery)
            return await self._ledger.detour(delivery, words)
        return await self._ledger.fail(delivery, words, attempts=delivery.attempts)

    async def _forget_uploads(self, delivery: Delivery) -> None:
        async with self._database.transaction() as tx:
            for item in await attachments.of(tx, delivery.id):
                await attachments.set_uploaded(tx, item.id, None)


def _seen_on(line: Line, error: Exception) -> Exception:
    """What an error means for a request: one that ended its line says nothing of the request.

    Telethon fails what is under way with whatever made it disconnect, a transport error (404,
    429) for one.
    """
    if line.is_connected or isinstance(error, tl.RPCError):
        return error
    lost = ConnectionLost("the connection dropped under a request")
    lost.__cause__ = error
    return lost
