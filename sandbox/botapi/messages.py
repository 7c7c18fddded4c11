"""The methods about messages: send, edit, delete, and answers to presses.

Source: the `process_…_query` functions of telegram-bot-api, and core.telegram.org/bots/api.
"""

from datetime import timedelta

from sandbox.botapi.errors import bad_request, forbidden
from sandbox.botapi.formatting import formatted_text
from sandbox.botapi.keyboards import inline_markup, reply_markup
from sandbox.botapi.objects import Json, full_chat_object, message_object
from sandbox.botapi.parameters import Parameters
from sandbox.world import World
from sandbox.world.messages import Content, Message
from sandbox.world.people import User
from sandbox.world.presses import Answer

DELETABLE_FOR = timedelta(hours=48)
MAX_DELETED_AT_ONCE = 100
MAX_ANSWER_LENGTH = 200
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
_UNNAMED = "message identifier is not specified"
_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}


class BotMessages:
    """One bot's methods about messages and chats. Every one raises `Refusal` or answers."""

    def __init__(self, world: World, bot: User) -> None:
        self._world = world
        self._bot = bot

    def send(self, parameters: Parameters) -> Json:
        """`sendMessage`."""
        user = self._writable(parameters)
        text, entities = formatted_text(parameters, self._world)
        markup = reply_markup(parameters)
        reply_to_id = self._reply_to(parameters, user)
        content = Content(text, entities, markup)
        message, _ = self._world.say(self._bot.id, user.id, content, reply_to_id=reply_to_id)
        return message_object(self._world, message)

    def edit_text(self, parameters: Parameters) -> Json:
        """`editMessageText`; without a markup the keyboard goes."""
        message = self._editable(parameters)
        text, entities = formatted_text(parameters, self._world)
        return self._edit(message, Content(text, entities, inline_markup(parameters)))

    def edit_markup(self, parameters: Parameters) -> Json:
        """`editMessageReplyMarkup`."""
        message = self._editable(parameters)
        old = message.content
        return self._edit(message, Content(old.text, old.entities, inline_markup(parameters)))

    def delete(self, parameters: Parameters) -> bool:
        """`deleteMessage`: the bot's own and the person's alike, for both sides."""
        chat_id = self._chat(parameters).id
        message_id = parameters.number("message_id")
        if not message_id:
            raise bad_request(_UNNAMED)
        message = self._message(chat_id, message_id)
        if message is None:
            raise bad_request("message to delete not found")
        if self._world.now() - message.date > DELETABLE_FOR:
            raise bad_request("message can't be deleted for everyone")
        self._world.messages.delete(self._bot.id, [message.id], revoke=True)
        return True

    def delete_many(self, parameters: Parameters) -> bool:
        """`deleteMessages`: what is not found or too old is skipped."""
        chat_id = self._chat(parameters).id
        raw = parameters.parsed("message_ids", "can't parse message identifiers JSON object")
        if raw is None:
            raise bad_request("message identifiers are not specified")
        if not isinstance(raw, list) or not all(isinstance(i, int) for i in raw):
            raise bad_request("can't parse message identifiers: expected an Array of Number")
        if len(raw) > MAX_DELETED_AT_ONCE:
            raise bad_request("too many message identifiers specified")
        oldest = self._world.now() - DELETABLE_FOR
        found = [m for i in raw if (m := self._message(chat_id, i)) and m.date >= oldest]
        self._world.messages.delete(self._bot.id, [m.id for m in found], revoke=True)
        return True

    def answer_press(self, parameters: Parameters) -> bool:
        """`answerCallbackQuery`: once, and only for this bot's own presses."""
        text = parameters.text("text")
        if len(text) > MAX_ANSWER_LENGTH:
            raise bad_request("MESSAGE_TOO_LONG")
        answer = Answer(text, parameters.flag("show_alert"), parameters.text("url"))
        press_id = parameters.text("callback_query_id")
        if not self._world.presses.answer(self._bot.id, press_id, answer):
            raise bad_request(_TOO_OLD)
        return True

    def chat_action(self, parameters: Parameters) -> bool:
        """`sendChatAction`; nothing shows it here."""
        self._writable(parameters)
        if parameters.text("action").lower() not in _ACTIONS:
            raise bad_request("wrong parameter action in request")
        return True

    def chat(self, parameters: Parameters) -> Json:
        """`getChat`."""
        return full_chat_object(self._chat(parameters))

    def _chat(self, parameters: Parameters) -> User:
        """The person behind `chat_id`, whom the bot has met.

        A `@username` finds channels and groups only, never a person, so it finds nothing here.
        """
        text = parameters.text("chat_id").strip()
        if not text:
            raise bad_request("chat_id is empty")
        user = self._world.people.by_id.get(parameters.number("chat_id"))
        if text.startswith("@") or user is None or user.id == self._bot.id:
            raise bad_request("chat not found")
        return user

    def _writable(self, parameters: Parameters) -> User:
        user = self._chat(parameters)
        if user.is_bot:
            raise forbidden("bot can't send messages to bots")
        if self._world.has_blocked(user.id, self._bot.id):
            raise forbidden("bot was blocked by the user")
        if not self._world.has_started(user.id, self._bot.id):
            raise forbidden("bot can't initiate conversation with a user")
        return user

    def _message(self, chat_id: int, message_id: int) -> Message | None:
        message = self._world.messages.get(self._bot.id, message_id)
        return message if message and message.chat_id == chat_id else None

    def _editable(self, parameters: Parameters) -> Message:
        """The bot's own message, with an inline keyboard or none; others Telegram won't edit."""
        message_id = parameters.number("message_id")
        if not parameters.has("chat_id") and not message_id:
            raise bad_request(_UNNAMED)
        message = self._message(self._chat(parameters).id, message_id)
        if message is None:
            raise bad_request("message to edit not found")
        markup = message.content.markup
        if not message.is_outgoing or (markup and "inline_keyboard" not in markup):
            raise bad_request("message can't be edited")
        return message

    def _edit(self, message: Message, content: Content) -> Json:
        if not self._world.edit(message, content):
            raise bad_request(_NOT_MODIFIED)
        return message_object(self._world, message)

    def _reply_to(self, parameters: Parameters, user: User) -> int:
        """The id of the message to answer; 0 for none."""
        refusal = "can't parse reply parameters JSON object"
        raw = parameters.parsed("reply_parameters", refusal)
        if raw is None and parameters.has("reply_to_message_id"):
            raw = {
                "message_id": parameters.number("reply_to_message_id"),
                "allow_sending_without_reply": parameters.flag("allow_sending_without_reply"),
            }
        if raw is None:
            return 0
        if not isinstance(raw, dict) or not isinstance(raw.get("message_id"), int):
            raise bad_request(refusal)
        if self._message(user.id, raw["message_id"]):
            return int(raw["message_id"])
        if raw.get("allow_sending_without_reply"):
            return 0
        raise bad_request("message to be replied not found")
