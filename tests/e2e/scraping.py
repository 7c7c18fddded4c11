"""Asks the HTTP endpoint of a Mooring in this process, and reads what it exports."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from bot.app import App
from tests.timing import limit

FREE = "127.0.0.1:0"


class Page:
    """What was answered."""

    def __init__(self, status: int, text: str, headers: Mapping[str, str]) -> None:
        self.status = status
        self.text = text
        self.headers = headers

    @property
    def told(self) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self.text)

    def state(self, part: str) -> str:
        return str(self.told["parts"][part]["state"])

    def value(self, name: str, **labels: str) -> float | None:
        """Of that sample of /metrics; None where there is none."""
        for family in text_string_to_metric_families(self.text):
            for sample in family.samples:
                if sample.name == name and sample.labels == labels:
                    return sample.value
        return None


async def ask(
    app: App, path: str, *, method: str = "GET", token: str = "", host: str = ""
) -> Page:
    assert app.http
    async with asyncio.timeout(limit(20)):
        where = await asyncio.shield(app.http.listens_at)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {"Host": host} if host else {}
    async with (
        aiohttp.ClientSession() as http,
        http.request(method, f"http://{where}{path}", headers=headers) as response,
    ):
        return Page(response.status, await response.text(), response.headers)


async def until(app: App, path: str, is_so: Callable[[Page], bool]) -> Page:
    async with asyncio.timeout(limit(40)):
        while not is_so(page := await ask(app, path)):  # noqa: ASYNC110 - it is asked over HTTP
            await asyncio.sleep(0.1)
    return page


def is_ready(page: Page) -> bool:
    return page.status == 200


def is_unready(page: Page) -> bool:
    return page.status == 503


def families(text: str) -> set[str]:
    """The names of all that this page exports, samples or none."""
    return set(re.findall(r"^# TYPE (\S+) \w+$", text, re.MULTILINE))


def metric_names(text: str) -> set[str]:
    """Every name that a query can use for what this page exports, samples or none."""
    names = set()
    for name, kind in re.findall(r"^# TYPE (\S+) (\w+)$", text, re.MULTILINE):
        names.add(name)
        if kind == "histogram":
            names |= {f"{name}_{end}" for end in ("bucket", "sum", "count")}
    return names


@asynccontextmanager
async def listener(heard: list[str], answers: list[int]) -> AsyncIterator[str]:
    """An HTTP server that notes what is asked for; the last answer is repeated."""

    async def note(request: web.Request) -> web.Response:
        heard.append(request.path)
        return web.Response(status=answers.pop(0) if len(answers) > 1 else answers[0])

    application = web.Application()
    application.router.add_get("/{tail:.*}", note)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
