"""Routes of the page's files."""

from functools import partial
from pathlib import Path

from aiohttp import web

_KINDS = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def page_routes() -> list[web.RouteDef]:
    """Every file of the page by its path; `/` is index.html.

    The files are read now, so that a request does no disk I/O.
    """
    here = Path(__file__).parent
    files = {
        f"/{path.relative_to(here).as_posix()}": path
        for path in sorted(here.rglob("*"))
        if path.suffix in _KINDS
    }
    files["/"] = files.pop("/index.html")
    return [
        web.get(url, partial(_serve, path.read_text("utf-8"), _KINDS[path.suffix]))
        for url, path in files.items()
    ]


async def _serve(text: str, content_type: str, _: web.Request) -> web.Response:
    return web.Response(text=text, content_type=content_type, headers=_HEADERS)
