"""One bot at the server: its updates, and every method by its name in lower case."""

from collections.abc import Callable
from datetime import timedelta

from sandbox.botapi.chats import Json
from sandbox.botapi.commands import CommandLists
from sandbox.botapi.errors import Refusal, bad_request
from sandbox.botapi.members import BotMembers
from sandbox.botapi.objects import me_object
from sandbox.botapi.parameters import Parameters
from sandbox.botapi.passing import BotPassing
from sandbox.botapi.updates import UpdateQueue
from sandbox.world import World
from sandbox.world.people import User

NOT_CLOSED_FOR = timedelta(minutes=10)
"""How long after its launch a bot can't be closed (core.telegram.org/bots/api#close)."""
LOGGED_OUT_FOR = timedelta(minutes=10)
"""How long after it logged out it can't come back (core.telegram.org/bots/api#logout)."""


class Bot:
    """What the server keeps of one bot."""

    def __init__(self, world: World, user: User) -> None:
        self._world = world
        self._user = user
        self._launched_at = world.now()
        self._back_at = world.now()
        self.updates = UpdateQueue(world, user.id)
        self.messages = BotPassing(world, user)
        self.commands = CommandLists()
        self._methods = self._table()

    def method(self, name: str) -> Callable[[Parameters], object] | None:
        """The method of that name, whatever its case. `Refusal` while the bot is logged out."""
        if self._world.now() < self._back_at:
            raise Refusal(400, "Logged out")
        return self._methods.get(name.lower())

    def _table(self) -> dict[str, Callable[[Parameters], object]]:
        commands, messages = self.commands, self.messages
        members = BotMembers(self._world, self._user)
        return {
            "getme": lambda _: me_object(self._user),
            "logout": self._log_out,
            "close": self._close,
            "getwebhookinfo": self._webhook,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "setmycommands": commands.set,
            "getmycommands": commands.get,
            "deletemycommands": commands.delete,
            "sendmessage": messages.send,
            "sendphoto": messages.send_photo,
            "senddocument": messages.send_document,
            "sendvoice": messages.send_voice,
            "sendmediagroup": messages.send_group,
            "sendcontact": messages.send_contact,
            "forwardmessage": messages.forward,
            "copymessage": messages.copy,
            "getfile": messages.file,
            "editmessagecaption": messages.edit_caption,
            "editmessagemedia": messages.edit_media,
            "editmessagetext": messages.edit_text,
            "editmessagereplymarkup": messages.edit_markup,
            "deletemessage": messages.delete,
            "deletemessages": messages.delete_many,
            "answercallbackquery": messages.answer_press,
            "sendchataction": messages.chat_action,
            "getchat": messages.chat,
            "getchatmember": members.one,
            "getchatadministrators": members.administrators,
            "getchatmembercount": members.count,
        }

    def _log_out(self, _: Parameters) -> bool:
        """`logOut`: nothing of this bot is served for the next ten minutes."""
        self._back_at = self._world.now() + LOGGED_OUT_FOR
        return True

    def _close(self, _: Parameters) -> bool:
        """`close`: 429 in the first ten minutes; the next request launches it again."""
        now = self._world.now()
        left = self._launched_at + NOT_CLOSED_FOR - now
        if left > timedelta(0):
            wait_s = int(left.total_seconds()) + 1
            reason = f"Too Many Requests: retry after {wait_s}"
            raise Refusal(429, reason, {"retry_after": wait_s})
        self._launched_at = now
        return True

    def _webhook(self, _: Parameters) -> Json:
        """`getWebhookInfo`: there is none, and so many updates wait."""
        waiting = len(self.updates)
        return {"url": "", "has_custom_certificate": False, "pending_update_count": waiting}

    def _set_webhook(self, parameters: Parameters) -> bool:
        """`setWebhook`: an empty URL takes it away; any other is refused, nothing is sent out."""
        url = parameters.text("url").strip()
        if not url:
            return self._delete_webhook(parameters)
        if not url.lower().startswith("https://"):
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        raise bad_request("bad webhook: the sandbox calls nobody, poll by getUpdates")

    def _delete_webhook(self, parameters: Parameters) -> bool:
        """`deleteWebhook`: what it is called for is to drop what waits."""
        if parameters.flag("drop_pending_updates"):
            self.updates.drop()
        return True
