"""The one world behind the data centre, the Bot API, the control API and the page."""

from collections.abc import Callable
from datetime import UTC, datetime

from sandbox.world.automatic import with_automatic
from sandbox.world.chats import Chat, Chats, is_channel
from sandbox.world.files import Files
from sandbox.world.logins import LoginCode, Logins
from sandbox.world.messages import Content, Entity, Message, Messages
from sandbox.world.people import TELEGRAM_ID, People, User
from sandbox.world.presses import Presses
from sandbox.world.sharing import Origin
from sandbox.world.timeline import EventKind, Timeline


def _utc_now() -> datetime:
    return datetime.now(UTC)


class World:
    """All state of the sandbox. Synchronous, single-threaded; servers call it and listen to it."""

    def __init__(self, now: Callable[[], datetime] = _utc_now) -> None:
        self.now = now
        self.people = People()
        self.chats = Chats(self.people, now)
        self.messages = Messages(now)
        self.files = Files(now)
        self.logins = Logins(now)
        self.presses = Presses()
        self.timeline = Timeline(now)
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
        is_silent: bool = False,
        origin: Origin | None = None,
    ) -> tuple[Message, bool]:
        """Send a message to a person, a group or a channel; the caller has checked that it may be.

        A person who writes to a bot has thereby started it. Commands, mentions and links in the
        text become entities, as at Telegram.
        """
        message, is_new = self.messages.send(
            sender_id,
            peer_id,
            with_automatic(content),
            boxes=self._boxes(sender_id, peer_id),
            random_id=random_id,
            reply_to_id=reply_to_id,
            is_silent=is_silent,
            origin=origin,
        )
        if chat := self.chats.by_id.get(peer_id):
            if is_new and (member := chat.members.get(sender_id)):
                member.wrote_at = message.date
        elif self.people.by_id[peer_id].is_bot:
            self._started.add((sender_id, peer_id))
            self._blocked.discard((sender_id, peer_id))
        if is_new:
            self._note_message(sender_id, peer_id)
        return message, is_new

    def _note_message(self, sender_id: int, peer_id: int) -> None:
        """What bots write and are told is seen in their chats."""
        sender, peer = self.people.by_id[sender_id], self.peer(peer_id)
        if peer is None or sender.is_bot or (isinstance(peer, User) and peer.is_bot):
            return
        where = f"in {peer.title}" if isinstance(peer, Chat) else f"to {peer.first_name}"
        about = (sender_id, peer_id) if peer_id > 0 else (sender_id,)
        self.timeline.note(EventKind.MESSAGE, f"{sender.first_name} wrote {where}", *about)

    def peer(self, peer_id: int) -> User | Chat | None:
        """Who or what has that id."""
        return self.people.by_id.get(peer_id) or self.chats.by_id.get(peer_id)

    def named(self, username: str) -> User | Chat | None:
        """Who or what has that username."""
        return self.people.with_username(username) or self.chats.with_username(username)

    def _boxes(self, sender_id: int, peer_id: int) -> list[int]:
        """Whose boxes get a copy, the one that the sender reads first."""
        if is_channel(peer_id):
            return [peer_id]
        if peer_id < 0:
            return [sender_id, *(i for i in self.chats.by_id[peer_id].present() if i != sender_id)]
        return []

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
        """That user blocks the peer: neither writes to the other any more."""
        self._blocked.add((user_id, peer_id))

    def unblock(self, user_id: int, peer_id: int) -> None:
        self._blocked.discard((user_id, peer_id))

    def has_blocked(self, user_id: int, peer_id: int) -> bool:
        return (user_id, peer_id) in self._blocked

    def send_login_code(self, phone: str) -> LoginCode:
        """Issue a code and, where the number has an account, tell it in the 777000 chat."""
        code, user = self.logins.issue_code(phone.lstrip("+")), self.people.with_phone(phone)
        whom = user.first_name if user else f"+{code.phone}, who has no account"
        about = user.id if user else None
        self.timeline.note(EventKind.CODE, f"A login code was sent to {whom}", about)
        if user:
            lead = "Login code: "
            text = f"{lead}{code.code}. Do not give this code to anyone."
            bold = Entity("bold", len(lead), len(code.code))
            self.messages.send(TELEGRAM_ID, user.id, Content(text, (bold,)))
        return code
