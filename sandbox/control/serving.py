"""The bytes of a file for a browser, in such a way that nothing in them is ever run.

The page lies on the same origin, and what people upload may be HTML or SVG with a script in it.
"""

import re
from urllib.parse import quote

from aiohttp import hdrs, web

from sandbox.world.files import File

_PICTURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
}
"""By their first bytes."""
_PLAYED = re.compile(r"(audio|video)/[\w.+-]+", re.ASCII)
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def served(request: web.Request, file: File) -> web.Response:
    """The whole file or the range that was asked for; pictures, sounds and films to be shown.

    Browsers ask for ranges when somebody moves about in a film.
    """
    kind = _shown_as(file)
    name = file.name or f"{file.kind}-{file.id}"
    disposition = f"{'inline' if kind else 'attachment'}; filename*=UTF-8''{quote(name, safe='')}"
    headers = {**_HEADERS, "Content-Disposition": disposition, "Accept-Ranges": "bytes"}
    kind, size, data = kind or "application/octet-stream", len(file.data), file.data
    if hdrs.RANGE not in request.headers:
        return web.Response(body=data, content_type=kind, headers=headers)
    try:
        start, stop, _ = request.http_range.indices(size)
    except ValueError:
        start, stop = size, size
    if start >= stop:
        raise web.HTTPRequestRangeNotSatisfiable(headers={"Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return web.Response(body=data[start:stop], status=206, content_type=kind, headers=headers)


def _shown_as(file: File) -> str | None:
    """The type by which a browser may show it; None: it may only be saved."""
    for beginning, kind in _PICTURES.items():
        if file.data.startswith(beginning):
            return kind
    if file.data[:4] == b"RIFF" and file.data[8:12] == b"WEBP":
        return "image/webp"
    return file.mime_type if _PLAYED.fullmatch(file.mime_type) else None
