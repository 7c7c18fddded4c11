"""What the data centre tells of a connection."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.datacentre.connection import Connection


@dataclass(frozen=True, slots=True)
class ConnectionInfo:
    """What is known of one open connection."""

    id: int
    peer: tuple[str, int]
    key_id: int | None
    user_id: int | None
    opened_at: datetime
    device_model: str | None
    app_version: str | None
    api_id: int | None
    requests: int
    last_request_at: datetime | None

    @classmethod
    def of(cls, connection: "Connection") -> "ConnectionInfo":
        """That connection as it is now."""
        known = connection.authorization
        app = known.app if known else None
        return cls(
            id=connection.id,
            peer=connection.peer,
            key_id=connection.key_id,
            user_id=connection.user_id,
            opened_at=connection.opened_at,
            device_model=app.device_model if app else None,
            app_version=app.app_version if app else None,
            api_id=app.api_id if app else None,
            requests=connection.requests,
            last_request_at=connection.last_request_at,
        )
