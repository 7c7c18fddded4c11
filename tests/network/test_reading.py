"""Reading an account's latest messages, and what Telegram says of a freeze, over a real line."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from telethon.tl import types

from sandbox.datacentre import DataCentre
from sandbox.world import World
from sandbox.world.chats import ChatKind
from sandbox.world.messages import Content
from sandbox.world.people import TELEGRAM_ID, User
from storage import accounts, commands, floods, journal
from storage.account import Freeze
from storage.database import Database
from tests.network.sending import Sender, sending
from tests.sandbox.hazards import assert_no_hazards
from userbot.freezing import freeze_in
from userbot.login_answers import Outcome
from userbot.media_words import media_of
from userbot.reading import DIALOGS, HISTORY, MOST, Reading
from userbot.registry import Registry

FREEZE = {
    "freeze_since_date": 1.0,
    "freeze_until_date": 2.0,
    "freeze_appeal_url": "https://t.me/x",
}


@pytest.fixture
async def sender(
    db: Database, datacentre: DataCentre, world: World, alice: User
) -> AsyncIterator[Sender]:
    async with sending(db, datacentre, world, alice) as found:
        yield found


class Ann(Registry):
    """The registry of one userbot."""

    def __init__(self, sender: Sender) -> None:
        self._userbots = {sender.number: sender.userbot}


async def look(sender: Sender, reading: Reading, **args: object) -> Outcome:
    return await reading.last(commands.Command(1, "account.last", sender.number, args, 7))


def reading_of(sender: Sender, every_s: float = 0.0) -> Reading:
    return Reading(sender.database, Ann(sender), pause_s=0, every_s=every_s)


async def test_the_newest_messages_of_all_chats_come_first_and_none_is_marked_as_read(
    sender: Sender, datacentre: DataCentre, world: World, alice: User, bob: User
) -> None:
    carol = world.people.create("Carol")
    for n in range(7):
        world.messages.send(bob.id, alice.id, Content(f"from Bob {n}"))
    group = world.chats.create(ChatKind.SUPERGROUP, "Ops", carol.id, members=[alice.id])
    world.messages.send(carol.id, group.id, Content("in the group\n\n now"), boxes=[group.id])
    world.messages.send(alice.id, carol.id, Content("x" * 300))
    before = datacentre.dispatcher.calls.copy()
    found = (await look(sender, reading_of(sender)))["messages"]
    assert len(found) <= MOST
    assert found[0] | {"at": ""} == {
        "chat": "Carol", "from": "", "at": "", "out": True, "text": "x" * 100 + "…", "media": "",
    }  # fmt: skip
    assert [m["text"] for m in found[2:]] == [f"from Bob {n}" for n in (6, 5, 4, 3, 2)]
    told = found[1]
    assert (told["chat"], told["from"], told["text"]) == ("Ops", "Carol", "in the group now")
    calls = datacentre.dispatcher.calls - before
    assert {name: n for name, n in calls.items() if "ing" not in name} == {DIALOGS: 1, HISTORY: 3}
    assert_no_hazards(datacentre)


async def test_digits_of_telegrams_own_messages_are_for_who_may_see_codes(
    sender: Sender, world: World, alice: User, bob: User
) -> None:
    world.messages.send(TELEGRAM_ID, alice.id, Content("Login code: 12345, ٣"))
    world.messages.send(bob.id, alice.id, Content("see you at 12"))
    reading = reading_of(sender)
    masked = [m["text"] for m in (await look(sender, reading))["messages"]]
    assert masked == ["see you at 12", "Login code: •••••, •"]
    for args in ({"with_codes": False}, {"with_codes": "yes"}):
        assert [m["text"] for m in (await look(sender, reading, **args))["messages"]] == masked
    told = await look(sender, reading, with_codes=True)
    assert told["messages"][1]["text"] == "Login code: 12345, ٣"
    shown = await sender.order("chat.last", target=str(TELEGRAM_ID), limit=3)
    assert [m["text"] for m in shown["messages"]] == ["Login code: •••••, •"]


async def test_a_wait_on_reading_is_kept_and_nothing_is_asked_before_its_end(
    sender: Sender, datacentre: DataCentre, alice: User, db: Database
) -> None:
    reading = reading_of(sender)
    datacentre.faults.flood_wait(DIALOGS, 60, user_id=alice.id)
    first, second = await look(sender, reading), await look(sender, reading)
    assert first["error"] == second["error"] == "flood"
    assert 50 < second["seconds"] <= first["seconds"] <= 60
    async with db.read() as tx:
        assert await floods.active(tx, sender.number, DIALOGS) is not None
    assert_no_hazards(datacentre)


async def test_where_a_chat_may_not_be_read_now_its_last_message_is_told(
    sender: Sender, datacentre: DataCentre, world: World, alice: User, bob: User
) -> None:
    for n in range(3):
        world.messages.send(bob.id, alice.id, Content(str(n)))
    datacentre.faults.flood_wait(HISTORY, 60, user_id=alice.id)
    found = await look(sender, reading_of(sender))
    assert [m["text"] for m in found["messages"]] == ["2"]


async def test_one_account_is_looked_at_only_so_often(sender: Sender) -> None:
    reading = reading_of(sender, every_s=0.2)
    began = time.monotonic()
    for _ in range(3):
        assert "messages" in await look(sender, reading)
    assert time.monotonic() - began >= 0.4


async def test_a_refusal_and_a_lost_line_are_told_and_who_looked_is_noted(
    sender: Sender, datacentre: DataCentre, alice: User, db: Database
) -> None:
    reading = reading_of(sender)
    datacentre.faults.rpc_error(DIALOGS, 400, "CHAT_ODD", user_id=alice.id)
    refused = await look(sender, reading)
    assert refused["error"] == "refused"
    assert "CHAT_ODD" not in str(refused)
    datacentre.faults.drop_reply(DIALOGS, cut="reset", user_id=alice.id)  # type: ignore[arg-type]
    assert await look(sender, reading) == {"error": "lost"}
    async with db.read() as tx:
        noted = await journal.latest(tx, account_id=sender.number, kind="account.read")
    assert [(e.actor, e.data) for e in noted] == 2 * [("operator 7", {})]
    unknown = commands.Command(1, "account.last", 999, {}, 7)
    assert await reading.last(unknown) == {"error": "not_connected"}


async def test_a_dead_session_that_reading_meets_ends_the_line(
    sender: Sender, datacentre: DataCentre, alice: User
) -> None:
    with datacentre.faults.deny(alice.id):
        assert (await look(sender, reading_of(sender)))["error"] == "refused"
        with sender.database.wakeups.subscribe(accounts.CHANGED) as changed:
            while sender.userbot.status.state != "NEEDS_LOGIN":
                await changed.wait(1)


async def test_a_freeze_is_asked_for_where_it_is_noticed_and_forgotten_when_it_is_over(
    sender: Sender, datacentre: DataCentre, alice: User, db: Database
) -> None:
    async def freeze() -> Freeze:
        await db.writer.flush()
        async with db.read() as tx:
            account = await accounts.get(tx, sender.number)
        assert account is not None
        return account.freeze

    with datacentre.faults.freeze_account(alice.id):
        await sender.userbot.note_frozen(is_frozen=True)
        told = await freeze()
        assert told.since is not None
        assert told.until is not None
        assert told.since < datetime.now(UTC) < told.until
        assert told.appeal_url == "https://t.me/spambot"
        await sender.userbot.note_frozen(is_frozen=True)
    assert datacentre.dispatcher.calls["help.getAppConfig"] == 1
    assert_no_hazards(datacentre)
    await sender.userbot.note_frozen(is_frozen=False)
    assert await freeze() == Freeze()


async def test_that_a_freeze_is_over_is_noticed_without_a_message_being_sent(
    sender: Sender, datacentre: DataCentre, alice: User, db: Database
) -> None:
    asides = sender.userbot._asides
    line = sender.userbot.line
    assert line is not None

    async def is_still_frozen() -> bool:
        asides.forget()  # as a new line has it
        return await asides.proven(line, 1, is_frozen=True)

    # What Telegram never told of proves nothing by not being told.
    assert await is_still_frozen()
    with datacentre.faults.freeze_account(alice.id):
        assert await is_still_frozen()
        asked = datacentre.dispatcher.calls["help.getAppConfig"]
        assert await asides.proven(line, 1, is_frozen=True)
        assert datacentre.dispatcher.calls["help.getAppConfig"] == asked, "once in a while"
        await db.writer.flush()
    assert not await is_still_frozen()
    assert_no_hazards(datacentre)


def config(**told: object) -> Any:  # noqa: ANN401 - Telethon is untyped
    def value(each: object) -> Any:  # noqa: ANN401 - Telethon is untyped
        if isinstance(each, str):
            return types.JsonString(each)
        return types.JsonNumber(each) if isinstance(each, float) else types.JsonNull()

    return types.JsonObject([types.JsonObjectValue(k, value(v)) for k, v in told.items()])


@pytest.mark.parametrize(
    "url",
    [
        "http://t.me/spambot",
        "https://t.me.evil.example/",
        "https://evil.example/https://t.me/",
        "https://t.me@evil.example/",
        "https://t.me:444/x",
        "https://t.me\\@evil.example/",
        "https://[t.me/",
        "tg://resolve?domain=spambot",
        "https://t.me/ x",
        "https://t.me/" + "x" * 300,
        "https://tе.me/",  # noqa: RUF001 - a Cyrillic letter
        "",
    ],
)
def test_only_telegrams_own_pages_are_taken_for_an_appeal(url: str) -> None:
    assert freeze_in(config(**FREEZE | {"freeze_appeal_url": url})).appeal_url == ""


def test_what_can_not_be_meant_of_a_freeze_is_left_out() -> None:
    whole = Freeze(
        datetime.fromtimestamp(1, UTC), datetime.fromtimestamp(2, UTC), "https://t.me/x"
    )
    assert freeze_in(config(**FREEZE)) == whole
    page = "https://telegram.org/faq#frozen"
    assert freeze_in(config(freeze_appeal_url=page)) == Freeze(appeal_url=page)
    for odd in (0.0, -5.0, 1e300, float("nan"), "soon", None):
        assert freeze_in(config(freeze_since_date=odd)) == Freeze()
    assert freeze_in(types.JsonArray([])) == Freeze()


@pytest.mark.parametrize(
    ("attributes", "word"),
    [
        ([types.DocumentAttributeAudio(1, voice=True)], "voice"),
        ([types.DocumentAttributeAudio(1)], "audio"),
        ([types.DocumentAttributeVideo(1, 1, 1)], "video"),
        ([types.DocumentAttributeVideo(1, 1, 1, round_message=True)], "round"),
        ([types.DocumentAttributeAnimated()], "gif"),
        ([types.DocumentAttributeFilename("a.pdf")], "file"),
        ([], "file"),
    ],
)
def test_a_document_is_called_what_it_is(attributes: list[Any], word: str) -> None:
    document = types.Document(1, 1, b"", None, "", 1, 1, attributes)
    media = types.MessageMediaDocument(document=document)
    message = types.Message(1, types.PeerUser(1), None, "", media=media)
    assert media_of(message) == word
