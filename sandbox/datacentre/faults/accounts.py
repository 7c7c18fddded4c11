"""Faults of accounts: banned, frozen, limited, or no longer logged in."""

from datetime import datetime, timedelta
from typing import Any, TypeVar

from typing_extensions import override

from sandbox.datacentre.dispatcher import Asked, RpcFailure
from sandbox.datacentre.faults.calls import CallFault
from sandbox.datacentre.faults.waits import WaitFaults
from sandbox.datacentre.input_peers import stated_id
from sandbox.world import World
from sandbox.world.chats import Chat
from sandbox.world.people import User

_WRITING = {
    "bots",
    "channels",
    "contacts",
    "messages",
    "payments",
    "phone",
    "photos",
    "stories",
}
"""Namespaces in which a frozen account may only read."""
FROZEN_FOR = timedelta(days=90)
"""After that Telegram deletes a frozen account."""
APPEAL_URL = "https://t.me/spambot"
_READS = ("check", "get", "read", "received", "resolve", "search")


class Denial(CallFault):
    """What needs a login gets a 401; the login itself is still there when this is lifted."""

    kind = "deny"

    def __init__(self, text: str, *, user_id: int | None, key_id: int | None) -> None:
        super().__init__("*", user_id=user_id, key_id=key_id)
        self.text = text

    @override
    def before(self, asked: Asked) -> None:
        if asked.needs_login:
            self.strike()
            raise RpcFailure(401, self.text)

    @override
    def details(self) -> dict[str, Any]:
        return {"text": self.text}


class Ban(CallFault):
    """Everything gets USER_DEACTIVATED_BAN, and the phone number no login code."""

    kind = "ban"

    def __init__(self, user: User) -> None:
        super().__init__("*", user_id=user.id)
        self._phone = user.phone

    @override
    def concerns(self, user_id: int | None, key_id: int | None) -> bool:
        return user_id is None or super().concerns(user_id, key_id)

    @override
    def applies(self, asked: Asked) -> bool:
        return asked.user_id == self.user_id or self._asks_for_phone(asked)

    @override
    def before(self, asked: Asked) -> None:
        self.strike()
        if asked.user_id == self.user_id:
            raise RpcFailure(401, "USER_DEACTIVATED_BAN")
        raise RpcFailure(400, "PHONE_NUMBER_BANNED")

    def _asks_for_phone(self, asked: Asked) -> bool:
        stated = getattr(asked.request, "phone_number", None) or ""
        return self._phone is not None and stated.lstrip("+").replace(" ", "") == self._phone


class FrozenAccount(CallFault):
    """The account can read, and change nothing; help.getAppConfig tells it since when."""

    kind = "freeze_account"

    def __init__(self, user_id: int, *, since: datetime, until: datetime, appeal_url: str) -> None:
        super().__init__("*", user_id=user_id)
        self.told: dict[str, int | str] = {
            "freeze_since_date": int(since.timestamp()),
            "freeze_until_date": int(until.timestamp()),
            "freeze_appeal_url": appeal_url,
        }

    @override
    def before(self, asked: Asked) -> None:
        namespace, _, name = asked.name.rpartition(".")
        if namespace in _WRITING and not name.startswith(_READS):
            self.strike()
            raise RpcFailure(420, "FROZEN_METHOD_INVALID")


class LimitedAccount(CallFault):
    """The account may write to those who have its number, to bots, and where others wrote first.

    Source: telegram.org/faq_spam. To others it gets PEER_FLOOD, in public groups
    USER_BANNED_IN_CHANNEL.
    """

    kind = "limit_account"

    def __init__(self, user_id: int, world: World) -> None:
        super().__init__("messages.send*", user_id=user_id)
        self._world = world

    @override
    def before(self, asked: Asked) -> None:
        user_id = asked.user_id or 0
        peer_id = stated_id(getattr(asked.request, "peer", None), user_id) or user_id
        match self._world.peer(peer_id):
            case Chat() as chat if chat.username:
                text = "USER_BANNED_IN_CHANNEL"
            case User() as person if not self._may_write(user_id, person):
                text = "PEER_FLOOD"
            case _:
                return
        self.strike()
        raise RpcFailure(400, text)

    def _may_write(self, user_id: int, person: User) -> bool:
        if person.is_bot or person.id == user_id:
            return True
        history = self._world.messages.history(user_id, person.id)
        has_number = self._world.people.has_contact(person.id, user_id)
        return has_number or any(message.sender_id == person.id for message in history)


D = TypeVar("D", Denial, Ban)


class AccountFaults(WaitFaults):
    def deny(
        self,
        user_id: int | None = None,
        text: str = "SESSION_REVOKED",
        *,
        key_id: int | None = None,
    ) -> Denial:
        """Answer 401 to what needs a login: SESSION_REVOKED, AUTH_KEY_UNREGISTERED, and so on.

        `DataCentre.revoke` ends a login for good.
        """
        return self._place_on(Denial(text, user_id=user_id, key_id=key_id))

    def ban(self, user_id: int) -> Ban:
        """USER_DEACTIVATED_BAN on everything that the account asks."""
        return self._place_on(Ban(self._dc.world.people.by_id[user_id]))

    def freeze_account(self, user_id: int, *, appeal_url: str = APPEAL_URL) -> FrozenAccount:
        """FROZEN_METHOD_INVALID on what would write (core.telegram.org/api/auth#frozen-accounts)."""
        now = self._dc.now()
        fault = FrozenAccount(user_id, since=now, until=now + FROZEN_FOR, appeal_url=appeal_url)
        return self.place(fault)

    def told_frozen(self, user_id: int) -> FrozenAccount | None:
        """The freeze of that account, where it is frozen."""
        return self.first(FrozenAccount, user_id)

    def limit_account(self, user_id: int) -> LimitedAccount:
        """PEER_FLOOD on messages to people who do not have the account's number."""
        return self.place(LimitedAccount(user_id, self._dc.world))

    def _place_on(self, fault: D) -> D:
        """The fault also ends the updates of those whom it concerns."""
        for connection in self._dc.open_connections():
            if connection.user_id is not None and fault.concerns(
                connection.user_id, connection.key_id
            ):
                for session in connection.sessions.values():
                    self._dc.feeds.leave(session)
        return self.place(fault)
