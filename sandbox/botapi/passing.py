"""The methods that pass something on: contacts, forwards, copies.

Source: core.telegram.org/bots/api#sendcontact, #forwardmessage, #copymessage, and the checks of
telegram-bot-api and TDLib.
"""

from dataclasses import replace

from sandbox.botapi.chats import Json
from sandbox.botapi.errors import bad_request
from sandbox.botapi.formatting import formatted_caption
from sandbox.botapi.keyboards import reply_markup
from sandbox.botapi.media import BotMedia
from sandbox.botapi.objects import message_object
from sandbox.botapi.parameters import Parameters
from sandbox.botapi.places import joined
from sandbox.world.messages import Content, Message
from sandbox.world.sharing import Contact, Origin

MAX_NAME = 64


class BotPassing(BotMedia):
    """One bot's methods that pass things on, beside those about messages and files."""

    def send_contact(self, parameters: Parameters) -> Json:
        """`sendContact`."""
        place = self._writable(parameters)
        phone = parameters.text("phone_number").strip().lstrip("+")
        first_name = parameters.text("first_name").strip()[:MAX_NAME]
        if not phone:
            raise bad_request("phone number is empty")
        if not first_name:
            raise bad_request("first name is empty")
        last_name = parameters.text("last_name").strip()[:MAX_NAME]
        owner = self._world.people.with_phone(phone)
        contact = Contact(phone, first_name, last_name, owner.id if owner else 0)
        content = Content("", markup=reply_markup(parameters), contact=contact)
        return message_object(self._world, self._say(parameters, place, content))

    def forward(self, parameters: Parameters) -> Json:
        """`forwardMessage`: with who wrote it first, and without its keyboard."""
        place = self._writable(parameters)
        message = self._source(parameters, "forward")
        origin = message.origin or self._origin(message)
        content = replace(message.content, markup=None, album_id=0)
        return message_object(self._world, self._say(parameters, place, content, origin))

    def copy(self, parameters: Parameters) -> Json:
        """`copyMessage`: as the bot's own; a new caption takes the place of the old one."""
        place = self._writable(parameters)
        message = self._source(parameters, "copy")
        content = replace(message.content, markup=reply_markup(parameters), album_id=0)
        if content.attachment is not None and parameters.is_given("caption"):
            text, entities = formatted_caption(parameters, self._world)
            content = replace(content, text=text, entities=entities)
        return {"message_id": self._say(parameters, place, content).id}

    def _source(self, parameters: Parameters, what: str) -> Message:
        place = joined(self._world, self._bot, parameters, "from_chat_id")
        message = self._message(place.id, parameters.number("message_id"))
        if message is None:
            raise bad_request(f"message to {what} not found")
        return message

    def _origin(self, message: Message) -> Origin:
        chat = self._world.chats.by_id.get(message.chat_id)
        if chat is not None and message.sender_id == chat.id:
            return Origin(message.date, chat.id, message_id=message.id)
        return Origin(message.date, message.sender_id)
