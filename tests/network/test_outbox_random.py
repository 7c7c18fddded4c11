"""Random lives of a Mooring that sends; in the end each message is where its receipt says, once.

`MOORING_LIVES=100 MOORING_SEED=1 pytest tests/network/test_outbox_random.py` lives more of them; a
life is its seed, which stands in the test's name. What happened in it is printed where it fails.

No machine of Hypothesis: what is real (sockets, a database, time) does not repeat itself to the
step, and what does not repeat can't be made smaller.
"""

import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from random import Random

import pytest
from loguru import logger

from sandbox.datacentre import DataCentre
from sandbox.world.chats import Chat
from sandbox.world.messages import Message
from sandbox.world.people import User
from storage import attachments
from storage.database import Database
from storage.delivery import Delivery, DeliveryState, Media
from tests.network.outbox_life import Life, Ordered, life_of
from tests.network.outbox_tricks import break_something
from tests.sandbox.hazards import assert_no_hazards
from tests.timing import seconds

LIVES = int(os.environ.get("MOORING_LIVES", "2"))
SEED = int(os.environ.get("MOORING_SEED", "1"))
PROCESSES = 3
SETTLED_WITHIN_S = seconds(40)
NOT_ALLOWED = "the account may not write there"


@pytest.fixture
def crashes() -> Iterator[list[str]]:
    """What was logged as a crash: no fault of anybody's may lead to one."""
    found: list[str] = []
    sink = logger.add(
        lambda message: found.append(str(message)),
        filter=lambda record: str(record["extra"].get("event", "")).endswith(".crashed"),
    )
    yield found
    logger.remove(sink)


@pytest.fixture
async def life(
    db: Database, datacentre: DataCentre, request: pytest.FixtureRequest
) -> AsyncIterator[Life]:
    datacentre.hazards.connects_per_minute = None  # the policy's is for a slower schedule
    random = Random(request.param)  # noqa: S311 - a repeatable choice
    async with life_of(db, datacentre, random, break_something) as made:
        yield made


@pytest.mark.req("S2.7", "C3")
@pytest.mark.timeout(seconds(180))
@pytest.mark.parametrize("life", range(SEED, SEED + LIVES), indirect=True)
async def test_whatever_happens_each_message_is_once_where_its_receipt_says(
    life: Life, datacentre: DataCentre, crashes: list[str]
) -> None:
    try:
        for _ in range(PROCESSES):
            await life.go_on()
        await life.settle(SETTLED_WITHIN_S)
        rows = {row.id: row for row in await life.rows()}
        for ordered in life.ordered:
            await check_place(life, ordered, rows[ordered.number])
        check_order(life)
        assert crashes == []
        assert_no_hazards(datacentre)
    finally:
        print("\n".join(life.story))  # noqa: T201 - told on failure
    print(Counter(row.state for row in rows.values()))  # noqa: T201 - as above


async def check_place(life: Life, ordered: Ordered, row: Delivery) -> None:
    """In one place, once; and the receipt names it."""
    mine = came(life, ordered, ordered.sender)
    bots = came(life, ordered, life.harbour)
    where = f"#{row.id} {row.state} {row.error!r}: {len(mine)} times, as the bot {len(bots)} times"
    if row.state is DeliveryState.FAILED:
        # Where an answer was lost before Telegram said no, only `attempts` tells of it.
        assert row.error == NOT_ALLOWED, where
        assert not bots, where
        assert len(mine) <= min(1, row.attempts), where
        return
    assert len(mine) == (row.state is DeliveryState.SENT), where
    if row.state is DeliveryState.UNKNOWN:
        assert len(bots) <= 1, where
        assert row.error, where
    else:
        assert len(bots) == (row.state is DeliveryState.SENT_BY_BOT), where
    for message in (*mine, *(bots if row.state is DeliveryState.SENT_BY_BOT else ())):
        await check_receipt(life, ordered, row, message)


async def check_receipt(life: Life, ordered: Ordered, row: Delivery, message: Message) -> None:
    is_group = isinstance(ordered.place, Chat)
    number = message.id if is_group else message.twin_id
    is_by_bot = row.state is DeliveryState.SENT_BY_BOT
    link = f"https://t.me/dockside/{number}" if is_group else ""
    assert (row.message_id, row.link, row.error) == (number, link, ""), f"#{row.id}"
    assert bool(row.detour) == (is_by_bot and not ordered.is_for_bot), f"#{row.id} {row.detour!r}"
    if row.media is not Media.NONE:
        items = album_of(life, message)
        assert [m.content.attachment.data for m in items if m.content.attachment] == [
            file.data for file in ordered.files
        ]
    if row.media is Media.ALBUM:
        async with life.database.read() as tx:
            kept = [item.message_id for item in await attachments.of(tx, row.id)]
        assert kept == [m.id if is_group else m.twin_id for m in items], f"#{row.id}"


def came(life: Life, ordered: Ordered, writer: User) -> list[Message]:
    """As often as it came from that writer; an album counts by its caption."""
    text = f"message {life.ordered.index(ordered)}"
    return [m for m in written(life, ordered.place, writer) if m.content.text == text]


def written(life: Life, place: User | Chat, writer: User) -> list[Message]:
    """What somebody wrote to a place, in its order there."""
    if isinstance(place, Chat):
        shown = life.world.messages.history(place.id, place.id)
    else:
        shown = life.world.messages.history(place.id, writer.id)
    return sorted((m for m in shown if m.sender_id == writer.id), key=lambda m: m.id)


def album_of(life: Life, message: Message) -> list[Message]:
    box = life.world.messages.history(message.owner_id, message.chat_id)
    album = message.content.album_id
    return [m for m in box if m is message or (album and m.content.album_id == album)]


def check_order(life: Life) -> None:
    """To each place an account's messages came in the order of their approval.

    Those for a later time have their own, and so have the later parts of a text.
    """
    texts = {f"message {index}": ordered for index, ordered in enumerate(life.ordered)}
    for place in life.places.values():
        for writer in (*life.accounts.values(), life.harbour):
            found = [texts[m.content.text] for m in written(life, place, writer) if m.content.text]
            is_bot = writer is life.harbour
            assert is_rising(
                [
                    o
                    for o in found
                    if o.head_id is None and o.not_before is None and o.is_for_bot == is_bot
                ]
            )
            for head in {o.head_id for o in found if o.head_id is not None}:
                assert is_rising([o for o in found if head in {o.number, o.head_id}])


def is_rising(found: Sequence[Ordered]) -> bool:
    numbers = [ordered.number for ordered in found]
    return numbers == sorted(numbers)
