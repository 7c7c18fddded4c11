"""Garbage over HTTP: whatever a client sends, the answer is an envelope, and the server lives on."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import ClientTimeout
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sandbox.botapi_fixtures import TOKEN, Desk, running_desk
from tests.timing import seconds

METHODS = (
    "getUpdates",
    "setMyCommands",
    "sendMessage",
    "sendPhoto",
    "sendMediaGroup",
    "sendContact",
    "copyMessage",
    "editMessageText",
    "editMessageMedia",
    "deleteMessages",
    "answerCallbackQuery",
    "getFile",
    "getChatMember",
)
NAMES = (
    *("chat_id", "message_id", "text", "caption", "parse_mode", "entities", "reply_markup"),
    *("reply_parameters", "media", "photo", "message_ids", "user_id", "commands", "scope"),
    *("offset", "limit", "allowed_updates", "file_id", "from_chat_id", "phone_number"),
)
TYPES = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/json; charset=nonsense",
    "text/plain",
    "a/b/c",
    "",
)

leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["HTML", "MarkdownV2", "Markdown", "*_[", "<b>", "attach://x", "photo", "@x"]
    )
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [*NAMES, "type", "offset", "length", "inline_keyboard", "keyboard", "url", "user"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from(NAMES), values, max_size=6)
PARTS = [
    b"--x\r\n",
    b"--x--\r\n",
    b'Content-Disposition: form-data; name="text"\r\n\r\n',
    b'Content-Disposition: form-data; name="photo"; filename="a"\r\n\r\n',
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Length: 99999\r\n",
    b"\r\n",
    b"\xff\xfe",
]
bodies = st.one_of(
    st.binary(max_size=200),
    objects.map(lambda value: json.dumps(value).encode()),
    st.lists(st.sampled_from(PARTS) | st.binary(max_size=10), max_size=8).map(b"".join),
    st.sampled_from(
        [
            b"[" * 100_000,
            b'{"entities":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
            b'{"chat_id":' + b"9" * 5_000 + b"}",
            b'{"chat_id":1e999,"text":"x"}',
            b'{"text":"\\ud800"}',
            b"%ff%fe=%zz&text=" + b"x" * 5_000,
        ]
    ),
)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """A loop that lives through all examples: Hypothesis calls a plain function."""
    with asyncio.Runner() as running:
        yield running


@pytest.fixture(scope="module")
def desk(runner: asyncio.Runner) -> Iterator[Desk]:
    context = running_desk()
    opened = runner.run(context.__aenter__())
    opened.write("/start")
    yield opened
    runner.run(context.__aexit__(None, None, None))


async def ask(desk: Desk, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, object]:
    limit = ClientTimeout(total=seconds(20))
    async with desk.session.post(
        f"{desk.url}{path}", data=body, headers=headers, timeout=limit
    ) as answer:
        return answer.status, await answer.json()


def check(status: int, answer: object) -> None:
    assert isinstance(answer, dict)
    if status == 200:
        assert answer["ok"] is True
        assert "result" in answer
    else:
        assert answer["ok"] is False
        assert answer["error_code"] == status
        assert answer["description"]
        assert 400 <= status < 500, answer


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    method=st.sampled_from(METHODS),
    body=bodies,
    kind=st.sampled_from(TYPES),
    names_olga=st.booleans(),
)
def test_garbage_in_a_body_is_refused_in_an_envelope(
    desk: Desk,
    runner: asyncio.Runner,
    method: str,
    body: bytes,
    kind: str,
    *,
    names_olga: bool,
) -> None:
    headers = {"Content-Type": kind}
    query = f"?chat_id={desk.olga.id}&text=x" if names_olga else ""
    check(*runner.run(ask(desk, f"/bot{TOKEN}/{method}{query}", body, headers)))


@settings(max_examples=60, derandomize=True, deadline=None)
@given(method=st.sampled_from(METHODS), parameters=objects, names_olga=st.booleans())
def test_wrong_shapes_are_refused_in_an_envelope(
    desk: Desk,
    runner: asyncio.Runner,
    method: str,
    parameters: dict[str, object],
    *,
    names_olga: bool,
) -> None:
    if names_olga:
        parameters = parameters | {"chat_id": desk.olga.id, "from_chat_id": str(desk.olga.id)}
    body = json.dumps(parameters | {"timeout": 0}).encode()
    kind = {"Content-Type": "application/json"}
    check(*runner.run(ask(desk, f"/bot{TOKEN}/{method}", body, kind)))


@settings(max_examples=25, derandomize=True, deadline=None)
@given(path=st.text(st.characters(codec="utf-8"), max_size=30))
def test_any_path_is_answered_by_an_envelope(
    desk: Desk, runner: asyncio.Runner, path: str
) -> None:
    async def get() -> tuple[int, object]:
        async with desk.session.get(f"{desk.url}/{path}") as answer:
            return answer.status, await answer.json()

    check(*runner.run(get()))


@pytest.mark.parametrize(
    ("status", "path"),
    [
        (404, "/"),
        (404, "/bot7:x"),
        (404, "/bot/getMe"),
        (401, "/bot7:x/getMe"),
        (404, "/nope/x/y/z"),
    ],
)
def test_a_wrong_address_is_named_in_an_envelope(
    desk: Desk, runner: asyncio.Runner, status: int, path: str
) -> None:
    found, answer = runner.run(ask(desk, path, b"", {}))
    assert found == status
    check(found, answer)


@pytest.mark.parametrize("method", ["SENDMESSAGE", "test/sendMessage", "sendmessage"])
@pytest.mark.parametrize(
    "body",
    [
        {"data": {"chat_id": "OLGA", "text": "hi", "disable_notification": "True", "nobody": "x"}},
        {"json": {"chat_id": "OLGA", "text": "hi", "disable_notification": True, "nobody": {}}},
        {"params": {"chat_id": "OLGA", "text": "hi", "disable_notification": "1", "nobody": "x"}},
    ],
)
def test_every_way_to_call_a_method_is_the_same(
    desk: Desk, runner: asyncio.Runner, method: str, body: dict[str, dict[str, object]]
) -> None:
    (way, parameters), url = *body.items(), f"{desk.url}/bot{TOKEN}/{method}"

    async def call() -> object:
        ready: dict[str, Any] = {way: parameters | {"chat_id": str(desk.olga.id)}}
        async with desk.session.post(url, **ready) as answer:
            return await answer.json()

    answer = runner.run(call())
    assert isinstance(answer, dict)
    assert answer["ok"], answer
    seen = desk.seen()[-1]
    assert (seen.content.text, seen.is_silent) == ("hi", True)
