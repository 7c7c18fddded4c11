"""What Mooring needs of a provider of proxies. A third one implements this and no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from storage.proxies import Endpoint


@dataclass(frozen=True, slots=True)
class Leased:
    """A proxy that a provider holds for us."""

    id: str
    """The provider's own name for it, for ever the same: at Bright Data the IP address."""
    country: str
    """Two lower-case letters. What the provider says: it may differ from what was asked for."""
    endpoint: Endpoint


class Provider(Protocol):
    """A place that leases proxies. Every call may raise `ProviderError`."""

    @property
    def name(self) -> str:
        """What rows and operators call it; never changes."""
        ...

    async def lease(self, country: str) -> Leased:
        """Buy one proxy in that country.

        Raises `OutcomeUnknown` where it was possibly bought: then `list` and `settle`, never again.
        Every other error means that nothing was bought.
        """
        ...

    async def release(self, lease_id: str) -> None:
        """Give a proxy back; one that is not held any more counts as given back."""
        ...

    async def list(self) -> Sequence[Leased]:
        """Every proxy that is held there now: the provider's own word, or an error."""
        ...

    async def price(self) -> Decimal | None:
        """What one more proxy costs; None where nobody knows, and then none may be bought."""
        ...
