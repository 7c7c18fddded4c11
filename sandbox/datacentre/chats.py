"""Groups and channels as TL objects, as one user sees them: core.telegram.org/api/channel."""

from collections.abc import Iterable
from datetime import UTC, datetime

from telethon.tl import types

from sandbox.datacentre.tl import TL
from sandbox.world import World
from sandbox.world.chats import Chat, ChatKind, Standing, bare_id, is_channel

_FOR_EVER = datetime.fromtimestamp(0, UTC)


def chats(world: World, ids: Iterable[int], viewer_id: int) -> list[TL]:
    """TL chats for those of the ids that are chats', each once."""
    found = (world.chats.by_id.get(peer_id) for peer_id in sorted(set(ids)))
    return [chat(each, viewer_id) for each in found if each]


def chat(shown: Chat, viewer_id: int) -> TL:
    """A TL chat or channel; a forbidden one to those who may not see into it."""
    if shown.shares_box:
        return _channel(shown, viewer_id)
    if shown.is_banned(viewer_id):
        return types.ChatForbidden(shown.bare_id, shown.title)
    return types.Chat(
        id=shown.bare_id,
        title=shown.title,
        photo=types.ChatPhotoEmpty(),
        participants_count=len(shown.present()),
        date=shown.created_at,
        version=1,
        left=not shown.has(viewer_id) or None,
        **_rights(shown, viewer_id),
    )


def peer(peer_id: int) -> TL:
    """The TL peer with that id."""
    if peer_id > 0:
        return types.PeerUser(peer_id)
    kind = types.PeerChannel if is_channel(peer_id) else types.PeerChat
    return kind(bare_id(peer_id))


def _channel(shown: Chat, viewer_id: int) -> TL:
    is_broadcast = shown.kind is ChatKind.CHANNEL
    sort = {"broadcast": is_broadcast or None, "megagroup": not is_broadcast or None}
    if not shown.can_be_read_by(viewer_id):
        return types.ChannelForbidden(shown.bare_id, shown.access_hash, shown.title, **sort)
    member = shown.members.get(viewer_id)
    is_restricted = member is not None and member.standing is Standing.RESTRICTED
    return types.Channel(
        id=shown.bare_id,
        title=shown.title,
        photo=types.ChatPhotoEmpty(),
        date=member.joined_at if member else shown.created_at,
        left=not shown.has(viewer_id) or None,
        slowmode_enabled=bool(shown.slow_mode_s) or None,
        access_hash=shown.access_hash,
        username=shown.username,
        banned_rights=_banned() if is_restricted else None,
        participants_count=len(shown.present()),
        **sort,
        **_rights(shown, viewer_id),
    )


def _rights(shown: Chat, viewer_id: int) -> dict[str, TL]:
    member = shown.members.get(viewer_id)
    is_creator = member is not None and member.standing is Standing.CREATOR
    admin = types.ChatAdminRights(
        change_info=True, post_messages=True, edit_messages=True, delete_messages=True
    )
    return {
        "creator": is_creator or None,
        "admin_rights": admin if shown.is_admin(viewer_id) else None,
        "default_banned_rights": _banned(is_banned=shown.only_admins_write),
    }


def _banned(*, is_banned: bool = True) -> TL:
    return types.ChatBannedRights(_FOR_EVER, send_messages=is_banned or None)
