"""The methods about messages: send, edit, delete, and answers to presses.

Source: the `process_…_query` functions of telegram-bot-api, and core.telegram.org/bots/api.
"""

from dataclasses import replace
from datetime import timedelta

from sandbox.botapi.chats import Json, full_chat_object
from sandbox.botapi.errors import bad_request
from sandbox.botapi.formatting import formatted_text
from sandbox.botapi.keyboards import inline_markup, reply_markup
from sandbox.botapi.objects import message_object
from sandbox.botapi.parameters import Parameters, integer
from sandbox.botapi.places import joined, readable, writable
from sandbox.world import World
from sandbox.world.chats import Chat, box_of
from sandbox.world.messages import Content, Message
from sandbox.world.people import User
from sandbox.world.presses import Answer
from sandbox.world.sharing import Origin

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
        place = self._writable(parameters)
        text, entities = formatted_text(parameters, self._world)
        markup = reply_markup(parameters)
        content = Content(text, entities, markup, has_no_preview=_has_no_preview(parameters))
        return message_object(self._world, self._say(parameters, place, content))

    def edit_text(self, parameters: Parameters) -> Json:
        """`editMessageText`; without a markup the keyboard goes."""
        message = self._editable(parameters)
        if message.content.attachment is not None:
            raise bad_request("there is no text in the message to edit")
        text, entities = formatted_text(parameters, self._world)
        markup, no_preview = inline_markup(parameters), _has_no_preview(parameters)
        return self._edit(message, Content(text, entities, markup, has_no_preview=no_preview))

    def edit_markup(self, parameters: Parameters) -> Json:
        """`editMessageReplyMarkup`."""
        message = self._editable(parameters)
        return self._edit(message, replace(message.content, markup=inline_markup(parameters)))

    def delete(self, parameters: Parameters) -> bool:
        """`deleteMessage`, for all: in private chats everything, in groups the bot's own.

        Administrators of a group may delete what others wrote.
        """
        chat_id = self._chat(parameters).id
        message_id = parameters.number("message_id")
        if not message_id:
            raise bad_request(_UNNAMED)
        message = self._message(chat_id, message_id)
        if message is None:
            raise bad_request("message to delete not found")
        if not self._is_deletable(message):
            raise bad_request("message can't be deleted for everyone")
        self._world.messages.delete(message.owner_id, [message.id], revoke=True)
        return True

    def delete_many(self, parameters: Parameters) -> bool:
        """`deleteMessages`: what is not found or can't be deleted is skipped."""
        chat_id = self._chat(parameters).id
        raw = parameters.parsed("message_ids", "can't parse message identifiers JSON object")
        if raw is None:
            raise bad_request("message identifiers are not specified")
        ids = [integer(item) for item in raw] if isinstance(raw, list) else [None]
        if None in ids:
            raise bad_request("can't parse message identifiers: expected an Array of Number")
        if len(ids) > MAX_DELETED_AT_ONCE:
            raise bad_request("too many message identifiers specified")
        messages = (self._message(chat_id, i) for i in ids if i is not None)
        found = [m for m in messages if m and self._is_deletable(m)]
        box = box_of(self._bot.id, chat_id)
        self._world.messages.delete(box, [m.id for m in found], revoke=True)
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
        return full_chat_object(readable(self._world, self._bot, parameters))

    def _chat(self, parameters: Parameters) -> User | Chat:
        return joined(self._world, self._bot, parameters)

    def _writable(self, parameters: Parameters) -> User | Chat:
        return writable(self._world, self._bot, parameters)

    def _message(self, chat_id: int, message_id: int) -> Message | None:
        message = self._world.messages.get(box_of(self._bot.id, chat_id), message_id)
        return message if message and message.chat_id == chat_id else None

    def _is_deletable(self, message: Message) -> bool:
        chat = self._world.chats.by_id.get(message.chat_id)
        is_young = self._world.now() - message.date <= DELETABLE_FOR
        if chat is None:
            return is_young
        return chat.is_admin(self._bot.id) or (is_young and message.sender_id == self._bot.id)

    def _editable(self, parameters: Parameters) -> Message:
        """The bot's own message, with an inline keyboard or none; others Telegram won't edit."""
        message_id = parameters.number("message_id")
        if not parameters.has("chat_id") and not message_id:
            raise bad_request(_UNNAMED)
        message = self._message(self._chat(parameters).id, message_id)
        if message is None:
            raise bad_request("message to edit not found")
        markup = message.content.markup
        if message.sender_id != self._bot.id or (markup and "inline_keyboard" not in markup):
            raise bad_request("message can't be edited")
        return message

    def _say(
        self,
        parameters: Parameters,
        place: User | Chat,
        content: Content,
        origin: Origin | None = None,
    ) -> Message:
        """Send it as the request wants it: in answer to something, or silently."""
        message, _ = self._world.say(
            self._bot.id,
            place.id,
            content,
            reply_to_id=self._reply_to(parameters, place),
            is_silent=parameters.flag("disable_notification"),
            origin=origin,
        )
        return message

    def _edit(self, message: Message, content: Content) -> Json:
        if not self._world.edit(message, content):
            raise bad_request(_NOT_MODIFIED)
        return message_object(self._world, message)

    def _reply_to(self, parameters: Parameters, place: User | Chat) -> int:
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
        message_id = integer(raw.get("message_id")) if isinstance(raw, dict) else None
        if not isinstance(raw, dict) or message_id is None:
            raise bad_request(refusal)
        if self._message(place.id, message_id):
            return message_id
        if raw.get("allow_sending_without_reply"):
            return 0
        raise bad_request("message to be replied not found")


def _has_no_preview(parameters: Parameters) -> bool:
    """By `link_preview_options`, or the switch of before."""
    raw = parameters.parsed("link_preview_options", "can't parse link preview options JSON object")
    if isinstance(raw, dict):
        return raw.get("is_disabled") is True
    return parameters.flag("disable_web_page_preview")
