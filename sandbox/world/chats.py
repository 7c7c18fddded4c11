"""Groups and channels, and who may do what in them.

Source: core.telegram.org/api/channel, core.telegram.org/api/rights. Ids are the Bot API's: negative,
those of supergroups and channels below -10^12 (core.telegram.org/api/bots/ids).
"""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sandbox.world.people import People

_FIRST_CHANNEL = -1_000_000_000_000


class ChatKind(StrEnum):
    """The Bot API's names."""

    GROUP = "group"
    """A basic group: each member has a copy of every message, with an id of its own."""
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"
    """Only its administrators post, and in its name."""


class Standing(StrEnum):
    """What a user is in a chat, by the Bot API's names."""

    CREATOR = "creator"
    ADMINISTRATOR = "administrator"
    MEMBER = "member"
    RESTRICTED = "restricted"
    """A member who may not write."""
    LEFT = "left"
    KICKED = "kicked"
    """Banned: removed, and may not come back."""


_PRESENT = {Standing.CREATOR, Standing.ADMINISTRATOR, Standing.MEMBER, Standing.RESTRICTED}
_ADMINS = {Standing.CREATOR, Standing.ADMINISTRATOR}


class NoWriting(StrEnum):
    """Why somebody may not write in a chat."""

    NOT_A_MEMBER = "not a member of this chat"
    BANNED = "banned from this chat"
    RESTRICTED = "restricted: may read, and not write"
    ADMINS_ONLY = "only administrators may write here"
    POSTS_ONLY = "only administrators may post in a channel"


@dataclass(slots=True)
class Member:
    user_id: int
    standing: Standing
    joined_at: datetime
    wrote_at: datetime | None = None
    """When they wrote last; slow mode counts from there."""

    @property
    def is_present(self) -> bool:
        return self.standing in _PRESENT

    @property
    def is_admin(self) -> bool:
        return self.standing in _ADMINS


@dataclass(slots=True)
class Chat:
    """A group, a supergroup or a channel."""

    id: int
    kind: ChatKind
    title: str
    created_at: datetime
    username: str | None = None
    """With one it is public."""
    members: dict[int, Member] = field(default_factory=dict)
    """Also those who left or were banned."""
    only_admins_write: bool = False
    slow_mode_s: int = 0
    upgraded_to: int = 0
    """The supergroup that this basic group has become; nobody writes here any more."""
    access_hash: int = field(default_factory=lambda: secrets.randbits(62), repr=False)

    @property
    def bare_id(self) -> int:
        """The id in MTProto."""
        return bare_id(self.id)

    @property
    def shares_box(self) -> bool:
        """Whether its messages lie in one box for all."""
        return self.kind is not ChatKind.GROUP

    def present(self) -> list[int]:
        """The ids of all who are in it."""
        return [member.user_id for member in self.members.values() if member.is_present]

    def has(self, user_id: int) -> bool:
        member = self.members.get(user_id)
        return member is not None and member.is_present

    def is_admin(self, user_id: int) -> bool:
        member = self.members.get(user_id)
        return member is not None and member.is_admin

    def is_banned(self, user_id: int) -> bool:
        member = self.members.get(user_id)
        return member is not None and member.standing is Standing.KICKED

    def can_be_read_by(self, user_id: int) -> bool:
        """Its members read it, and all who are not banned from it if it is public."""
        return self.has(user_id) or (self.username is not None and not self.is_banned(user_id))

    def refusal(self, user_id: int) -> NoWriting | None:
        """Why that user may not write here, slow mode apart; None where they may."""
        if self.upgraded_to:
            return NoWriting.NOT_A_MEMBER
        member = self.members.get(user_id)
        if member is None or not member.is_present:
            return NoWriting.BANNED if self.is_banned(user_id) else NoWriting.NOT_A_MEMBER
        if member.is_admin:
            return None
        if self.kind is ChatKind.CHANNEL:
            return NoWriting.POSTS_ONLY
        if member.standing is Standing.RESTRICTED:
            return NoWriting.RESTRICTED
        return NoWriting.ADMINS_ONLY if self.only_admins_write else None

    def slow_until(self, user_id: int) -> datetime | None:
        """When slow mode lets that user write again; administrators it does not hold up."""
        member = self.members.get(user_id)
        if not self.slow_mode_s or member is None or member.is_admin or member.wrote_at is None:
            return None
        return member.wrote_at + timedelta(seconds=self.slow_mode_s)


class CantBe(ValueError):
    """What was asked of a chat is not possible at Telegram; the text says why."""


class Chats:
    """Every group and channel, by id and username."""

    def __init__(self, people: People, now: Callable[[], datetime]) -> None:
        self._people = people
        self._now = now
        self.by_id: dict[int, Chat] = {}
        self._by_username: dict[str, Chat] = {}
        self._next_number = 1_500_000_001

    def create(
        self,
        kind: ChatKind,
        title: str,
        creator_id: int,
        *,
        username: str | None = None,
        members: Iterable[int] = (),
    ) -> Chat:
        """Make one. `PhoneTaken` if the username is in use; basic groups have none (`CantBe`)."""
        if username and kind is ChatKind.GROUP:
            raise CantBe("a basic group has no username")
        if username:
            self._people.reserve(username)
        number, self._next_number = self._next_number, self._next_number + 1
        chat_id = -number if kind is ChatKind.GROUP else _FIRST_CHANNEL - number
        chat = self.by_id[chat_id] = Chat(chat_id, kind, title, self._now(), username)
        if username:
            self._by_username[username.lower()] = chat
        self.put(chat, creator_id, Standing.CREATOR)
        for user_id in members:
            self.put(chat, user_id, Standing.MEMBER)
        return chat

    def upgrade(self, group: Chat) -> Chat:
        """Go on as a supergroup with the same members (core.telegram.org/api/channel#migration)."""
        if group.kind is not ChatKind.GROUP or group.upgraded_to:
            raise CantBe("only a basic group becomes a supergroup, and only once")
        creator, *others = group.members.values()
        made = self.create(ChatKind.SUPERGROUP, group.title, creator.user_id)
        for member in others:
            self.put(made, member.user_id, member.standing)
        group.upgraded_to = made.id
        return made

    def with_username(self, username: str) -> Chat | None:
        return self._by_username.get(username.lstrip("@").lower())

    def of(self, user_id: int) -> list[Chat]:
        """The chats in which that user is."""
        return [chat for chat in self.by_id.values() if chat.has(user_id)]

    def put(self, chat: Chat, user_id: int, standing: Standing) -> Member:
        """Give a user that standing: bring in, promote, restrict, remove or ban."""
        if standing is Standing.RESTRICTED and chat.kind is not ChatKind.SUPERGROUP:
            raise CantBe(
                f"single members are restricted in supergroups only, not in a {chat.kind}"
            )
        member = chat.members.get(user_id)
        if member is None:
            member = chat.members[user_id] = Member(user_id, standing, self._now())
        if standing in _PRESENT and not member.is_present:
            member.joined_at = self._now()
        member.standing = standing
        return member


def bare_id(chat_id: int) -> int:
    """The MTProto id of a group or channel."""
    return _FIRST_CHANNEL - chat_id if is_channel(chat_id) else -chat_id


def channel_id(bare: int) -> int:
    """The Bot API's id of a supergroup or channel, from the MTProto one."""
    return _FIRST_CHANNEL - bare


def is_channel(peer_id: int) -> bool:
    """Whether that is the id of a supergroup or channel."""
    return peer_id < _FIRST_CHANNEL


def box_of(viewer_id: int, peer_id: int) -> int:
    """The owner of the box in which that viewer finds what was said in that chat."""
    return peer_id if is_channel(peer_id) else viewer_id
