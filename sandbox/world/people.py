"""Users and bots, and how they are found."""

import secrets
from dataclasses import dataclass, field

TELEGRAM_ID = 777000
"""The service account that sends login codes (Telegram's own id for it)."""


@dataclass(slots=True)
class User:
    """A person or a bot. `id` is the Bot API's and MTProto's user id alike."""

    id: int
    first_name: str
    last_name: str = ""
    username: str | None = None
    phone: str | None = None
    """Digits only, as MTProto writes it: no plus sign."""
    is_bot: bool = False
    token: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    """The two-step verification password, where one is set."""
    password_hint: str = field(default="", repr=False)
    reads_all: bool = False
    """Of a bot: whether it gets every message of its groups (privacy mode is off)."""
    dc_id: int | None = None
    """The data centre that keeps them; None: whichever they come to."""
    access_hash: int = field(default_factory=lambda: secrets.randbits(62), repr=False)


class PhoneTaken(ValueError):
    """That phone number or username has an owner already."""


class People:
    """Every user and bot, by id, phone, username and token."""

    def __init__(self) -> None:
        self.by_id: dict[int, User] = {}
        self._by_phone: dict[str, User] = {}
        self._by_username: dict[str, User] = {}
        self._by_token: dict[str, User] = {}
        self._reserved: set[str] = set()
        """Usernames of groups and channels, in lower case."""
        self._contacts: dict[int, dict[int, None]] = {}
        self._next_id = 5_000_000_001
        self.add(User(TELEGRAM_ID, "Telegram", phone="42777"))

    def create(
        self,
        first_name: str,
        *,
        phone: str | None = None,
        username: str | None = None,
        password: str | None = None,
        last_name: str = "",
    ) -> User:
        """Add a person; ids are given in order. `PhoneTaken` if phone or username is in use."""
        user = User(
            self._next_id,
            first_name,
            last_name,
            username,
            phone.lstrip("+") if phone else None,
            password=password,
        )
        self.add(user)
        self._next_id += 1
        return user

    def create_bot(self, token: str, username: str, first_name: str) -> User:
        """Add a bot; its id is the number before the colon of its token, as at Telegram."""
        bot = User(
            int(token.partition(":")[0]), first_name, username=username, is_bot=True, token=token
        )
        self.add(bot)
        return bot

    def add(self, user: User) -> None:
        name = user.username.lower() if user.username else None
        if user.phone in self._by_phone or name in self._by_username or name in self._reserved:
            raise PhoneTaken(user.phone or user.username)
        self.by_id[user.id] = user
        if user.phone:
            self._by_phone[user.phone] = user
        if name:
            self._by_username[name] = user
        if user.token:
            self._by_token[user.token] = user

    def with_phone(self, phone: str) -> User | None:
        return self._by_phone.get(phone.lstrip("+").replace(" ", ""))

    def with_username(self, username: str) -> User | None:
        return self._by_username.get(username.lstrip("@").lower())

    def with_token(self, token: str) -> User | None:
        return self._by_token.get(token)

    def reserve(self, username: str) -> None:
        """A group or channel takes that username. `PhoneTaken` if it is in use."""
        name = username.lower()
        if name in self._by_username or name in self._reserved:
            raise PhoneTaken(username)
        self._reserved.add(name)

    def add_contact(self, owner_id: int, contact_id: int) -> None:
        """The owner saves the other's number."""
        self._contacts.setdefault(owner_id, {})[contact_id] = None

    def contacts(self, owner_id: int) -> list[int]:
        """Whose numbers the owner has saved, in that order."""
        return list(self._contacts.get(owner_id, ()))

    def has_contact(self, owner_id: int, contact_id: int) -> bool:
        return contact_id in self._contacts.get(owner_id, ())
