"""Files and photos in the operator's chat: the sandbox's Bot API, with attachments added.

Who types `[file name.txt]` in the chat sends the file of that name; `[photo]` sends a photo.
"""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

_FILE = re.compile(r"\[file (.+)\]")


class Attachments:
    """What was put into messages, by name."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._http = aiohttp.ClientSession()
        self.files: dict[str, bytes] = {}
        self.claimed_sizes: dict[str, int] = {}
        """Where Telegram is to say another size than the file has, or none is to be had."""

    async def close(self) -> None:
        await self._http.close()

    async def answer(self, request: web.Request) -> web.Response:
        """A call of the Bot API: to the sandbox, or about a file."""
        method = request.match_info["method"].lower()
        body = await request.read()
        if method == "getfile":
            form = await request.post()
            name = str(form["file_id"])
            return web.json_response(
                {
                    "ok": True,
                    "result": {"file_id": name, "file_unique_id": name, "file_path": name},
                }
            )
        headers = {"Content-Type": request.headers["Content-Type"]}
        url = f"{self._upstream}{request.path}"
        async with self._http.post(url, data=body, headers=headers) as response:
            answer = await response.json()
            if method == "getupdates" and answer["ok"]:
                answer["result"] = [self._attached(update) for update in answer["result"]]
            return web.Response(
                text=json.dumps(answer), status=response.status, content_type="application/json"
            )

    async def download(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self.files:
            raise web.HTTPNotFound
        return web.Response(body=self.files[name])

    def _attached(self, update: dict[str, Any]) -> dict[str, Any]:
        message = update.get("message", {})
        text = message.get("text", "")
        if match := _FILE.fullmatch(text):
            name = match[1]
            size = self.claimed_sizes.get(name) or len(self.files[name])
            del message["text"]
            message["document"] = {
                "file_id": name, "file_unique_id": name, "file_name": name, "file_size": size,
            }  # fmt: skip
        elif text == "[photo]":
            del message["text"]
            message["photo"] = [
                {"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1, "file_size": 1}
            ]
        return update


@asynccontextmanager
async def attachments(upstream: str) -> AsyncIterator[tuple[str, Attachments]]:
    """The address of such a Bot API, and what can be attached there."""
    mine = Attachments(upstream)
    app = web.Application()
    app.router.add_get("/file/bot{token}/{name}", mine.download)
    app.router.add_post("/bot{token}/{method}", mine.answer)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}", mine
    finally:
        await runner.cleanup()
        await mine.close()
