"""What can be broken at the account API: `bright_data.faults`."""

from typing import Any

from typing_extensions import override

from sandbox.faults import Board, Fault


class Trouble(Fault):
    """A fault of the requests with one HTTP method, or all. `is_late`: after they took effect."""

    def __init__(self, *, method: str | None, is_late: bool, times: int | None) -> None:
        super().__init__(times=times)
        self.method = method
        self.is_late = is_late

    @override
    def details(self) -> dict[str, Any]:
        return {"method": self.method, "late": self.is_late}


class Throttle(Trouble):
    kind = "throttle"

    def __init__(self, retry_after: str | None, *, method: str | None, times: int | None) -> None:
        super().__init__(method=method, is_late=False, times=times)
        self.retry_after = retry_after


class ServerError(Trouble):
    kind = "server_error"

    def __init__(
        self, status: int, *, method: str | None, is_late: bool, times: int | None
    ) -> None:
        super().__init__(method=method, is_late=is_late, times=times)
        self.status = status

    @override
    def details(self) -> dict[str, Any]:
        return super().details() | {"status": self.status}


class Hang(Trouble):
    kind = "hang"


class DropReply(Trouble):
    kind = "drop_reply"


class Garble(Trouble):
    kind = "garble"


class ApiFaults(Board):
    """Sets and lifts every fault of the account API. Beside these: `stop`."""

    def throttle(
        self, retry_after: str | None = "1", *, method: str | None = None, times: int | None = None
    ) -> Throttle:
        """429, with that `Retry-After`."""
        return self.place(Throttle(retry_after, method=method, times=times))

    def server_error(
        self,
        status: int = 502,
        *,
        method: str | None = None,
        late: bool = False,
        times: int | None = None,
    ) -> ServerError:
        return self.place(ServerError(status, method=method, is_late=late, times=times))

    def hang(
        self, *, method: str | None = None, late: bool = False, times: int | None = None
    ) -> Hang:
        """Never answer; the connection stays open until the client leaves."""
        return self.place(Hang(method=method, is_late=late, times=times))

    def drop_reply(
        self, *, method: str | None = None, late: bool = True, times: int | None = None
    ) -> DropReply:
        """Close the connection instead of an answer."""
        return self.place(DropReply(method=method, is_late=late, times=times))

    def garble(
        self, *, method: str | None = None, late: bool = True, times: int | None = None
    ) -> Garble:
        """Answer 200 with a page instead of JSON."""
        return self.place(Garble(method=method, is_late=late, times=times))

    def met(self, method: str) -> Trouble | None:
        """The first fault that such a request meets; it is not counted yet."""
        troubles = self.matching(Trouble)
        return next((each for each in troubles if each.method in {None, method}), None)
