"""Files over the control API: a person sends them, and a test reads what arrived."""

import base64
import io
import json
from typing import Any

import pytest

from tests.sandbox.control_fixtures import TOKEN, Caller
from tests.sandbox.pictures import PHOTO, noise


def packed(kind: str, data: bytes, **more: object) -> dict[str, Any]:
    return {"kind": kind, "data": base64.b64encode(data).decode(), **more}


async def fetched(caller: Caller, file_id: str) -> bytes:
    url = f"{caller.addresses['control']}/files/{file_id}"
    async with caller.session.get(url) as response:
        assert response.status == 200
        return await response.read()


async def test_a_person_sends_files_and_an_album_to_a_bot(caller: Caller) -> None:
    bot_id, user_id = await caller.meet()
    path = f"/users/{user_id}/chats/{bot_id}/media"
    paper = packed("document", noise(300_000), name="a.pdf", mime_type="application/pdf")
    first = await caller.post(path, files=[{**paper, "caption": "see"}], reply_to=1)
    (shown,) = first["messages"]
    assert (shown["text"], shown["reply_to"], shown["album"]) == ("see", 1, None)
    assert shown["attachment"] == {
        "file": shown["attachment"]["file"],
        "kind": "document",
        "name": "a.pdf",
        "mime_type": "application/pdf",
        "size": 300_000,
        "duration": 0,
        "width": None,
        "height": None,
    }
    await caller.post(path, files=[packed("voice", b"OggS", duration=7)])
    pair = await caller.post(path, files=[packed("photo", PHOTO), packed("photo", PHOTO)])
    assert pair["messages"][0]["attachment"]["width"] == 1600
    assert pair["counter"] == first["counter"] + 3
    heard = [update["message"] for update in await caller.bot("getUpdates")][1:]
    assert heard[0]["document"]["file_name"] == "a.pdf"
    assert heard[0]["reply_to_message"]["text"] == "/start"
    assert heard[1]["voice"]["duration"] == 7
    albums = {m["album"] for m in pair["messages"]}
    assert {m["media_group_id"] for m in heard[2:]} == albums


async def test_a_file_may_be_larger_than_a_bot_can_fetch(caller: Caller) -> None:
    bot_id, user_id = await caller.meet()
    url = f"{caller.addresses['control']}/users/{user_id}/chats/{bot_id}/media"
    body = json.dumps({"files": [packed("document", bytes(21 << 20))]}).encode()
    async with caller.session.post(url, data=io.BytesIO(body)) as response:
        assert response.status == 201
    update = (await caller.bot("getUpdates"))[-1]
    assert update["message"]["document"]["file_size"] == 21 << 20


async def test_what_was_sent_is_listed_and_its_bytes_can_be_read(caller: Caller) -> None:
    bot_id, user_id = await caller.meet()
    path = f"/users/{user_id}/chats/{bot_id}"
    await caller.post(f"{path}/media", files=[packed("photo", PHOTO)])
    update = (await caller.bot("getUpdates"))[-1]
    file_id = update["message"]["photo"][0]["file_id"]
    await caller.bot("sendPhoto", chat_id=user_id, photo=file_id, caption="back")
    start, mine, theirs = (await caller.get(f"{path}/messages"))["messages"]
    assert start["attachment"] is None
    assert (theirs["text"], theirs["out"]) == ("back", False)
    assert theirs["attachment"] == mine["attachment"]
    assert await fetched(caller, theirs["attachment"]["file"]) == PHOTO


async def test_the_references_of_one_file_or_of_all_are_ended(caller: Caller) -> None:
    bot_id, user_id = await caller.meet()
    path = f"/users/{user_id}/chats/{bot_id}/media"
    for number in range(2):
        await caller.post(path, files=[packed("photo", PHOTO)])
        assert (await caller.post("/files/expire"))["expired"] == number + 1
    files = caller.sandbox.world.files
    answer = await caller.post(path, files=[packed("photo", PHOTO)])
    number = int(answer["messages"][0]["attachment"]["file"])
    file = files.get(number)
    assert file is not None
    reference = file.reference
    assert (await caller.post("/files/expire", file=str(file.id)))["expired"] == 1
    assert file.references == [reference, file.reference]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "files: Field required"),
        ({"files": []}, "files: List should have at least 1 item"),
        ({"files": [packed("photo", PHOTO)] * 11}, "files: List should have at most 10 items"),
        ({"files": [packed("hologram", b"x")]}, "kind: Input should be 'photo'"),
        ({"files": [packed("photo", b"x")]}, "data: IMAGE_PROCESS_FAILED"),
        ({"files": [packed("document", b"")]}, "data: a file is never empty"),
        ({"files": [{"kind": "document", "data": "?"}]}, "data: expected base64"),
        ({"files": [packed("voice", b"x", duration=-1)]}, "duration: Input should be greater"),
        (
            {"files": [packed("document", b"x", caption="x" * 1025)]},
            "caption: expected up to 1024 characters",
        ),
        ({"files": [packed("voice", b"x")] * 2}, "an album is of photos alone"),
        ({"files": [packed("photo", PHOTO), packed("document", b"x")]}, "of documents alone"),
    ],
)
async def test_bad_files_are_refused(caller: Caller, body: object, reason: str) -> None:
    bot_id, user_id = await caller.meet()
    path = f"/users/{user_id}/chats/{bot_id}/media"
    assert reason in await caller.error(path, body, status=400)
    assert len(caller.sandbox.world.messages.history(user_id, bot_id)) == 1


async def test_a_file_or_message_that_is_not_there_is_not_found(caller: Caller) -> None:
    bot_id, user_id = await caller.meet()
    files = [packed("document", b"x")]
    path = f"/users/{user_id}/chats/{bot_id}/media"
    assert "no message 99" in await caller.error(
        path, {"files": files, "reply_to": 99}, status=404
    )
    assert "no file 7" in await caller.error("/files/expire", {"file": "7"}, status=404)
    await caller.ask("GET", "/files/7", status=404)


async def test_a_small_document_stands_for_a_large_one(caller: Caller) -> None:
    bot_id, user_id = await caller.meet()
    path = f"/users/{user_id}/chats/{bot_id}/media"
    large = packed("document", b"x", name="all.txt", claimed_bytes=(20 << 20) + 1)
    await caller.post(path, files=[large])
    document = (await caller.bot("getUpdates"))[-1]["message"]["document"]
    assert document["file_size"] == (20 << 20) + 1
    url = f"{caller.addresses['bot_api']}/bot{TOKEN}/getFile"
    async with caller.session.post(url, json={"file_id": document["file_id"]}) as response:
        refused = await response.json()
    assert refused["description"] == "Bad Request: file is too big"
