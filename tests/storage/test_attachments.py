"""Attachments: in their order, with their bytes until nothing will send them any more."""

from datetime import timedelta

import pytest

from storage import attachments, deliveries
from storage.attachments import File, Uploaded
from storage.database import Database
from storage.delivery import DeliveryState, Media
from storage.tx import Tx
from tests.storage.fleet import Clock

PHOTO = File(Media.PHOTO, b"\x89PNG", name="a.png", mime_type="image/png")
VOICE = File(Media.VOICE, b"OggS", mime_type="audio/ogg", duration_s=3)


async def album(tx: Tx, account: int) -> int:
    number = await deliveries.draft(
        tx, account_id=account, target="@ann", text="look", media=Media.ALBUM
    )
    await attachments.add(tx, number, [PHOTO, VOICE])
    return number


async def test_attachments_keep_their_order_and_their_bytes(db: Database, account: int) -> None:
    async with db.transaction() as tx:
        number = await album(tx, account)
    async with db.read() as tx:
        first, second = await attachments.of(tx, number)
        assert (first.kind, first.name, first.size_bytes) == (Media.PHOTO, "a.png", 4)
        assert (second.kind, second.duration_s, second.uploaded) == (Media.VOICE, 3, None)
        assert first.random_id != second.random_id
        assert await attachments.data(tx, second.id) == b"OggS"
        assert await attachments.of(tx, 4711) == []
        assert await attachments.data(tx, 4711) is None


async def test_what_telegram_calls_a_file_is_kept_and_can_be_forgotten(
    db: Database, account: int
) -> None:
    file = Uploaded(2**62, -(2**62), b"\x00reference")
    async with db.transaction() as tx:
        number = await album(tx, account)
        first, second = await attachments.of(tx, number)
        await attachments.set_uploaded(tx, first.id, file)
        await attachments.set_messages(tx, {first.id: 7, second.id: 8})
        found = await attachments.of(tx, number)
        assert [item.uploaded for item in found] == [file, None]
        assert [item.message_id for item in found] == [7, 8]
        await attachments.set_uploaded(tx, first.id, None)
        assert (await attachments.of(tx, number))[0].uploaded is None


@pytest.mark.parametrize(
    ("state", "is_gone"),
    [
        (DeliveryState.SENT, True),
        (DeliveryState.SENT_BY_BOT, True),
        (DeliveryState.CANCELLED, True),
        (DeliveryState.FAILED, False),
        (DeliveryState.UNKNOWN, False),
    ],
)
async def test_bytes_go_when_nothing_will_send_them_any_more(
    state: DeliveryState,
    is_gone: bool,  # noqa: FBT001 - a parameter of the test
    db: Database,
    account: int,
    clock: Clock,
) -> None:
    async with db.transaction() as tx:
        waiting, number = await album(tx, account), await album(tx, account)
        await deliveries.move(tx, number, [DeliveryState.DRAFT], state)
        (kept, _), (item, _) = await attachments.of(tx, waiting), await attachments.of(tx, number)
        failed_before = clock.now - timedelta(days=7)
        assert await attachments.forget_data(tx, failed_before=failed_before) == 2 * is_gone
        assert (await attachments.data(tx, item.id) is None) == is_gone
        assert await attachments.data(tx, kept.id) == b"\x89PNG"
    if state is DeliveryState.FAILED:
        clock.forward(1)
        async with db.transaction() as tx:
            assert await attachments.forget_data(tx, failed_before=clock.now) == 2
