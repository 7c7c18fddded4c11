"""Uploading, sending and downloading files through an unmodified Telethon client."""

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from telethon import errors, events, functions, types

from sandbox.datacentre import DataCentre
from sandbox.datacentre.hazards import HazardKind
from sandbox.datacentre.tl import TL
from sandbox.world import World
from sandbox.world.chats import ChatKind
from sandbox.world.files import Kind
from sandbox.world.images import blank
from sandbox.world.messages import Content, Message
from sandbox.world.people import User
from tests.sandbox.clock import Clock
from tests.sandbox.conftest import Client, Dial, NewClient
from tests.sandbox.hazards import assert_no_hazards
from tests.sandbox.pictures import PHOTO, noise
from tests.timing import limit, seconds

SEND, ALBUM = "messages.sendMedia", "messages.sendMultiMedia"
VOICE = [types.DocumentAttributeAudio(7, voice=True)]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(clock: Clock) -> World:
    return World(clock)


@pytest.fixture
async def client(new_client: NewClient, alice: User) -> AsyncIterator[Client]:
    made = new_client(alice, request_retries=0, raise_last_call_error=True)
    async with asyncio.timeout(limit(60)):
        await made.connect()
        yield made


@pytest.fixture
async def other(new_client: NewClient, bob: User) -> Client:
    made = new_client(bob)
    async with asyncio.timeout(limit(30)):
        await made.connect()
    return made


def peer(person: User) -> TL:
    return types.InputPeerUser(person.id, person.access_hash)


def media(to: User, stated: TL, random_id: int = 1, text: str = "", **more: object) -> TL:
    return functions.messages.SendMediaRequest(
        peer(to), stated, message=text, random_id=random_id, **more
    )


def album(to: User, *items: tuple[TL, int], **more: object) -> TL:
    several = [
        types.InputSingleMedia(stated, message=f"item {number}", random_id=number)
        for stated, number in items
    ]
    return functions.messages.SendMultiMediaRequest(peer(to), several, **more)


def part(number: int, data: bytes, file_id: int = 5) -> TL:
    return functions.upload.SaveFilePartRequest(file_id, number, data)


def big_part(number: int, total: int, data: bytes, file_id: int = 5) -> TL:
    return functions.upload.SaveBigFilePartRequest(file_id, number, total, data)


def document(stated: TL, **more: object) -> TL:
    kept: dict[str, Any] = {"mime_type": "application/pdf", "attributes": [], **more}
    return types.InputMediaUploadedDocument(stated, **kept)


async def uploaded(client: Client, data: bytes, name: str = "report.pdf") -> TL:
    return await client.upload_file(data, file_name=name)


def picture(data: bytes = PHOTO) -> io.BytesIO:
    """A picture by whose name Telethon knows that it is one."""
    file = io.BytesIO(data)
    file.name = "a.png"
    return file


async def photo(client: Client, to: User, data: bytes = PHOTO) -> TL:
    """An InputMediaPhoto, by messages.uploadMedia."""
    made = types.InputMediaUploadedPhoto(await uploaded(client, data, "a.png"))
    answer = await client(functions.messages.UploadMediaRequest(peer(to), made))
    kept = answer.photo
    return types.InputMediaPhoto(types.InputPhoto(kept.id, kept.access_hash, kept.file_reference))


def sent(world: World, owner: User, other: User) -> list[Message]:
    return world.messages.history(owner.id, other.id)


async def test_a_photo_arrives_in_several_sizes_and_its_largest_is_what_was_sent(
    client: Client, other: Client, world: World, alice: User, bob: User
) -> None:
    mine = await client.send_file(
        peer(bob), picture(), caption="<b>The</b> quay", parse_mode="html"
    )
    (theirs,) = await other.get_messages(peer(alice), limit=1)
    assert [(s.type, s.w, s.h) for s in theirs.photo.sizes] == [
        ("s", 100, 75),
        ("m", 320, 240),
        ("x", 800, 600),
        ("y", 1280, 960),
        ("w", 1600, 1200),
    ]
    assert (theirs.raw_text, theirs.grouped_id) == ("The quay", None)
    assert isinstance(theirs.entities[0], types.MessageEntityBold)
    assert await other.download_media(theirs, bytes) == PHOTO
    small = await other.download_media(theirs, bytes, thumb="m")
    assert small == blank(320, 240)
    (copy,) = sent(world, alice, bob)
    assert (copy.id, copy.content.text) == (mine.id, "The quay")
    assert copy.content.attachment is not None
    assert copy.content.attachment.kind is Kind.PHOTO


async def test_a_document_of_many_parts_arrives_byte_for_byte(
    client: Client, other: Client, alice: User, bob: User
) -> None:
    data = noise((2 << 20) + 123)
    handle = await uploaded(client, data)
    assert isinstance(handle, types.InputFile)
    named = [types.DocumentAttributeFilename("report.pdf")]
    answer = await client(media(bob, document(handle, attributes=named), text="see"))
    stated, new = answer.updates
    assert (stated.id, stated.random_id, new.pts_count) == (new.message.id, 1, 1)
    (theirs,) = await other.get_messages(peer(alice), limit=1)
    assert (theirs.file.name, theirs.file.mime_type) == ("report.pdf", "application/pdf")
    assert (theirs.file.size, theirs.raw_text) == (len(data), "see")
    assert await other.download_media(theirs, bytes) == data


async def test_a_large_document_goes_in_big_parts(
    client: Client, other: Client, alice: User, bob: User
) -> None:
    data = noise((10 << 20) + 1)
    handle = await uploaded(client, data, "large.bin")
    assert isinstance(handle, types.InputFileBig)
    await client(media(bob, document(handle)))
    (theirs,) = await other.get_messages(peer(alice), limit=1)
    got = await other.download_media(theirs, bytes)
    assert hashlib.sha256(got).digest() == hashlib.sha256(data).digest()


async def test_a_voice_note_keeps_its_length(
    client: Client, other: Client, alice: User, bob: User
) -> None:
    await client.send_file(peer(bob), b"OggS", voice_note=True, attributes=VOICE)
    (theirs,) = await other.get_messages(peer(alice), limit=1)
    assert theirs.voice
    assert theirs.media.voice
    assert theirs.file.duration == 7
    assert await other.download_media(theirs, bytes) == b"OggS"


async def test_who_is_online_hears_of_a_file_at_once(
    client: Client, other: Client, bob: User
) -> None:
    got: asyncio.Queue[Any] = asyncio.Queue()
    other.add_event_handler(got.put, events.NewMessage())
    await other.get_me()
    await client(media(bob, document(await uploaded(client, b"one")), silent=True))
    heard = await got.get()
    assert heard.message.silent
    assert await other.download_media(heard.message, bytes) == b"one"


async def test_uploading_sends_nothing_and_names_a_file_that_can_be_sent_again(
    client: Client, world: World, alice: User, bob: User
) -> None:
    stated = await photo(client, bob)
    assert sent(world, alice, bob) == []
    for random_id in (1, 2):
        await client(media(bob, stated, random_id, str(random_id)))
    first, second = (m.content.attachment for m in sent(world, alice, bob))
    assert first is second is world.files.get(stated.id.id)


async def test_a_reply_with_a_file_names_what_it_answers(
    client: Client, world: World, alice: User, bob: User
) -> None:
    asked = await client.send_message(peer(bob), "Which?")
    stated = document(await uploaded(client, b"this"))
    await client(media(bob, stated, reply_to=types.InputReplyToMessage(asked.id)))
    assert sent(world, alice, bob)[-1].reply_to_id == asked.id
    assert sent(world, bob, alice)[-1].reply_to_id == sent(world, bob, alice)[0].id


async def test_an_uploaded_part_may_come_again_and_a_file_be_made_twice(
    client: Client, bob: User
) -> None:
    for data in (b"first", b"again"):
        assert await client(part(0, data))
    stated = document(types.InputFile(5, 1, "a", hashlib.md5(b"again").hexdigest()))  # noqa: S324 - the protocol's own
    for random_id in (1, 2):
        answer = await client(media(bob, stated, random_id))
        assert answer.updates[1].message.media.document.size == 5


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (part(0, b""), errors.FilePartEmptyError),
        (part(-1, b"x"), errors.FilePartInvalidError),
        (part(4000, b"x"), errors.FilePartInvalidError),
        (part(0, bytes((512 << 10) + 1)), errors.FilePartTooBigError),
        (big_part(0, 0, bytes(1024)), errors.FilePartsInvalidError),
        (big_part(0, 4001, bytes(1024)), errors.FilePartsInvalidError),
        (big_part(2, 2, bytes(1024)), errors.FilePartInvalidError),
        (big_part(0, 2, bytes(1000)), errors.FilePartSizeInvalidError),
        (big_part(0, 2, bytes(3072)), errors.FilePartSizeInvalidError),
    ],
)
async def test_a_part_that_breaks_the_rules_is_refused(
    client: Client, request_: TL, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await client(request_)


@pytest.mark.parametrize("size", [128 << 10, 512 << 10])
async def test_parts_come_many_at_once_and_in_any_order(
    client: Client, world: World, alice: User, bob: User, size: int
) -> None:
    data = noise(16 * size - 1)
    parts = [part(n, data[n * size : (n + 1) * size]) for n in range(16)]
    assert all(await asyncio.gather(*map(client, reversed(parts))))
    checksum = hashlib.md5(data).hexdigest()  # noqa: S324 - the protocol's own
    await client(media(bob, document(types.InputFile(5, 16, "a", checksum))))
    (message,) = sent(world, alice, bob)
    assert message.content.attachment is not None
    assert message.content.attachment.data == data


async def test_big_parts_have_one_size_but_for_the_last(client: Client, bob: User) -> None:
    await client(big_part(0, 3, bytes(2048)))
    with pytest.raises(errors.FilePartSizeChangedError):
        await client(big_part(1, 3, bytes(1024)))
    await client(big_part(2, 3, bytes(5)))
    await client(big_part(1, 3, bytes(2048)))
    answer = await client(media(bob, document(types.InputFileBig(5, 3, "a"))))
    assert answer.updates[1].message.media.document.size == 2048 * 2 + 5


@pytest.mark.parametrize(
    ("stated", "error"),
    [
        (types.InputFile(5, 2, "a", ""), errors.FilePartMissingError),
        (types.InputFile(6, 1, "a", ""), errors.FilePart0MissingError),
        (types.InputFileBig(5, 1, "a"), errors.FilePart0MissingError),
        (types.InputFile(5, 0, "a", ""), errors.FilePartsInvalidError),
        (types.InputFile(5, 4001, "a", ""), errors.FilePartsInvalidError),
        (types.InputFile(7, 1, "a", ""), errors.FilePartsInvalidError),
        (types.InputFile(7, 2, "a", ""), errors.FilePartSizeInvalidError),
        (types.InputFile(5, 1, "a", "0" * 32), errors.Md5ChecksumInvalidError),
    ],
)
async def test_a_file_that_did_not_arrive_whole_is_refused(
    client: Client, world: World, alice: User, bob: User, stated: TL, error: type[Exception]
) -> None:
    for request in (part(0, b"x"), part(0, bytes(100), 7), part(1, b"y", 7)):
        await client(request)
    with pytest.raises(error):
        await client(media(bob, document(stated)))
    assert sent(world, alice, bob) == []


async def test_parts_of_another_account_or_of_yesterday_are_not_there(
    client: Client, other: Client, clock: Clock, alice: User, bob: User
) -> None:
    await client(part(0, b"x"))
    stated = document(types.InputFile(5, 1, "a", ""))
    with pytest.raises(errors.FilePart0MissingError):
        await other(media(alice, stated))
    clock.ahead = timedelta(hours=2)
    with pytest.raises(errors.FilePart0MissingError):
        await client(media(bob, stated))


@pytest.mark.parametrize(
    ("data", "name", "error"),
    [
        (PHOTO, "a.txt", errors.PhotoExtInvalidError),
        (b"no picture", "a.png", errors.ImageProcessFailedError),
        (blank(2100, 100), "a.png", errors.PhotoInvalidDimensionsError),
        (blank(9000, 1001), "a.png", errors.PhotoInvalidDimensionsError),
    ],
)
async def test_what_is_no_photo_is_refused_as_one(
    client: Client, bob: User, data: bytes, name: str, error: type[Exception]
) -> None:
    stated = types.InputMediaUploadedPhoto(await uploaded(client, data, name))
    with pytest.raises(error):
        await client(media(bob, stated))


async def test_media_that_means_nothing_is_refused(client: Client, bob: User) -> None:
    good = await photo(client, bob)
    known = good.id
    wrong = types.InputPhoto(known.id, known.access_hash + 1, known.file_reference)
    as_document = types.InputDocument(known.id, known.access_hash, known.file_reference)
    bare = types.InputPhoto(known.id, known.access_hash, b"")
    forged = types.InputPhoto(known.id, known.access_hash, b"forged")
    for stated, error in (
        (types.InputMediaEmpty(), errors.MediaEmptyError),
        (types.InputMediaDice("🎲"), errors.MediaInvalidError),
        (types.InputMediaPhoto(wrong), errors.MediaEmptyError),
        (types.InputMediaPhoto(types.InputPhotoEmpty()), errors.MediaEmptyError),
        (types.InputMediaDocument(as_document), errors.MediaEmptyError),
        (types.InputMediaPhoto(bare), errors.FileReferenceEmptyError),
        (types.InputMediaPhoto(forged), errors.FileReferenceInvalidError),
    ):
        with pytest.raises(error):
            await client(media(bob, stated))
    with pytest.raises(errors.MediaCaptionTooLongError):
        await client(media(bob, good, text="x" * 1025))
    await client(media(bob, good, text="x" * 1024))
    with pytest.raises(errors.RandomIdEmptyError):
        await client(media(bob, good, 0))
    nobody = types.InputPeerUser(bob.id, 1)
    with pytest.raises(errors.PeerIdInvalidError):
        await client(functions.messages.UploadMediaRequest(nobody, good))


async def test_an_expired_file_reference_is_refused_until_it_is_fetched_anew(
    client: Client, world: World, alice: User, bob: User
) -> None:
    stated = await photo(client, bob)
    await client(media(bob, stated))
    assert world.files.expire(stated.id.id) == 1
    with pytest.raises(errors.FileReferenceExpiredError):
        await client(media(bob, stated, 2))
    (message,) = await client.get_messages(peer(bob), limit=1)
    assert message.photo.id == stated.id.id
    await client.send_file(peer(bob), message.photo)
    assert len(sent(world, alice, bob)) == 2


async def test_a_download_finds_its_way_round_an_expired_reference(
    client: Client, other: Client, world: World, alice: User, bob: User
) -> None:
    await client(media(bob, document(await uploaded(client, b"kept"))))
    (theirs,) = await other.get_messages(peer(alice), limit=1)
    world.files.expire()
    assert await other.download_media(theirs, bytes) == b"kept"


async def test_pieces_of_a_file_are_cut_as_telegram_cuts_them(client: Client, bob: User) -> None:
    answer = await client(media(bob, document(await uploaded(client, noise(10_000)))))
    kept = answer.updates[1].message.media.document
    whole = (kept.id, kept.access_hash, kept.file_reference)
    there = types.InputDocumentFileLocation(*whole, "")

    def ask(offset: int, limit: int, at: TL = there, *, precise: bool = False) -> TL:
        return functions.upload.GetFileRequest(at, offset, limit, precise=precise)

    assert (await client(ask(4096, 4096))).bytes == noise(10_000)[4096:8192]
    assert (await client(ask(8192, 4096))).bytes == noise(10_000)[8192:]
    assert (await client(ask(12_288, 4096))).bytes == b""
    assert (await client(ask(1024, 3072, precise=True))).bytes == noise(10_000)[1024:4096]
    for wrong, error in (
        (ask(1024, 4096), errors.OffsetInvalidError),
        (ask(0, 1024), errors.LimitInvalidError),
        (ask(0, 12_288), errors.LimitInvalidError),
        (ask(0, 2 << 20), errors.LimitInvalidError),
        (ask(0, 1000, precise=True), errors.LimitInvalidError),
        (ask((1 << 20) - 4096, 8192), errors.LimitInvalidError),
        (ask(0, 4096, types.InputPhotoFileLocation(*whole, "y")), errors.LocationInvalidError),
        (ask(0, 4096, types.InputDocumentFileLocation(*whole, "m")), errors.LocationInvalidError),
        (ask(0, 4096, types.InputTakeoutFileLocation()), errors.LocationInvalidError),
    ):
        with pytest.raises(error):
            await client(wrong)


async def test_an_album_arrives_in_order_with_one_grouped_id(
    client: Client, other: Client, world: World, alice: User, bob: User
) -> None:
    pictures = [blank(200, 100 + number) for number in range(3)]
    captions = ["one", "two", "three"]
    mine = await client.send_file(peer(bob), list(map(picture, pictures)), caption=captions)
    theirs = (await other.get_messages(peer(alice), limit=9))[::-1]
    assert [m.raw_text for m in theirs] == captions
    assert len({m.grouped_id for m in [*mine, *theirs]}) == 1
    assert theirs[0].grouped_id
    assert [await other.download_media(m, bytes) for m in theirs] == pictures
    assert [m.id for m in mine] == [m.id for m in sent(world, alice, bob)]


async def test_an_album_tells_an_id_for_each_random_id_and_is_sent_once(
    client: Client, world: World, alice: User, bob: User, datacentre: DataCentre
) -> None:
    one, two = await photo(client, bob), await photo(client, bob, blank(300, 300))
    before = world.messages.pts(alice.id)
    first = await client(album(bob, (one, 11), (two, 12)))
    assert [(u.id, u.random_id) for u in first.updates[:2]] == [(1, 11), (2, 12)]
    assert [(u.pts, u.pts_count) for u in first.updates[2:]] == [(before + 1, 1), (before + 2, 1)]
    world.files.expire()
    again = await client(album(bob, (one, 11), (two, 12)))
    assert again.updates[:2] == first.updates[:2]
    assert [u.pts_count for u in again.updates[2:]] == [0, 0]
    third = await photo(client, bob, blank(400, 400))
    part_new = await client(album(bob, (one, 11), (third, 13)))
    assert [u.pts_count for u in part_new.updates[2:]] == [0, 1]
    copies = sent(world, bob, alice)
    assert [m.content.text for m in copies] == ["item 11", "item 12", "item 13"]
    assert len({m.content.album_id for m in copies}) == 1
    assert_no_hazards(datacentre)


async def test_an_album_that_telegram_refuses_sends_nothing(
    client: Client, world: World, alice: User, bob: User
) -> None:
    good = await photo(client, bob)
    file = document(await uploaded(client, b"x"))
    kept = (await client(functions.messages.UploadMediaRequest(peer(bob), file))).document
    paper = types.InputMediaDocument(
        types.InputDocument(kept.id, kept.access_hash, kept.file_reference)
    )
    fresh = types.InputMediaUploadedPhoto(await uploaded(client, PHOTO, "a.png"))
    for request, error in (
        (album(bob), errors.MediaEmptyError),
        (album(bob, *((good, n) for n in range(1, 12))), errors.MultiMediaTooLongError),
        (album(bob, (good, 1), (fresh, 2)), errors.MediaInvalidError),
        (album(bob, (good, 1), (paper, 2)), errors.MediaGroupedInvalidError),
        (album(bob, (good, 1), (good, 0)), errors.RandomIdEmptyError),
    ):
        with pytest.raises(error):
            await client(request)
    world.files.expire(good.id.id)
    with pytest.raises(errors.BadRequestError, match="FILE_REFERENCE_1_EXPIRED"):
        await client(album(bob, (paper, 1), (good, 2)))
    assert sent(world, alice, bob) == []


async def test_a_lost_reply_to_a_file_or_an_album_is_answered_on_the_second_try(
    client: Client, world: World, alice: User, bob: User, datacentre: DataCentre
) -> None:
    stated = document(await uploaded(client, b"once"))
    pair = album(bob, (await photo(client, bob), 2), (await photo(client, bob), 3))
    for method, request in ((SEND, media(bob, stated)), (ALBUM, pair)):
        fault = datacentre.faults.drop_reply(method)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(seconds(0.5)):
                await client(request)
        assert fault.struck == 1
        repeated = await client(request)
        assert {u.pts_count for u in repeated.updates if hasattr(u, "pts_count")} == {0}
    assert len(sent(world, bob, alice)) == 3
    assert_no_hazards(datacentre)


async def test_a_repeat_is_answered_when_the_parts_are_long_gone(
    client: Client, clock: Clock, world: World, alice: User, bob: User
) -> None:
    request = media(bob, document(await uploaded(client, b"once")))
    first = await client(request)
    clock.ahead = timedelta(hours=2)
    assert (await client(request)).updates[0] == first.updates[0]
    assert len(sent(world, alice, bob)) == 1


async def test_a_first_call_still_runs_for_files_and_albums_too(
    client: Client, dial: Dial, alice: User, bob: User, datacentre: DataCentre
) -> None:
    """By the raw client: Telethon sleeps on a 500."""
    one, two = await photo(client, bob), await photo(client, bob, blank(300, 300))
    raw = await dial(alice)
    await raw.init()
    requests = media(bob, one, 1), album(bob, (one, 2), (two, 3))
    for request in requests:
        assert isinstance(await raw.call(request), types.Updates)
    for request in requests:
        with datacentre.faults.first_call_runs(calls=1):
            assert (await raw.call(request)).error_message == "RANDOM_ID_DUPLICATE"
        assert (await raw.call(request)).updates[-1].pts_count == 0
    with datacentre.faults.first_call_runs(random_id=99):
        assert isinstance(await raw.call(requests[1]), types.Updates)
    alike = await raw.call(album(bob, (one, 4), (two, 4)))
    assert alike.error_message == "RANDOM_ID_DUPLICATE"


async def test_a_flood_wait_holds_files_back(
    client: Client, bob: User, datacentre: DataCentre, clock: Clock
) -> None:
    stated = await photo(client, bob)
    client.flood_sleep_threshold = 0
    datacentre.faults.flood_wait(SEND, 10)
    with pytest.raises(errors.FloodWaitError) as caught:
        await client(media(bob, stated))
    assert caught.value.seconds == 10
    datacentre.faults.slow_mode(bob.id, 30)
    with pytest.raises(errors.SlowModeWaitError):
        await client(album(bob, (stated, 2), (stated, 3)))
    clock.ahead = timedelta(seconds=30)


async def test_a_file_sent_twice_is_a_message_doubled(
    client: Client, bob: User, datacentre: DataCentre
) -> None:
    for data in (b"one", b"two"):
        await client(media(bob, document(await uploaded(client, data)), len(data) + data[0]))
    same = blank(300, 300)
    pair = [await photo(client, bob, same) for _ in range(2)]
    await client(
        functions.messages.SendMultiMediaRequest(
            peer(bob), [types.InputSingleMedia(each, message="") for each in pair]
        )
    )
    assert_no_hazards(datacentre)
    await client(media(bob, document(await uploaded(client, b"one")), 77))
    await client(media(bob, await photo(client, bob, same), 78))
    assert [entry.kind for entry in datacentre.hazards.entries] == [HazardKind.DOUBLED] * 2
    assert "with a document" in datacentre.hazards.entries[0].words


@pytest.mark.parametrize("kind", ChatKind)
async def test_files_and_albums_go_to_groups_and_channels_too(
    client: Client, other: Client, world: World, alice: User, bob: User, kind: ChatKind
) -> None:
    chat = world.chats.create(kind, "Crew", alice.id, members=[bob.id])
    if kind is ChatKind.GROUP:
        there = types.InputPeerChat(chat.bare_id)
    else:
        there = types.InputPeerChannel(chat.bare_id, chat.access_hash)
    await client.send_file(there, picture(), caption="one")
    await client.send_file(there, [picture(), picture(blank(300, 300))])
    theirs = await other.get_messages(there, limit=9)
    assert [m.raw_text for m in theirs] == ["", "", "one"]
    assert theirs[0].grouped_id == theirs[1].grouped_id
    assert await other.download_media(theirs[2], bytes) == PHOTO
    await other(functions.messages.UploadMediaRequest(there, await photo(other, alice)))


async def test_where_one_may_not_write_no_file_goes(
    client: Client, world: World, alice: User, bob: User
) -> None:
    chat = world.chats.create(ChatKind.CHANNEL, "Crew", bob.id, members=[alice.id])
    there = types.InputPeerChannel(chat.bare_id, chat.access_hash)
    stated = await photo(client, bob)
    with pytest.raises(errors.ChatAdminRequiredError):
        await client.send_file(there, picture())
    with pytest.raises(errors.ChatAdminRequiredError):
        await client(
            functions.messages.SendMultiMediaRequest(
                there, [types.InputSingleMedia(stated, message="")]
            )
        )
    assert world.messages.history(chat.id, chat.id) == []


async def test_a_caption_is_edited_and_the_file_stays(
    client: Client, other: Client, world: World, alice: User, bob: User
) -> None:
    mine = await client.send_file(peer(bob), picture(), caption="frist")
    await client.edit_message(peer(bob), mine.id, "first")
    (theirs,) = await other.get_messages(peer(alice), limit=1)
    assert (theirs.raw_text, theirs.photo.id) == ("first", mine.photo.id)
    with pytest.raises(errors.MessageNotModifiedError):
        await client.edit_message(peer(bob), mine.id, "first")
    with pytest.raises(errors.MediaCaptionTooLongError):
        await client.edit_message(peer(bob), mine.id, "x" * 1025)
    with pytest.raises(errors.MediaNewInvalidError):
        await client.edit_message(peer(bob), mine.id, "x", file=await photo(client, bob))
    world.say(bob.id, alice.id, Content("an answer"))
    assert sent(world, alice, bob)[0].content.attachment is not None
