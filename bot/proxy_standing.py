"""How a proxy stands: whether it can be had, and whether somebody should look at it. Pure."""

from storage.proxies import Proxy
from userbot.proxies.causes import Cause


def is_gone(proxy: Proxy) -> bool:
    """Whether the provider has it back."""
    return proxy.lease is not None and proxy.lease.released_at is not None


def is_removed(proxy: Proxy) -> bool:
    """Whether no new account gets it, by an operator's word or a provider's."""
    return proxy.retired_at is not None or is_gone(proxy)


def is_releasing(proxy: Proxy) -> bool:
    """Whether it goes back to its provider soon."""
    return proxy.lease is not None and proxy.lease.release_at is not None


def is_for_accounts(proxy: Proxy) -> bool:
    """Whether accounts can get it."""
    return not (is_removed(proxy) or is_releasing(proxy) or proxy.is_guess)


def is_trouble(proxy: Proxy) -> bool:
    """Whether its last check failed, or found no kind for it."""
    is_unknown = proxy.is_guess and proxy.health is not None
    return not is_gone(proxy) and (proxy.is_sick or is_unknown)


def fault_in_words(fault: str) -> str:
    """Why a check failed, of what its row says."""
    try:
        return Cause(fault).words
    except ValueError:  # of another version
        return fault
