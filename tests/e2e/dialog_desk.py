"""Somebody who tries out a dialog in a chat of their own."""

import asyncio
import base64
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from storage.schema import dialogs
from tests.e2e.dialogs import FAULT, INPUTS, LARGE_BYTES, TEXTS, Dialog
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Chat, Shown, Telegram
from tests.sandbox.pictures import PHOTO
from tests.timing import seconds


@dataclass
class Desk:
    """An owner with a chat of their own, so that nobody is throttled for the others."""

    mooring: Mooring
    telegram: Telegram
    person: dict[str, Any]
    chat: Chat
    values: dict[str, str]
    complaints: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        return f"users/{self.person['id']}/chats/{self.mooring.bot['id']}"

    async def state(self) -> str:
        """The step of the dialog that is open; empty where none is."""
        assert self.mooring.app
        like = dialogs.c.key.contains(f":{self.person['id']}:")
        async with self.mooring.app.database.read() as tx:
            row = await tx.one(select(dialogs.c.state).where(like))
        return str(row.state or "") if row else ""

    async def open(self, dialog: Dialog) -> None:
        """Take its steps, by presses of buttons as they stand on any message."""
        shown = await self.chat.ask("/start")
        for step in dialog.opened_by:
            words = step.format_map(self.values)
            if step == "code":
                await self.chat.shows("Login code for")
                code = await self.telegram.get(f"users/{self.values['who']}/login_code")
                for digit in code["code"]:
                    await self.chat.press(digit)
            elif step == "two parts":
                await self.chat.shows("What is the text?")
                await asyncio.gather(self.chat.say("x" * 4000), self.chat.say("y" * 4000))
            elif words.startswith(">"):
                await self.chat.say(words.removeprefix(">"))
                await asyncio.sleep(0.05)
            else:
                await self.press(shown.id, words)
                await asyncio.sleep(0.05)
        await self.chat.shows(dialog.asks)

    async def is_at(self, name: str) -> bool:
        """Whether the dialog comes to that step: what asks may be shown a moment before."""
        for _ in range(40):
            if await self.state() == name:
                return True
            await asyncio.sleep(0.05)
        return False

    async def press(self, message_id: int, data: str) -> str:
        """Send that data, whether a button bears it or not; the toast."""
        answer = await self.telegram.post(
            f"{self.path}/press",
            message_id=message_id,
            data=data,
            is_made_up=True,
            timeout=seconds(20),
        )
        return str(answer["text"])

    async def give(self, kind: str) -> int:
        """Send such a thing; the message's id."""
        post = self.telegram.post
        match kind:
            case "photo":
                photo = {"kind": "photo", "data": base64.b64encode(PHOTO).decode()}
                sent = await post(f"{self.path}/media", files=[photo])
                return int(sent["messages"][0]["id"])
            case "large file":
                large = {"kind": "document", "name": "all.txt", "mime_type": "text/plain"}
                large |= {"data": base64.b64encode(b"x").decode()}
                files = [{**large, "claimed_bytes": LARGE_BYTES}]
                sent = await post(f"{self.path}/media", files=files)
                return int(sent["messages"][0]["id"])
            case "contact":
                sent = await post(f"{self.path}/contact", phone="+4420794600100", first_name="Eve")
            case "forward":
                sent = await post(f"{self.path}/forward", text=TEXTS[kind], from_name="Somebody")
            case _:
                sent = await post(f"{self.path}/messages", text=TEXTS[kind])
        return int(sent["message"]["id"])

    async def try_all(self, name: str, dialog: Dialog) -> list[str]:
        """Give it everything that it can't take; what was not as it should be."""
        try:
            await self.open(dialog)
        except AssertionError:
            last = [m.text[:60] for m in await self.chat.read()][-2:]
            return [f"{name}: never asked {dialog.asks!r}, but {last}"]
        if not await self.is_at(name):
            return [f"{name}: opened, it is at {await self.state()}"]
        for kind in INPUTS:
            if kind not in dialog.takes:
                await self._try(name, dialog, kind)
        await self._try_commands(name)
        return self.complaints

    async def _try(self, name: str, dialog: Dialog, kind: str) -> None:
        sent_id = await self.give(kind)
        wanted = dialog.answer_to(kind)

        def answers(message: Shown) -> bool:
            return message.id > sent_id and wanted in message.text

        try:
            answer = await self.chat.until(answers, 4)
        except AssertionError:
            last = [m.text[:60] for m in await self.chat.read()][-2:]
            self.complaints.append(f"{name}, {kind}: {last} is not {wanted!r}")
            return
        if "/cancel" not in answer.text and not answer.labels:
            self.complaints.append(f"{name}, {kind}: no way on from {answer.text!r}")
        if FAULT in answer.text or (step := await self.state()) != name:
            self.complaints.append(f"{name}, {kind}: it is at {step}")

    async def _try_commands(self, name: str) -> None:
        """One that only shows leaves the dialog open; one that asks takes its place."""
        answer = await self.chat.ask("/help")
        if "What I can do" not in answer.text or await self.state() != name:
            self.complaints.append(f"{name}, /help: {answer.text[:40]!r} at {await self.state()}")
        answer = await self.chat.ask("/add_proxy")
        if "Send me proxies" not in answer.text or await self.state() != "AddProxy:line":
            self.complaints.append(f"{name}, /add_proxy: {answer.text!r} at {await self.state()}")
        answer = await self.chat.ask("/cancel")
        if "left" not in answer.text or await self.state():
            self.complaints.append(f"{name}, /cancel: {answer.text!r} at {await self.state()}")
