"""The one world behind the data centre, the Bot API, the control API and the page."""

from collections.abc import Callable
from datetime import UTC, datetime

from sandbox.world.automatic import with_automatic
from sandbox.world.logins import LoginCode, Logins
from sandbox.world.messages import Content, Entity, Message, Messages
from sandbox.world.people import TELEGRAM_ID, People
from sandbox.world.presses import Presses


def _utc_now() -> datetime:
    return datetime.now(UTC)


class World:
    """All state of the sandbox. Synchronous, single-threaded; servers call it and listen to it."""

    def __init__(self, now: Callable[[], datetime] = _utc_now) -> None:
        self.now = now
        self.people = People()
        self.messages = Messages(now)
        self.logins = Logins(now)
        self.presses = Presses()
        self._started: set[tuple[int, int]] = set()
        self._blocked: set[tuple[int, int]] = set()

    def say(
        self,
        sender_id: int,
        peer_id: int,
        content: Content,
        *,
        random_id: int | None = None,
        reply_to_id: int = 0,
    ) -> tuple[Message, bool]:
        """Send a private message. A person who writes to a bot has thereby started it.

        Commands, mentions and links in the text become entities, as at Telegram.
        """
        message, is_new = self.messages.send(
            sender_id,
            peer_id,
            with_automatic(content),
            random_id=random_id,
            reply_to_id=reply_to_id,
        )
        if self.people.by_id[peer_id].is_bot:
            self._started.add((sender_id, peer_id))
            self._blocked.discard((sender_id, peer_id))
        return message, is_new

    def edit(self, message: Message, content: Content) -> bool:
        """Replace what a message says; False, and nothing happens, where it says just that."""
        content = with_automatic(content)
        if content == message.content:
            return False
        self.messages.edit(message, content)
        return True

    def has_started(self, user_id: int, bot_id: int) -> bool:
        """Whether the bot may write to this person (a bot can't write first)."""
        return (user_id, bot_id) in self._started

    def block(self, user_id: int, peer_id: int) -> None:
        """That user blocks the peer: a bot's messages are refused with 403."""
        self._blocked.add((user_id, peer_id))

    def has_blocked(self, user_id: int, peer_id: int) -> bool:
        return (user_id, peer_id) in self._blocked

    def send_login_code(self, phone: str) -> LoginCode:
        """Issue a code and, where the number has an account, tell it in the 777000 chat."""
        code = self.logins.issue_code(phone.lstrip("+"))
        if user := self.people.with_phone(phone):
            lead = "Login code: "
            text = f"{lead}{code.code}. Do not give this code to anyone."
            bold = Entity("bold", len(lead), len(code.code))
            self.messages.send(TELEGRAM_ID, user.id, Content(text, (bold,)))
        return code
