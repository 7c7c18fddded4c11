"""Every view that buttons lead to, from the menu on: each press is answered, each has a way on."""

import asyncio
import re
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from loguru import logger

from storage import operators
from storage.operators import Role
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Telegram
from tests.timing import seconds

FAULT = "Something went wrong"
ENDS = re.compile(
    # What ends or moves something, or starts what would not be over: each has tests of its own.
    r"a:(stop_now|forget_now|log_out_now|reconnect|start):|g:now:|m:now:|o:(role|out_now):|oi:"
    r"|p:(remove_now|release_now):|d:(account|bot|discard|delete_now):|l:qr:"
)
"""Data of presses that the walk leaves out."""
VARIES = (
    (re.compile(r"^(f|n|g:\w+:\w+):.*"), r"\1"),  # a list is the same however it is narrowed
    (re.compile(r"^(z|sw|ev|mu|up|k|s):.*"), r"\1"),
    (re.compile(r"[0-9]+"), "#"),
)
"""What two buttons of the same kind differ by."""
SAME_S = 0.5
"""So long an answer may take; what looks the same as before is not shown anew."""
MOST = 120
"""Kinds of buttons; a walk that finds more has lost its way."""
PATHS = {
    "/start": "go:home:#",
    "/help": "go:help:#",
    "/status": "go:status:#",
    "/accounts": "go:accounts:#",
    "/account": "a:show:#",
    "/add_account": "go:add_account:#",
    "/proxies": "go:proxies:#",
    "/add_proxy": "go:add_proxy:#",
    "/send": "go:send:#",
    "/draft": "go:draft:#",
    "/sent": "s",
    "/pause, /resume": "w:pause:#",
    "/reconnect": "g:ask:redo",
    "/why": "a:why:#",
    "/events": "ev",
    "/uptime": "up",
    "/costs": "go:costs:#",
    "/fallback": "go:fallback:#",
    "/alerts": "al:switches:#",
    "/operators": "go:people:#",
    "/settings": "go:settings:#",
    "/instances": "go:instances:#",
    "/cancel": "go:cancel:#",
}
"""The button that is each command's twin."""


def kind_of(data: str) -> str:
    for pattern, instead in VARIES:
        data = pattern.sub(instead, data)
    return data


@dataclass
class Walk:
    """A walk over the buttons of one chat; every press is on the message that bore the button."""

    telegram: Telegram
    mooring: Mooring
    person: dict[str, Any]
    seen: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        return f"users/{self.person['id']}/chats/{self.mooring.bot['id']}"

    async def _read(self, after: int | None = None) -> dict[str, Any]:
        """The bot's messages; after a press as soon as it has changed one, if it does."""
        if after is None:
            chat = await self.telegram.get(f"{self.path}/messages")
        else:
            wait = {"after": after, "timeout": seconds(SAME_S)}
            chat = await self.telegram.get(f"{self.path}/wait", **wait)
        return {**chat, "messages": [m for m in chat["messages"] if not m["out"]]}

    async def run(self) -> None:
        """Press what has not been pressed yet, breadth first, until nothing is left."""
        await self.telegram.post(f"{self.path}/messages", text="/start")
        chat = await self.telegram.chat(self.person, self.mooring.bot)
        place = (await chat.shows("Mooring")).id
        todo: deque[tuple[str, str]] = deque()
        answer: dict[str, Any] | None = (await self._read())["messages"][-1]
        data = "/start"
        while True:
            for button in self._check(answer, data) if answer else []:
                kind = kind_of(button)
                if kind not in self.seen and not ENDS.match(button):
                    self.seen.add(kind)
                    todo.append((button, data))
            if len(self.seen) > MOST:
                raise AssertionError(f"the walk does not end: {sorted(self.seen)}")
            if not todo:
                return
            data, come_from = todo.popleft()
            answer = await self._press(place, data, come_from)

    async def _press(self, place: int, data: str, come_from: str) -> dict[str, Any] | None:
        """What is shown after the press: in its place, or below."""
        before = await self._read()
        shown = {m["id"]: (m["text"], m["buttons"]) for m in before["messages"]}
        press = {"message_id": place, "data": data, "is_made_up": True, "timeout": seconds(10)}
        try:
            answer = await self.telegram.post(f"{self.path}/press", **press)
        except RuntimeError as exc:
            self.complaints.append(f"{data} (from {come_from}): not answered: {exc}")
            return None
        if FAULT in answer["text"]:
            self.complaints.append(f"{data} (from {come_from}): {answer['text']}")
        if answer["text"] and not data.startswith("up"):
            return None  # a notice said it all
        now = await self._read(after=before["counter"])
        changed = [m for m in now["messages"] if shown.get(m["id"]) != (m["text"], m["buttons"])]
        return next(iter(reversed(changed)), None)

    def _check(self, message: dict[str, Any], data: str) -> list[str]:
        """The buttons of a view; complaints where it is a dead end."""
        buttons = [b for row in message["buttons"] for b in row]
        text = message["text"]
        if FAULT in text:
            self.complaints.append(f"{data}: {text}")
        if not buttons and "…" not in text and "/" not in text:
            self.complaints.append(f"{data}: a dead end: {text!r}")
        found = [b["data"] for b in buttons if b["data"]]
        self.complaints.extend(f"{b}: too long" for b in found if len(b.encode()) > 64)
        return found


async def test_every_button_leads_on(mooring: Mooring, telegram: Telegram):
    alice = await telegram.person("Al <b>ice</b> & שלום")
    carol = await telegram.person("Carol")
    number, _ = await mooring.start_with(alice, carol)
    await mooring.write_draft(number, "me", "the first")
    await mooring.chat.press("Send as account")
    await mooring.chat.shows("the first", "Sent as")
    await mooring.write_draft(number, "me", "the second")
    assert mooring.app
    errors: list[str] = []
    sink = logger.add(errors.append, level="ERROR", format="{message}")
    roles = (Role.VIEWER, Role.OWNER)
    people = [await telegram.person(role.value) for role in roles]
    async with mooring.app.database.transaction() as tx:
        for role, person in zip(roles, people, strict=True):
            await operators.admit(tx, person["id"], role, name=role, by=None)
    walks = [Walk(telegram, mooring, person) for person in people]
    try:
        await asyncio.gather(*(walk.run() for walk in walks))
    finally:
        logger.remove(sink)
    assert [c for walk in walks for c in walk.complaints] == []
    assert errors == []
    *_, owner = walks
    assert {command: kind for command, kind in PATHS.items() if kind not in owner.seen} == {}
