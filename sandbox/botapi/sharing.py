"""What a message passes on: core.telegram.org/bots/api#messageorigin and #contact."""

from sandbox.botapi.chats import Json, chat_object, user_object
from sandbox.world import World
from sandbox.world.chats import Chat, ChatKind
from sandbox.world.people import User
from sandbox.world.sharing import Contact, Origin


def origin_object(world: World, origin: Origin) -> Json:
    """`user`, `hidden_user`, `chat` or `channel`."""
    date = int(origin.date.timestamp())
    match world.peer(origin.peer_id):
        case Chat() as chat if chat.kind is ChatKind.CHANNEL:
            where = {"chat": chat_object(chat), "message_id": origin.message_id}
            return {"type": "channel", "date": date, **where}
        case Chat() as chat:
            return {"type": "chat", "date": date, "sender_chat": chat_object(chat)}
        case User() as user:
            return {"type": "user", "date": date, "sender_user": user_object(user)}
        case None:
            return {"type": "hidden_user", "date": date, "sender_user_name": origin.name}


def contact_object(contact: Contact) -> Json:
    optional = {"last_name": contact.last_name, "user_id": contact.user_id}
    return {
        "phone_number": contact.phone,
        "first_name": contact.first_name,
        **{name: value for name, value in optional.items() if value},
    }
