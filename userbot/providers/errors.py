"""What can go wrong at a provider, and what it calls for.

ProviderError
├── OutOfStock        it has none in that country: take another country
├── Refused           bad key, zone, customer or country: an operator must mend the settings
├── Busy              too many requests: again after `retry_after_s`
├── Down              it fails or can't be reached; nothing happened there, or it may be repeated
└── OutcomeUnknown    a purchase may have taken effect: never repeat it, settle it

None of them, and nothing in them, holds a secret.
"""


class ProviderError(Exception):
    """Base of what a provider raises. `provider` is its name."""

    def __init__(self, provider: str, reason: str) -> None:
        super().__init__(f"{provider}: {reason}")
        self.provider = provider
        self.reason = reason


class OutOfStock(ProviderError):
    """The provider has no proxy in `country` for us; nothing was bought."""

    def __init__(self, provider: str, country: str) -> None:
        super().__init__(provider, f"there is no proxy in {country} to be had")
        self.country = country


class Refused(ProviderError):
    """The provider rejects what we are or ask for; nothing happened, and asking again is no use."""


class Busy(ProviderError):
    """The provider wants fewer requests; nothing happened. Ask again after `retry_after_s`."""

    def __init__(self, provider: str, retry_after_s: float) -> None:
        super().__init__(provider, f"it wants no requests for {retry_after_s:g} s")
        self.retry_after_s = retry_after_s


class Down(ProviderError):
    """The provider fails or can't be reached. Repeating the call does no harm."""


class OutcomeUnknown(ProviderError):
    """No answer came to a purchase that was possibly made. Settle it (`purchasing`) before any other."""
