"""Whatever is typed or sent into a dialog is answered, and the dialog goes on as it was."""

import asyncio
import importlib
import pkgutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiogram.fsm.state import StatesGroup
from loguru import logger
from sqlalchemy import select

import bot.handlers
from bot.handlers.login.dialog import Login
from bot.handlers.sending.steps import Send
from storage import journal, operators
from storage.operators import Role
from storage.schema import account_tags, accounts, deliveries, proxies
from tests.e2e.dialog_desk import Desk
from tests.e2e.dialogs import DIALOGS, FAULT, MOMENTARY
from tests.e2e.harness import Mooring
from tests.e2e.made_up import IN_PRIVATE, MADE_UP
from tests.e2e.telegram import Chat, Shown, Telegram


def all_states() -> set[str]:
    """Every state of every dialog in the code."""
    for module in pkgutil.walk_packages(bot.handlers.__path__, "bot.handlers."):
        importlib.import_module(module.name)
    return {s.state for group in StatesGroup.__subclasses__() for s in group.__states__ if s.state}


def test_every_dialog_is_in_the_list() -> None:
    assert all_states() - MOMENTARY == set(DIALOGS)


async def rows(mooring: Mooring) -> list[object]:
    """What an operator can have changed."""
    assert mooring.app
    a, p, d = accounts.c, proxies.c, deliveries.c
    async with mooring.app.database.read() as tx:
        of_accounts = select(a.id, a.label, a.country, a.importance, a.proxy_id, a.desired)
        # A login that was begun is there; nobody has finished one.
        found: list[object] = list(await tx.all(of_accounts.where(a.state != "NEW")))
        found += await tx.all(select(p.id, p.host, p.port, p.country, p.price_cents))
        found += await tx.all(select(d.id, d.state, d.text, d.not_before, d.reply_to))
        found += await tx.all(select(account_tags))
    return found


@asynccontextmanager
async def no_errors() -> AsyncIterator[None]:
    """The log has no error meanwhile."""
    errors: list[str] = []
    sink = logger.add(errors.append, level="ERROR", format="{message}")
    try:
        yield
    finally:
        logger.remove(sink)
    assert errors == []


async def furnished(mooring: Mooring, telegram: Telegram) -> dict[str, str]:
    """Start with an account, a draft, and a message that was sent; their numbers."""
    (account,) = await mooring.start_with(await telegram.person("Alice"))
    chat = mooring.chat
    await mooring.write_draft(account, "me", "the first")
    await chat.press("Send as account")
    await chat.shows("the first", "Sent as")
    await mooring.write_draft(account, "me", "the second")
    assert mooring.app
    d = deliveries.c
    async with mooring.app.database.read() as tx:
        states = {r.state: r.id for r in await tx.all(select(d.id, d.state))}
        proxy = await tx.one(select(proxies.c.id))
    assert proxy
    numbers = {"account": account, "proxy": proxy.id}
    numbers |= {"draft": states["DRAFT"], "sent": states["SENT"]}
    return {name: str(number) for name, number in numbers.items()}


async def desk_of(
    mooring: Mooring, telegram: Telegram, values: Mapping[str, str], role: Role = Role.OWNER
) -> Desk:
    """Somebody with that role, and people whose accounts they may log in."""
    assert mooring.app
    person = await telegram.person("Oona")
    async with mooring.app.database.transaction() as tx:
        await operators.admit(tx, person["id"], role, name="Oona", by=None)
    chat = await telegram.chat(person, mooring.bot)
    return Desk(mooring, telegram, person, chat, dict(values))


async def test_every_dialog_answers_what_it_cannot_take_and_goes_on(
    mooring: Mooring, telegram: Telegram
):
    values = await furnished(mooring, telegram)
    before = await rows(mooring)

    async def try_one(name: str) -> list[str]:
        ann = await telegram.person("Ann")
        bea = await telegram.person("Bea", password="correct horse")
        who = bea if name == Login.password.state else ann
        more = {"phone": f"+{ann['phone'].lstrip('+')}", "who": who["id"]}
        more |= {"phone with password": f"+{bea['phone'].lstrip('+')}"}
        desk = await desk_of(mooring, telegram, {**values, **more})
        return await desk.try_all(name, DIALOGS[name])

    async with no_errors():
        # Its text comes in two messages, and only what comes at once is taken together.
        alone = Send.split.state or ""
        complaints = [await try_one(alone)]
        complaints += await asyncio.gather(*(try_one(name) for name in DIALOGS if name != alone))
        assert [line for lines in complaints for line in lines] == []
    assert await rows(mooring) == before


async def test_made_up_presses_are_answered_and_do_nothing(mooring: Mooring, telegram: Telegram):
    values = await furnished(mooring, telegram)
    before = await rows(mooring)
    complaints: list[str] = []

    async def press_some(some: tuple[str, ...]) -> None:
        desk = await desk_of(mooring, telegram, values)
        shown = await desk.chat.ask("/start")
        for data in some:
            try:
                toast = await desk.press(shown.id, data.format_map(values))
            except RuntimeError as exc:
                complaints.append(f"{data}: {exc}")
                continue
            if FAULT in toast:
                complaints.append(f"{data}: {toast}")
            if await desk.state():
                await desk.chat.ask("/cancel")
            if await desk.state():
                complaints.append(f"{data}: it is at {await desk.state()}")

    async with no_errors():
        await asyncio.gather(*(press_some(MADE_UP[n::10]) for n in range(10)))
        assert complaints == []
    assert await rows(mooring) == before


async def test_in_a_group_strangers_press_for_nothing_and_secrets_are_for_the_private_chat(
    mooring: Mooring, telegram: Telegram
):
    values = await furnished(mooring, telegram)
    owner = await desk_of(mooring, telegram, values)
    eve = await telegram.person("Eve")
    people = [owner.person["id"], eve["id"], mooring.bot["id"]]
    group = await telegram.post("groups", title="Crew", creator=people[0], members=people[1:])
    name = mooring.bot["username"]
    chat = await telegram.chat(owner.person, group)
    shown = await chat.ask(f"/start@{name}")
    before = await rows(mooring)
    as_eve = f"users/{eve['id']}/chats/{group['id']}/press"
    for data in ("a:stop_now:{account}", "o:role:{eve}:owner", "l:start:{account}", "???"):
        made_up = {"data": data.format_map({**values, "eve": eve["id"]}), "is_made_up": True}
        answer = await telegram.post(as_eve, message_id=shown.id, **made_up)
        assert "for the operators of this bot" in answer["text"]
    assert await rows(mooring) == before
    assert mooring.app
    async with mooring.app.database.read() as tx:
        noted = [entry.actor for entry in await journal.latest(tx, kind="stranger")]
    assert noted == [f"stranger {eve['id']}"]
    assert len(await chat.read()) == 2, "there is nothing in the group but the menu"

    async with no_errors():
        for data, leads_to in IN_PRIVATE:
            press = f"users/{people[0]}/chats/{group['id']}/press"
            order = {"data": data.format_map(values), "is_made_up": True}
            last_id = (await chat.read())[-1].id
            await telegram.post(press, message_id=shown.id, **order)
            offered = await later_than(chat, last_id)
            link = f"https://t.me/{name}?start={leads_to.format_map(values)}"
            assert await links(telegram, owner.person, group, offered) == [link], data


async def later_than(chat: Chat, message_id: int) -> Shown:
    """The next message of the bot."""
    return await chat.until(lambda m: m.id > message_id)


async def links(
    telegram: Telegram, user: dict[str, Any], peer: dict[str, Any], shown: Shown
) -> list[str]:
    """Where the buttons of a message lead."""
    chat = await telegram.get(f"users/{user['id']}/chats/{peer['id']}/messages")
    (found,) = (m for m in chat["messages"] if m["id"] == shown.id)
    return [button["url"] for row in found["buttons"] for button in row]
