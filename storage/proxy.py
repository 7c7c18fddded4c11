"""A proxy, and what is known of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What is known of where a proxy's traffic leaves (S1.6)."""

    STATIC = "static"
    LEASED = "leased"
    """A provider leases it to us, and can say that it no longer has it."""
    ROTATING = "rotating"
    """A gateway whose exit address changes by itself."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a proxy is and how to log in to it."""

    scheme: str
    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """How operators see it; never holds the password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Health:
    """What the last check found."""

    checked_at: datetime
    fault: str
    """Why it failed, as `userbot.proxies.probe` calls it; empty where it did not."""
    latency_ms: int | None


@dataclass(frozen=True, slots=True)
class Lease:
    """Who leases a proxy to us."""

    provider: str
    ref: str
    """What it is called there."""
    release_at: datetime | None = None
    """When it is given back; until then that can be taken back."""
    released_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """What a proxy costs a month, and until when that is paid."""

    price_cents: int | None = None
    paid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Proxy:
    id: int
    endpoint: Endpoint
    added_at: datetime
    retired_at: datetime | None
    accounts: int
    """How many accounts keep it."""
    kind: Kind = Kind.STATIC
    country: str | None = None
    """Where it is, as the operator or the provider says; ISO 3166, lower case."""
    first_exit: str | None = None
    exit_country: str | None = None
    """Where Telegram saw connections through it come from: first, and last."""
    health: Health | None = None
    """None where it was never checked."""
    lease: Lease | None = None
    cost: Cost = Cost()
    is_guess: bool = False
    """Whether its scheme is a guess: the line named none, and no check has found it out yet."""
    bytes_up: int = 0
    bytes_down: int = 0

    @property
    def is_sick(self) -> bool:
        """Whether its last check failed; one that was never checked is not."""
        return self.health is not None and bool(self.health.fault)

    @property
    def has_drifted(self) -> bool:
        """Whether its traffic leaves in another country than at first."""
        return None not in {self.first_exit, self.exit_country} and (
            self.first_exit != self.exit_country
        )
