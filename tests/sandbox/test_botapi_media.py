"""Files over the Bot API: what a bot is told of, what it downloads, and what it sends."""

import io
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import BufferedInputFile, InputMediaDocument, InputMediaPhoto
from aiohttp import FormData

from sandbox.world.images import blank
from sandbox.world.messages import Entity
from tests.sandbox.botapi_fixtures import TOKEN, Desk, Json, running_desk
from tests.sandbox.pictures import PHOTO, noise

PAPER = "application/pdf"
WRONG_ID = (400, "Bad Request: wrong file identifier/HTTP URL specified")


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with running_desk() as running:
        running.write("/start")
        yield running


@pytest.fixture
async def bot(desk: Desk) -> AsyncIterator[Bot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(desk.url))
    async with Bot(TOKEN, session=session) as made:
        yield made


async def heard(desk: Desk) -> list[Json]:
    """The messages after /start that the bot was told of."""
    return [update["message"] for update in await desk.result("getUpdates")][1:]


async def upload(desk: Desk, method: str, fields: Json, **files: tuple[str, bytes]) -> Json:
    """The envelope of a multipart call."""
    form = FormData(default_to_multipart=True)
    for name, value in {"chat_id": desk.olga.id, **fields}.items():
        form.add_field(name, value if isinstance(value, str) else json.dumps(value))
    for name, (file_name, data) in files.items():
        form.add_field(name, io.BytesIO(data), filename=file_name)
    async with desk.session.post(f"{desk.url}/bot{TOKEN}/{method}", data=form) as response:
        envelope: Json = await response.json()
        assert envelope["ok"] or response.status == envelope["error_code"]
        return envelope


async def refused(desk: Desk, method: str, fields: Json, **files: tuple[str, bytes]) -> str:
    envelope = await upload(desk, method, fields, **files)
    assert not envelope["ok"], envelope
    return str(envelope["description"]).removeprefix("Bad Request: ")


async def download(desk: Desk, file_id: str) -> bytes:
    found = await desk.result("getFile", file_id=file_id)
    async with desk.session.get(f"{desk.url}/file/bot{TOKEN}/{found['file_path']}") as response:
        assert response.status == 200
        data = await response.read()
    assert found["file_size"] == len(data)
    return data


async def test_a_form_names_its_files_in_utf_8_and_has_an_end(desk: Desk) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="document"; filename="'
    named = head + b'caf\xe9.pdf"\r\n\r\n%PDF\r\n--x--\r\n'
    part = b'--x\r\nContent-Disposition: form-data; name="n"\r\n\r\n\r\n'
    for body, refusal in (
        (named, (400, "Bad Request: strings must be encoded in UTF-8")),
        (part * 2000 + b"--x--\r\n", (413, "Request Entity Too Large")),
    ):
        async with desk.session.post(
            f"{desk.url}/bot{TOKEN}/sendDocument?chat_id={desk.olga.id}",
            data=body,
            headers={"Content-Type": "multipart/form-data; boundary=x"},
        ) as response:
            envelope = await response.json()
        assert (envelope["error_code"], envelope["description"]) == refusal
    assert len(desk.seen()) == 1


async def test_a_photo_comes_in_sizes_each_of_which_can_be_downloaded(desk: Desk) -> None:
    bold = (Entity("bold", 0, 3),)
    desk.write_file(desk.world.files.add_photo(PHOTO), "The quay", entities=bold)
    (message,) = await heard(desk)
    assert "text" not in message
    assert message["caption"] == "The quay"
    assert message["caption_entities"] == [{"type": "bold", "offset": 0, "length": 3}]
    sizes = [(s["width"], s["height"]) for s in message["photo"]]
    assert sizes == [(100, 75), (320, 240), (800, 600), (1280, 960), (1600, 1200)]
    assert len({s["file_unique_id"] for s in message["photo"]}) == 5
    assert await download(desk, message["photo"][-1]["file_id"]) == PHOTO
    small = await download(desk, message["photo"][1]["file_id"])
    assert (small, message["photo"][1]["file_size"]) == (blank(320, 240), len(small))


async def test_a_document_and_a_voice_note_are_described_and_downloaded(desk: Desk) -> None:
    files = desk.world.files
    data = noise(300_000)
    desk.write_file(files.add_document(data, name="report.pdf", mime_type=PAPER))
    desk.write_file(files.add_voice(b"OggS", duration_s=7))
    desk.write_file(files.add_document(b"x", name="", mime_type=""))
    paper, voice, bare = await heard(desk)
    assert not {"text", "caption", "caption_entities", "media_group_id"} & set(paper)
    described = {k: v for k, v in paper["document"].items() if "id" not in k}
    assert described == {"file_name": "report.pdf", "mime_type": PAPER, "file_size": 300_000}
    described = {k: v for k, v in voice["voice"].items() if "id" not in k}
    assert described == {"duration": 7, "mime_type": "audio/ogg", "file_size": 4}
    assert set(bare["document"]) == {"file_id", "file_unique_id", "file_size"}
    assert await download(desk, paper["document"]["file_id"]) == data
    assert await download(desk, voice["voice"]["file_id"]) == b"OggS"
    found = await desk.result("getFile", file_id=paper["document"]["file_id"])
    assert found["file_path"] == "documents/file_0.pdf"
    assert found["file_unique_id"] == paper["document"]["file_unique_id"]


async def test_an_album_comes_as_messages_with_one_group_id(desk: Desk) -> None:
    album_id = desk.world.files.new_album_id()
    for number in range(3):
        file = desk.world.files.add_photo(blank(200, 100 + number))
        desk.write_file(file, "caption" if number == 0 else "", album_id=album_id)
    messages = await heard(desk)
    assert [m["media_group_id"] for m in messages] == [str(album_id)] * 3
    assert [m.get("caption") for m in messages] == ["caption", None, None]


async def test_a_file_that_is_too_big_or_unknown_can_not_be_fetched(desk: Desk) -> None:
    for size in (20 << 20, (20 << 20) + 1):
        file = desk.world.files.add_document(bytes(size), name="a.bin", mime_type="")
        desk.write_file(file)
    fits, large = (m["document"]["file_id"] for m in await heard(desk))
    assert len(await download(desk, fits)) == 20 << 20
    too_big = (400, "Bad Request: file is too big")
    assert await desk.refusal("getFile", file_id=large) == too_big
    invalid = (400, "Bad Request: invalid file_id")
    other_hash = fits[:16] + ("A" if fits[16] != "A" else "B") + fits[17:]
    for wrong in ("x", "é", "A" * 24, other_hash, fits[:-3] + "AAA", fits + "AAAA"):
        assert await desk.refusal("getFile", file_id=wrong) == invalid
    assert await desk.refusal("getFile") == (400, "Bad Request: file_id not specified")


async def test_a_path_is_good_for_the_bot_that_asked_for_it(desk: Desk) -> None:
    desk.write_file(desk.world.files.add_voice(b"OggS", duration_s=1))
    other = desk.world.people.create_bot("7000000002:another", "other_bot", "Other")
    await desk.call("getMe", {}, token="7000000002:another")
    for token, path, status in (
        (TOKEN, "voice/file_0.oga", 404),
        ("7:nobody", "voice/file_0.oga", 401),
    ):
        async with desk.session.get(f"{desk.url}/file/bot{token}/{path}") as response:
            assert (response.status, (await response.json())["ok"]) == (status, False)
    (message,) = await heard(desk)
    await download(desk, message["voice"]["file_id"])
    async with desk.session.get(f"{desk.url}/file/bot{other.token}/voice/file_0.oga") as response:
        assert response.status == 404


@pytest.mark.parametrize("attached", [False, True])
async def test_a_bot_sends_a_file_in_a_part_of_its_name_or_by_attach(
    desk: Desk, *, attached: bool
) -> None:
    for method, kind, name, data in (
        ("sendPhoto", "photo", "a.png", PHOTO),
        ("sendDocument", "document", "report.pdf", b"%PDF"),
        ("sendVoice", "voice", "a.ogg", b"OggS"),
    ):
        fields: Json = {"caption": "<b>Look</b>", "parse_mode": "HTML", "duration": 9}
        fields["reply_markup"] = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
        if attached:
            fields[kind] = "attach://stuff"
        part = "stuff" if attached else kind
        envelope = await upload(desk, method, fields, **{part: (name, data)})
        sent = envelope["result"]
        assert (sent["caption"], sent["caption_entities"][0]["type"]) == ("Look", "bold")
        assert sent["reply_markup"]["inline_keyboard"]
        shown = sent[kind][-1] if kind == "photo" else sent[kind]
        assert await download(desk, shown["file_id"]) == data
        file = desk.seen()[-1].content.attachment
        assert file is not None
        assert (file.kind, file.data) == (kind, data)
        if kind == "document":
            assert (file.name, file.mime_type) == ("report.pdf", PAPER)
        assert file.duration_s == (9 if kind == "voice" else 0)


async def test_a_file_is_sent_again_by_its_id(desk: Desk) -> None:
    files = desk.world.files
    given = {
        "photo": files.add_photo(PHOTO),
        "document": files.add_document(b"x", name="a.pdf", mime_type=PAPER),
        "voice": files.add_voice(b"OggS", duration_s=7),
    }
    for file in given.values():
        desk.write_file(file)
    for message, (kind, file) in zip(await heard(desk), given.items(), strict=True):
        stated = message[kind][0] if kind == "photo" else message[kind]
        parameters = {kind: stated["file_id"], "disable_notification": True}
        await desk.result(f"send{kind}", chat_id=desk.olga.id, **parameters)
        assert desk.seen()[-1].content.attachment is file
        assert desk.seen()[-1].is_silent


async def test_a_file_that_can_not_be_sent_is_refused_in_telegrams_words(desk: Desk) -> None:
    file = desk.world.files.add_document(b"x", name="a.pdf", mime_type=PAPER)
    desk.write_file(file)
    (message,) = await heard(desk)
    file_id, before = message["document"]["file_id"], len(desk.seen())
    for kind in ("photo", "document", "voice"):
        missing = f"there is no {kind} in the request"
        assert await refused(desk, f"send{kind}", {}) == missing
        assert await refused(desk, f"send{kind}", {kind: "attach://gone"}) == missing
        empty = await refused(desk, f"send{kind}", {}, **{kind: ("a.png", b"")})
        assert empty == "file must be non-empty"
        wrong = await desk.refusal(f"send{kind}", chat_id=desk.olga.id, **{kind: "nonsense"})
        assert wrong == WRONG_ID
    mistaken = await refused(desk, "sendPhoto", {"photo": file_id})
    assert mistaken == "can't use file of type Document as Photo"
    too_big = (
        "file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes"
    )
    for data, reason in (
        (b"no picture", "IMAGE_PROCESS_FAILED"),
        (blank(2100, 100), "PHOTO_INVALID_DIMENSIONS"),
        (bytes((10 << 20) + 1), too_big),
    ):
        assert await refused(desk, "sendPhoto", {}, photo=("a.png", data)) == reason
    long = {"caption": "x" * 1025, "document": file_id}
    assert await refused(desk, "sendDocument", long) == "message caption is too long"
    await desk.result("sendDocument", chat_id=desk.olga.id, **(long | {"caption": "x" * 1024}))
    assert len(desk.seen()) == before + 1


async def test_a_request_of_more_than_50_megabytes_is_refused(desk: Desk) -> None:
    large = ("a.bin", bytes(50 << 20))
    envelope = await upload(desk, "sendDocument", {}, document=large)
    assert (envelope["error_code"], envelope["description"]) == (413, "Request Entity Too Large")


async def test_a_bot_sends_an_album_of_uploads_and_of_known_files(desk: Desk) -> None:
    known = await upload(desk, "sendPhoto", {}, photo=("a.png", PHOTO))
    media = [
        {"type": "photo", "media": "attach://one", "caption": "<i>1</i>", "parse_mode": "HTML"},
        {"type": "photo", "media": known["result"]["photo"][0]["file_id"]},
        {"type": "photo", "media": "attach://two", "caption": "3"},
    ]
    small = blank(90, 90)
    answer = await upload(
        desk,
        "sendMediaGroup",
        {"media": media, "reply_parameters": {"message_id": 1}},
        one=("1.png", small),
        two=("2.png", blank(80, 80)),
    )
    sent = answer["result"]
    assert len({m["media_group_id"] for m in sent}) == 1
    assert [m.get("caption") for m in sent] == ["1", None, "3"]
    assert sent[0]["caption_entities"][0]["type"] == "italic"
    assert {m["reply_to_message"]["message_id"] for m in sent} == {1}
    files = [m.content.attachment for m in desk.seen()[-3:]]
    assert [f.data for f in files if f] == [small, PHOTO, blank(80, 80)]
    (alone,) = (await upload(desk, "sendMediaGroup", {"media": media[1:2]}))["result"]
    assert "media_group_id" not in alone


@pytest.mark.parametrize(
    ("media", "reason"),
    [
        ("", "there are no messages to send"),
        ([], "there are no messages to send"),
        ("{", "can't parse media JSON object"),
        ({"type": "photo"}, "expected an Array of InputMedia"),
        ([{"type": "photo", "media": "x"}] * 11, "too many messages to send as an album"),
        ([7], "can't parse InputMedia: expected an Object"),
        ([{"media": "x"}], "can't parse InputMedia: Can't find field \"type\""),
        ([{"type": "hologram"}], 'can\'t parse InputMedia: type "hologram" is unsupported'),
        ([{"type": ["photo"]}], "can't parse InputMedia: type \"['photo']\" is unsupported"),
        ([{"type": "photo"}], "can't parse InputMedia: media not found"),
        (
            [{"type": "photo", "media": "attach://gone"}],
            "can't parse InputMedia: media not found",
        ),
        (
            [{"type": "photo", "media": "x"}, {"type": "document", "media": "x"}],
            "document can't be mixed with other media types",
        ),
        ([{"type": "photo", "media": "x"}], "wrong file identifier/HTTP URL specified"),
        (
            [{"type": "photo", "media": "attach://a", "caption": "x" * 1025}],
            "message caption is too long",
        ),
    ],
)
async def test_a_wrong_album_is_refused_and_nothing_is_sent(
    desk: Desk, media: object, reason: str
) -> None:
    good = {"type": "photo", "media": "attach://a"}
    if isinstance(media, list) and reason.startswith("wrong file"):
        media = [good, *media]
    refusal = await refused(desk, "sendMediaGroup", {"media": media}, a=("a.png", PHOTO))
    assert refusal == reason
    assert len(desk.seen()) == 1


async def test_a_caption_is_edited_and_a_text_is_none(desk: Desk) -> None:
    answer = await upload(desk, "sendPhoto", {"caption": "frist"}, photo=("a.png", PHOTO))
    message_id = answer["result"]["message_id"]
    at: dict[str, Any] = {"chat_id": desk.olga.id, "message_id": message_id}
    edited = await desk.result("editMessageCaption", caption="first", **at)
    assert (edited["caption"], edited["photo"]) == ("first", answer["result"]["photo"])
    keys = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    marked = await desk.result("editMessageReplyMarkup", reply_markup=keys, **at)
    assert (marked["caption"], marked["photo"]) == ("first", answer["result"]["photo"])
    without = await desk.result("editMessageCaption", **at)
    assert not {"caption", "reply_markup"} & set(without)
    refusal = await desk.refusal("editMessageText", text="x", **at)
    assert refusal == (400, "Bad Request: there is no text in the message to edit")
    text = await desk.send("plain")
    refusal = await desk.refusal(
        "editMessageCaption",
        caption="x",
        chat_id=desk.olga.id,
        message_id=text["message_id"],
    )
    assert refusal == (400, "Bad Request: there is no caption in the message to edit")


async def test_a_file_takes_the_place_of_another(desk: Desk) -> None:
    good = {"type": "photo", "media": "attach://new", "caption": "new"}
    sent = (await upload(desk, "sendPhoto", {"caption": "old"}, photo=("a.png", PHOTO)))["result"]
    text, small = await desk.send("plain"), blank(90, 90)
    for message in (sent, text):
        fields = {"message_id": message["message_id"], "media": good}
        envelope = await upload(desk, "editMessageMedia", fields, new=("b.png", small))
        assert envelope["result"]["caption"] == "new"
        file_id = envelope["result"]["photo"][-1]["file_id"]
        assert await download(desk, file_id) == small
    fields["media"] = {"type": "photo", "media": file_id, "caption": "new"}
    assert (await refused(desk, "editMessageMedia", fields)).startswith("message is not modified")
    voice = (await upload(desk, "sendVoice", {}, voice=("a.ogg", b"OggS")))["result"]
    fields = {"message_id": voice["message_id"], "media": good}
    refusal = await refused(desk, "editMessageMedia", fields, new=("b.png", small))
    assert refusal == "message media can't be edited"
    pair = [{"type": "photo", "media": file_id}] * 2
    album = (await upload(desk, "sendMediaGroup", {"media": pair}))["result"]
    paper = {"type": "document", "media": "attach://new"}
    fields = {"message_id": album[0]["message_id"], "media": paper}
    refusal = await refused(desk, "editMessageMedia", fields, new=("b.pdf", b"x"))
    assert refusal == "can't change media type in the album"
    assert await refused(desk, "editMessageMedia", fields | {"media": ""}) == (
        "can't parse InputMedia: expected an Object"
    )


async def test_aiogram_reads_and_sends_files(desk: Desk, bot: Bot) -> None:
    desk.write_file(desk.world.files.add_photo(PHOTO), "look")
    (_, update) = await bot.get_updates()
    assert update.message is not None
    assert update.message.photo is not None
    got = await bot.download(update.message.photo[-1])
    assert got is not None
    assert got.read() == PHOTO
    sent = await bot.send_document(
        desk.olga.id, BufferedInputFile(b"%PDF", "a.pdf"), caption="here"
    )
    assert sent.document is not None
    assert sent.document.file_name == "a.pdf"
    pair = await bot.send_media_group(
        desk.olga.id,
        [
            InputMediaDocument(media=BufferedInputFile(b"1", "1.txt")),
            InputMediaDocument(media=sent.document.file_id, caption="again"),
        ],
    )
    assert pair[0].media_group_id == pair[1].media_group_id
    again = await bot.send_media_group(
        desk.olga.id, [InputMediaPhoto(media=BufferedInputFile(PHOTO, "p.png"))]
    )
    assert again[0].photo is not None
