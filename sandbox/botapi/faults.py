"""What can be broken at the Bot API: `bot_api.faults`. Beside these: `stop`.

Sources: core.telegram.org/bots/api#making-requests, #responseparameters.
"""

from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import Any

from aiohttp import web
from typing_extensions import override

from sandbox.botapi.errors import CONFLICT
from sandbox.faults import Board, Fault

DOWNLOAD = "download"
"""Instead of a method's name: getting a file."""


class Trouble(Fault):
    """A fault of the calls of a method; `*` in its name stands for anything.

    `is_late`: after the call took effect.
    """

    def __init__(self, method: str, *, is_late: bool, times: int | None) -> None:
        super().__init__(times=times)
        self.method = method
        self.is_late = is_late

    def answer(self, request: web.Request) -> web.Response:
        """What the caller gets: here, the end of the connection."""
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    @override
    def details(self) -> dict[str, Any]:
        return {"method": self.method, "late": self.is_late}


class DropReply(Trouble):
    kind = "drop_reply"


class Throttle(Trouble):
    kind = "throttle"

    def __init__(self, retry_after: int, method: str, *, times: int | None) -> None:
        super().__init__(method, is_late=False, times=times)
        self.retry_after = retry_after

    @override
    def answer(self, request: web.Request) -> web.Response:
        reason = f"Too Many Requests: retry after {self.retry_after}"
        return _refused(429, reason, parameters={"retry_after": self.retry_after})

    @override
    def details(self) -> dict[str, Any]:
        return super().details() | {"retry_after": self.retry_after}


class ServerError(Trouble):
    kind = "server_error"

    def __init__(self, status: int, method: str, *, is_late: bool, times: int | None) -> None:
        super().__init__(method, is_late=is_late, times=times)
        self.status = status

    @override
    def answer(self, request: web.Request) -> web.Response:
        return _refused(self.status, HTTPStatus(self.status).phrase)

    @override
    def details(self) -> dict[str, Any]:
        return super().details() | {"status": self.status}


class Conflict(Trouble):
    kind = "conflict"

    @override
    def answer(self, request: web.Request) -> web.Response:
        return _refused(409, CONFLICT)


class BotApiFaults(Board):
    """Sets and lifts every fault of the Bot API. A method's name is matched in any case."""

    def throttle(
        self, retry_after: int = 1, method: str = "*", *, times: int | None = 1
    ) -> Throttle:
        """429 with that `retry_after`; the calls have no effect."""
        return self.place(Throttle(retry_after, method, times=times))

    def server_error(
        self, status: int = 502, method: str = "*", *, late: bool = False, times: int | None = 1
    ) -> ServerError:
        """A 5xx; with `late` after the call took effect."""
        return self.place(ServerError(status, method, is_late=late, times=times))

    def drop_reply(
        self, method: str = "*", *, late: bool = True, times: int | None = 1
    ) -> DropReply:
        """End the connection instead of an answer."""
        return self.place(DropReply(method, is_late=late, times=times))

    def conflict(self, method: str = "getUpdates", *, times: int | None = 1) -> Conflict:
        """409, as when a second instance of the bot polls; the calls have no effect."""
        return self.place(Conflict(method, is_late=False, times=times))

    def met(self, method: str) -> Trouble | None:
        """The first fault that a call of that method meets; it strikes."""
        troubles = self.matching(Trouble)
        name = method.lower()
        found = next((t for t in troubles if fnmatchcase(name, t.method.lower())), None)
        if found is not None:
            found.strike()
        return found


def _refused(code: int, reason: str, **more: object) -> web.Response:
    envelope = {"ok": False, "error_code": code, "description": reason, **more}
    return web.json_response(envelope, status=code)
