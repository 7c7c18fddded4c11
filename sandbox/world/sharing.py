"""What people pass on: contacts, and messages of others."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Contact:
    """A shared contact: core.telegram.org/bots/api#contact."""

    phone: str
    first_name: str
    last_name: str = ""
    user_id: int = 0
    """Whose number it is, where Telegram knows; else 0."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who wrote a forwarded message first (core.telegram.org/bots/api#messageorigin)."""

    date: datetime
    peer_id: int = 0
    """A user, or a chat in whose name it was sent; 0 where the name is all that is told."""
    name: str = ""
    """The name of a user who hides the account in forwards."""
    message_id: int = 0
    """Of a post, in its channel."""
