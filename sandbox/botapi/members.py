"""Who is what in a chat: `getChatMember`, `getChatAdministrators`, `getChatMemberCount`.

Source: core.telegram.org/bots/api#chatmember, the `process_get_chat_…_query` functions of
telegram-bot-api.
"""

from sandbox.botapi.chats import MANAGEMENT, PERMISSIONS, Json, user_object
from sandbox.botapi.errors import bad_request
from sandbox.botapi.parameters import Parameters
from sandbox.botapi.places import joined, readable
from sandbox.world import World
from sandbox.world.chats import Chat, Member, Standing
from sandbox.world.people import User

_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)
"""Of an administrator here: every right there is but to promote others."""


class BotMembers:
    """One bot's methods about the members of a chat."""

    def __init__(self, world: World, bot: User) -> None:
        self._world = world
        self._bot = bot

    def one(self, parameters: Parameters) -> Json:
        """`getChatMember`; somebody who never was there has left."""
        place = readable(self._world, self._bot, parameters)
        user_id = parameters.number("user_id")
        if user_id <= 0:
            raise bad_request("invalid user_id specified")
        user = self._world.people.by_id.get(user_id)
        if user is None:
            raise bad_request("user not found")
        if isinstance(place, Chat):
            return self._shown(place.members.get(user.id), user)
        if user.id not in {place.id, self._bot.id}:
            raise bad_request("user not found")
        return {"status": "member", "user": user_object(user)}

    def administrators(self, parameters: Parameters) -> list[Json]:
        """`getChatAdministrators`: without bots other than this one."""
        place = joined(self._world, self._bot, parameters)
        if not isinstance(place, Chat):
            raise bad_request("there are no administrators in the private chat")
        found = [
            (member, self._world.people.by_id[member.user_id])
            for member in place.members.values()
            if member.is_admin
        ]
        return [
            self._shown(member, user)
            for member, user in found
            if not user.is_bot or user.id == self._bot.id
        ]

    def count(self, parameters: Parameters) -> int:
        """`getChatMemberCount`."""
        place = readable(self._world, self._bot, parameters)
        return len(place.present()) if isinstance(place, Chat) else 2

    def _shown(self, member: Member | None, user: User) -> Json:
        standing = member.standing if member else Standing.LEFT
        said: Json = {"status": str(standing), "user": user_object(user)}
        match standing:
            case Standing.CREATOR:
                said["is_anonymous"] = False
            case Standing.ADMINISTRATOR:
                said |= {"can_be_edited": False, "is_anonymous": False}
                said |= dict.fromkeys(_RIGHTS, True) | {"can_promote_members": False}
            case Standing.RESTRICTED:
                said |= dict.fromkeys(
                    (*PERMISSIONS, *MANAGEMENT, "can_edit_tag", "can_react_to_messages"), False
                )
                said |= {"is_member": True, "until_date": 0}
            case Standing.KICKED:
                said["until_date"] = 0
            case Standing.MEMBER | Standing.LEFT:
                pass
        return said
