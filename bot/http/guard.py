"""Who is let in: one with the token; without a token one that this machine's own names led here."""

import hmac
from http import HTTPStatus

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware
from loguru import logger

from bot.http_settings import Address

LIVEZ = "/livez"
_LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})
_METHODS = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})


class Guard:
    """The one middleware: nothing gets past it, and no error of ours gets out with its text."""

    def __init__(self, address: Address, token: str | None) -> None:
        if token is None and not address.is_loopback:
            raise ValueError(f"HTTP_TOKEN is missing: others can connect to {address}")
        self._token = token
        self._names = _LOCAL | {_bracketed(address.host)} if address.is_loopback else None

    @property
    def middleware(self) -> Middleware:
        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            answer = self._refuse(request) or await _answer(request, handler)
            answer.headers[hdrs.CACHE_CONTROL] = "no-store"
            answer.headers[hdrs.SERVER] = "mooring"
            answer.headers["X-Content-Type-Options"] = "nosniff"
            answer.force_close()  # one request a connection: none is held open
            return answer

        return guard

    def _refuse(self, request: web.Request) -> web.Response | None:
        if self._names is not None and _name_of(request.host) not in self._names:
            # A page in this machine's browser whose name was made to lead here.
            return _plain(HTTPStatus.MISDIRECTED_REQUEST, "this is not the server of that name")
        if request.method not in _METHODS:
            answer = _plain(HTTPStatus.METHOD_NOT_ALLOWED, "only GET and HEAD: nothing acts here")
            answer.headers[hdrs.ALLOW] = "GET, HEAD"
            return answer
        if request.path != LIVEZ and not self._has_token(request):
            answer = _plain(HTTPStatus.UNAUTHORIZED, "HTTP_TOKEN is asked for")
            answer.headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
            return answer
        return None

    def _has_token(self, request: web.Request) -> bool:
        if self._token is None:
            return True
        scheme, _, shown = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        is_it = hmac.compare_digest(shown.strip().encode(errors="replace"), self._token.encode())
        return scheme.lower() == "bearer" and is_it


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as exc:
        return _plain(HTTPStatus(exc.status), HTTPStatus(exc.status).phrase.lower())
    except Exception as exc:  # noqa: BLE001 - the outermost frame of a request
        logger.bind(event="http.crashed").opt(exception=exc).error("a request was not answered")
        return _plain(HTTPStatus.INTERNAL_SERVER_ERROR, "the log says why")


def _plain(status: HTTPStatus, words: str) -> web.Response:
    return web.Response(status=status, text=f"{words}\n")


def _name_of(host: str) -> str:
    """The name in a Host header, without the port."""
    name = host[: host.find("]") + 1] if host.startswith("[") else host.partition(":")[0]
    return name.lower().removesuffix(".")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
