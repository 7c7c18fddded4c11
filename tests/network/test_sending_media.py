"""Sending photos, files, voice notes and albums as an account."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import delete

from sandbox.datacentre import DataCentre
from sandbox.world import World
from sandbox.world.images import blank
from sandbox.world.people import User
from storage import attachments, deliveries
from storage.attachments import File
from storage.database import Database
from storage.delivery import DeliveryState, Fallback, Media
from storage.schema import blobs
from tests.network.sending import QUICK, Sender, sending
from tests.sandbox.hazards import assert_no_hazards
from userbot.schedule import Patience
from userbot.sending.uploads import BIG

PHOTO = File(Media.PHOTO, blank(8, 8), name="a.png", mime_type="image/png")
OTHER = File(Media.PHOTO, blank(9, 9), name="b.png", mime_type="image/png")
VOICE = File(Media.VOICE, b"OggS" * 10, mime_type="audio/ogg", duration_s=3)
PAPER = File(Media.DOCUMENT, b"%PDF" * 10, name="bill.pdf", mime_type="application/pdf")
LARGE = File(Media.DOCUMENT, b"0123456789abcdef" * (BIG // 16), name="large.bin")
BOLD = {"type": "bold", "offset": 0, "length": 4}


@pytest.fixture
async def sender(
    db: Database, datacentre: DataCentre, world: World, alice: User
) -> AsyncIterator[Sender]:
    patience = Patience(request_s=(1,))
    async with sending(db, datacentre, world, alice, patience=patience, repeats=QUICK) as found:
        yield found


def received(world: World, alice: User, bob: User) -> list[tuple[str, bytes]]:
    """What Bob has of Alice: each text or caption, and the bytes."""
    shown = sorted(world.messages.history(bob.id, alice.id), key=lambda m: m.id)
    return [
        (m.content.text, m.content.attachment.data if m.content.attachment else b"") for m in shown
    ]


@pytest.mark.parametrize("file", [PHOTO, VOICE, PAPER, LARGE], ids=lambda f: f.name or f.kind)
async def test_a_file_arrives_as_it_was_attached(
    file: File, sender: Sender, alice: User, bob: User, world: World
) -> None:
    number = await sender.send(
        "@bobby", "look here", files=[file], media=file.kind, entities=[BOLD]
    )
    found = await sender.until(number, DeliveryState.SENT)
    assert received(world, alice, bob) == [("look here", file.data)]
    (message,) = world.messages.history(bob.id, alice.id)
    assert [(e.kind, e.offset, e.length) for e in message.content.entities] == [("bold", 0, 4)]
    assert message.content.attachment is not None
    assert message.content.attachment.kind.value == file.kind.value
    assert found.message_id is not None


async def test_an_album_is_one_message_of_several_items(
    sender: Sender, alice: User, bob: User, world: World, datacentre: DataCentre
) -> None:
    number = await sender.send("@bobby", "both", files=[PHOTO, OTHER], media=Media.ALBUM)
    found = await sender.until(number, DeliveryState.SENT)
    assert received(world, alice, bob) == [("both", PHOTO.data), ("", OTHER.data)]
    albums = {m.content.album_id for m in world.messages.history(bob.id, alice.id)}
    assert len(albums) == 1
    async with sender.database.read() as tx:
        items = await attachments.of(tx, number)
    assert found.message_id == items[0].message_id
    assert len({item.message_id for item in items} - {None}) == 2
    assert await sender.order("delivery.delete", delivery=number) == {"ok": True}
    assert received(world, alice, bob) == []
    assert_no_hazards(datacentre)


@pytest.mark.req("S2.7")
@pytest.mark.parametrize(
    ("method", "files"),
    [
        ("messages.sendMedia", [PHOTO]),
        ("messages.sendMultiMedia", [PHOTO, OTHER]),
        ("messages.uploadMedia", [PHOTO]),
        ("upload.saveFilePart", [PHOTO]),
    ],
)
async def test_a_lost_answer_doubles_nothing(
    method: str,
    files: list[File],
    sender: Sender,
    alice: User,
    bob: User,
    world: World,
    datacentre: DataCentre,
) -> None:
    datacentre.faults.drop_reply(method, times=1, user_id=alice.id)
    media = Media.ALBUM if len(files) > 1 else Media.PHOTO
    number = await sender.send("@bobby", "look", files=files, media=media)
    await sender.until(number, DeliveryState.SENT)
    assert [data for _, data in received(world, alice, bob)] == [file.data for file in files]
    assert_no_hazards(datacentre)


@pytest.mark.parametrize("files", [[PAPER], [PHOTO, OTHER]], ids=["one", "album"])
async def test_what_telegram_has_forgotten_is_uploaded_again(
    files: list[File],
    sender: Sender,
    alice: User,
    bob: User,
    world: World,
    datacentre: DataCentre,
) -> None:
    is_album = len(files) > 1
    method = "messages.sendMultiMedia" if is_album else "messages.sendMedia"
    name = "FILE_REFERENCE_1_EXPIRED" if is_album else "FILE_REFERENCE_EXPIRED"
    datacentre.faults.rpc_error(method, 400, name, times=1, user_id=alice.id)
    media = Media.ALBUM if is_album else Media.DOCUMENT
    number = await sender.send("@bobby", files=files, media=media)
    found = await sender.until_waiting(number, "Telegram refuses it")
    async with sender.database.read() as tx:
        assert [item.uploaded for item in await attachments.of(tx, number)] == [None] * len(files)
    assert found.not_before is not None
    assert received(world, alice, bob) == []


async def test_a_wait_on_the_look_up_of_who_gets_a_file_holds_look_ups(
    sender: Sender, alice: User, world: World, datacentre: DataCentre
) -> None:
    world.people.create("Carol", username="carol")
    world.people.create("Dave", username="dave_d")
    datacentre.faults.flood_wait("contacts.resolveUsername", 60, user_id=alice.id)
    photo = await sender.send("@carol", files=[PHOTO], media=Media.PHOTO, fallback=Fallback.NEVER)
    await sender.until_waiting(photo, "before it looks anybody up")
    text = await sender.send("@dave_d", fallback=Fallback.NEVER)
    await sender.until_waiting(text, "before it looks anybody up")
    assert_no_hazards(datacentre)  # nobody was looked up meanwhile


async def test_an_attachment_whose_bytes_are_gone_fails_in_words(
    sender: Sender, alice: User, bob: User, world: World
) -> None:
    async with sender.database.transaction() as tx:
        number = await deliveries.draft(
            tx, account_id=sender.number, target="@bobby", text="", media=Media.PHOTO
        )
        await attachments.add(tx, number, [PHOTO])
        await tx.execute(delete(blobs))
        await deliveries.move(
            tx, number, {DeliveryState.DRAFT}, DeliveryState.PENDING, approved_at=tx.now
        )
    failed = await sender.until(number, DeliveryState.FAILED)
    assert failed.error == "what was attached is not stored any more"
    assert received(world, alice, bob) == []
