"""Files as a browser gets them: shown or saved, in ranges, and never run."""

from base64 import b64encode

import pytest

from sandbox.world.images import blank
from tests.sandbox.control_fixtures import Caller, running_sandbox

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


async def sent(caller: Caller, data: bytes, name: str, mime_type: str) -> str:
    """The address of a document that somebody sent."""
    bot_id, user_id = await caller.meet()
    file = {"kind": "document", "data": b64encode(data).decode(), "name": name}
    answer = await caller.post(
        f"/users/{user_id}/chats/{bot_id}/media", files=[{**file, "mime_type": mime_type}]
    )
    file_id = answer["messages"][0]["attachment"]["file"]
    return f"{caller.addresses['control']}/files/{file_id}"


@pytest.mark.parametrize(
    ("data", "mime_type"),
    [
        (SVG, "image/svg+xml"),
        (b"<script>alert(1)</script>", "text/html"),
        (b"<p>", "video/mp4\r\nX: y"),
    ],
)
async def test_what_could_run_is_only_saved(data: bytes, mime_type: str) -> None:
    async with running_sandbox() as caller:
        address = await sent(caller, data, 'Отчёт"\r\n.html', mime_type)
        async with caller.session.get(address) as answer:
            assert await answer.read() == data
            assert answer.content_type == "application/octet-stream"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "sandbox" in answer.headers["Content-Security-Policy"]
            assert answer.headers["Content-Disposition"] == (
                "attachment; filename*=UTF-8''%D0%9E%D1%82%D1%87%D1%91%D1%82%22%0D%0A.html"
            )


async def test_pictures_are_shown_and_films_come_in_ranges() -> None:
    async with running_sandbox() as caller:
        address = await sent(caller, blank(4, 4), "a.html", "text/html")
        async with caller.session.get(address) as answer:
            assert answer.content_type == "image/png"
            assert answer.headers["Content-Disposition"].startswith("inline;")
    async with running_sandbox() as caller:
        address = await sent(caller, b"0123456789", "a.mp4", "video/mp4")
        async with caller.session.get(address, headers={"Range": "bytes=2-4"}) as answer:
            assert (answer.status, await answer.read()) == (206, b"234")
            assert answer.content_type == "video/mp4"
            assert answer.headers["Content-Range"] == "bytes 2-4/10"
        for beyond in ("bytes=10-", "bytes=4-2"):
            async with caller.session.get(address, headers={"Range": beyond}) as answer:
                assert answer.status == 416
