"""What the data centre tells of a connection."""

from dataclasses import dataclass
from datetime import datetime


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
