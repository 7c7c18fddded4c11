"""Killed between any two steps of a send, a process loses no message and doubles none.

The process is a real one and gets SIGKILL; another goes on with the same database.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from multiprocessing.context import ForkServerProcess

import pytest
from cryptography.fernet import Fernet

from bot.botroute import BotRoute
from bot.control import make_bot
from bot.texts import Texts
from sandbox.botapi import BotApi
from sandbox.datacentre import DataCentre
from sandbox.world import World
from sandbox.world.chats import Chat, ChatKind, Standing
from sandbox.world.images import blank
from sandbox.world.messages import Content, Message
from sandbox.world.people import User
from storage import attachments, contacts, deliveries
from storage.attachments import File
from storage.database import Database
from storage.delivery import Delivery, DeliveryState, Media
from storage.vault import Vault
from tests import program
from tests.network import killed_sender
from tests.network.sending import Sender, account_of, running
from tests.sandbox.hazards import assert_no_hazards
from tests.timing import limit
from userbot.nursery import Nursery

LIMIT_S = limit(60)
TOKEN = "7000000001:AAH-sandbox_token_of_35_characters_x"
PHOTOS = [
    File(Media.PHOTO, blank(size, size), name=f"{size}.png", mime_type="image/png")
    for size in (8, 9)
]
POINTS = ("connection", "entity", "handed over", "answered", "stored")


@dataclass(frozen=True, slots=True)
class Load:
    """What is sent, and how often its process is killed on the way."""

    name: str
    media: Media
    files: Sequence[File]
    target: str = "@bobby"

    @property
    def points(self) -> Sequence[str]:
        return POINTS if self.media is Media.NONE else (*POINTS[:2], "uploaded", *POINTS[2:])


LOADS = (
    Load("text", Media.NONE, ()),
    Load("photo", Media.PHOTO, PHOTOS[:1]),
    Load("album", Media.ALBUM, PHOTOS, "@dockside"),
)
KILLS = [
    pytest.param(load, point, id=f"{load.name}-{point}") for load in LOADS for point in load.points
]
BOT_POINTS = {
    # Where it was killed: what becomes of it, and how often it has come.
    "chat": (DeliveryState.SENT_BY_BOT, 1),
    "handed over": (DeliveryState.UNKNOWN, 0),
    "answered": (DeliveryState.UNKNOWN, 1),
    "stored": (DeliveryState.SENT_BY_BOT, 1),
}


@pytest.fixture
def key() -> str:
    return Fernet.generate_key().decode()


@pytest.fixture
def vault(key: str) -> Vault:
    return Vault([key])


@pytest.fixture
def dockside(world: World, alice: User, bob: User) -> Chat:
    """A public supergroup in which both are."""
    return world.chats.create(
        ChatKind.SUPERGROUP, "Docks", bob.id, username="dockside", members=[alice.id]
    )


@pytest.fixture
async def account(
    db: Database, datacentre: DataCentre, world: World, alice: User
) -> AsyncIterator[int]:
    async with account_of(db, datacentre, world, alice) as number:
        yield number


async def order(db: Database, account: int, load: Load, state: DeliveryState) -> int:
    async with db.transaction() as tx:
        number = await deliveries.draft(
            tx, account_id=account, target=load.target, text="hello", media=load.media
        )
        await attachments.add(tx, number, load.files)
        await deliveries.move(tx, number, {DeliveryState.DRAFT}, state, approved_at=tx.now)
    return number


async def killed(work: Callable[..., None], *args: object) -> None:
    """Let a process live until it is killed."""
    await end_of(await asyncio.to_thread(program.fork, work, *args))


async def end_of(process: ForkServerProcess) -> None:
    try:
        await asyncio.to_thread(process.join, LIMIT_S)
        assert process.exitcode == -signal.SIGKILL
    finally:
        process.kill()


def shown(world: World, writer: User, place: User | Chat) -> list[Message]:
    """What somebody has written to a person or into a group, as it lies there."""
    if isinstance(place, Chat):
        return world.messages.history(place.id, place.id)
    return world.messages.history(place.id, writer.id)


async def came_once(
    sender: Sender, number: int, load: Load, world: World, writer: User, place: User | Chat
) -> Delivery:
    """It is SENT, in the chat once, and its receipt names what is there."""
    found = await sender.until(number, DeliveryState.SENT)
    there = shown(world, writer, place)
    texts = ["hello", ""][: max(1, len(load.files))]
    assert [m.content.text for m in there] == texts
    assert [m.content.attachment.data for m in there if m.content.attachment] == [
        file.data for file in load.files
    ]
    mine = [m.id if isinstance(place, Chat) else m.twin_id for m in there]
    assert (found.message_id, found.error, found.detour) == (mine[0], "", "")
    link = f"https://t.me/dockside/{mine[0]}" if isinstance(place, Chat) else ""
    assert found.link == link
    if load.media is Media.ALBUM:
        async with sender.database.read() as tx:
            assert [item.message_id for item in await attachments.of(tx, number)] == mine
    return found


@pytest.mark.req("S2.7")
@pytest.mark.parametrize(("load", "point"), KILLS)
async def test_killed_at_any_step_of_a_send_it_has_sent_once_in_the_end(
    load: Load,
    point: str,
    key: str,
    db: Database,
    account: int,
    datacentre: DataCentre,
    world: World,
    alice: User,
    bob: User,
    dockside: Chat,
) -> None:
    place = bob if load.target == "@bobby" else dockside
    number = await order(db, account, load, DeliveryState.PENDING)
    await killed(killed_sender.send_as_account, point, db.url, key, account)
    is_handed = point in {"handed over", "answered"}
    async with db.read() as tx:
        left = await deliveries.get(tx, number)
    assert left is not None
    assert (left.state is DeliveryState.SENDING) == is_handed
    assert bool(shown(world, alice, place)) == (point in {"answered", "stored"})
    async with running(db, account, fallback_after_s=30) as sender:
        found = await came_once(sender, number, load, world, alice, place)
        behind = await sender.send(load.target, "behind")
        await sender.until(behind, DeliveryState.SENT)
    assert found.attempts == 1 + is_handed
    assert [m.content.text for m in shown(world, alice, place)][-1] == "behind"
    assert len(shown(world, alice, place)) == max(1, len(load.files)) + 1
    assert_no_hazards(datacentre)


@pytest.mark.req("S2.7")
@pytest.mark.parametrize("load", [LOADS[0], LOADS[-1]], ids=lambda load: load.name)
async def test_killed_while_telegram_has_it_and_the_answer_is_lost_it_has_sent_once(
    load: Load,
    key: str,
    db: Database,
    account: int,
    datacentre: DataCentre,
    world: World,
    alice: User,
    bob: User,
    dockside: Chat,
) -> None:
    number = await order(db, account, load, DeliveryState.PENDING)
    lost = datacentre.faults.drop_reply("messages.sendM*", times=1, user_id=alice.id)
    args = (killed_sender.NOWHERE, db.url, key, account)
    process = await asyncio.to_thread(program.fork, killed_sender.send_as_account, *args)
    async with asyncio.timeout(LIMIT_S):
        await lost.has_struck()
    process.kill()
    await end_of(process)
    async with running(db, account, fallback_after_s=30) as sender:
        await came_once(
            sender, number, load, world, alice, bob if load.target == "@bobby" else dockside
        )
    assert_no_hazards(datacentre)


@pytest.mark.req("S2.7")
async def test_killed_again_and_again_at_all_steps_it_has_sent_once_in_the_end(
    key: str,
    db: Database,
    account: int,
    datacentre: DataCentre,
    world: World,
    alice: User,
    dockside: Chat,
) -> None:
    load = LOADS[-1]
    number = await order(db, account, load, DeliveryState.PENDING)
    for point in ("uploaded", "handed over", "answered", "handed over", "answered"):
        await killed(killed_sender.send_as_account, point, db.url, key, account)
    async with running(db, account, fallback_after_s=30) as sender:
        found = await came_once(sender, number, load, world, alice, dockside)
    assert found.attempts == 5
    assert_no_hazards(datacentre)


@pytest.fixture
async def bot_api(world: World) -> AsyncIterator[BotApi]:
    server = BotApi(world)
    await server.start()
    yield server
    await server.stop()


@pytest.mark.req("C3")
@pytest.mark.parametrize("load", [LOADS[0], LOADS[-1]], ids=lambda load: load.name)
@pytest.mark.parametrize("point", BOT_POINTS)
async def test_killed_at_any_step_as_the_bot_it_has_sent_at_most_once_and_says_so(
    load: Load,
    point: str,
    key: str,
    db: Database,
    account: int,
    world: World,
    bot_api: BotApi,
    bob: User,
    dockside: Chat,
) -> None:
    harbour = world.people.create_bot(TOKEN, "harbour_bot", "Harbour")
    world.say(bob.id, harbour.id, Content("/start"))
    world.chats.put(dockside, harbour.id, Standing.MEMBER)
    async with db.transaction() as tx:
        await contacts.seen(tx, bob.id, bob.username)
    place = bob if load.target == "@bobby" else dockside
    api_url = f"http://127.0.0.1:{bot_api.port}"
    number = await order(db, account, load, DeliveryState.BOT_PENDING)
    await killed(killed_sender.send_as_bot, point, db.url, key, TOKEN, api_url)

    state, times = BOT_POINTS[point]
    async with routing(db, api_url):
        found = await until(db, number, DeliveryState.UNKNOWN, DeliveryState.SENT_BY_BOT)
        behind = await order(
            db, account, replace(LOADS[0], target=load.target), DeliveryState.BOT_PENDING
        )
        await until(db, behind, DeliveryState.SENT_BY_BOT)
    assert found.state is state
    there = [m for m in shown(world, harbour, place) if m.sender_id == harbour.id]
    assert len(there) == times * max(1, len(load.files)) + 1
    if state is DeliveryState.SENT_BY_BOT:
        first = there[0].id if isinstance(place, Chat) else there[0].twin_id
        assert (found.message_id, found.error) == (first, "")
        assert found.link == (f"https://t.me/dockside/{first}" if place is dockside else "")


@asynccontextmanager
async def routing(db: Database, api_url: str) -> AsyncIterator[None]:
    """What a process runs for the bot."""
    async with make_bot(TOKEN, api_url=api_url, proxy=None) as bot, Nursery() as nursery:
        nursery.start(BotRoute(db, bot, Texts(), nursery).run(), name="bot route")
        yield


async def until(db: Database, number: int, *states: DeliveryState) -> Delivery:
    async with asyncio.timeout(LIMIT_S):
        with db.wakeups.subscribe(deliveries.CHANGED) as changed:
            while True:
                async with db.read() as tx:
                    found = await deliveries.get(tx, number)
                if found is not None and found.state in states:
                    return found
                await changed.wait(1)
