"""Routes of the page's files."""

from functools import partial
from pathlib import Path

from aiohttp import web

_FILES = {
    "/": ("index.html", "text/html"),
    "/style.css": ("style.css", "text/css"),
    "/script.js": ("script.js", "text/javascript"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def page_routes() -> list[web.RouteDef]:
    """The files are read now, so that a request does no disk I/O."""
    here = Path(__file__).parent
    return [
        web.get(path, partial(_serve, (here / name).read_text("utf-8"), kind))
        for path, (name, kind) in _FILES.items()
    ]


async def _serve(text: str, content_type: str, _: web.Request) -> web.Response:
    return web.Response(text=text, content_type=content_type, headers=_HEADERS)
