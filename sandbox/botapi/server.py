"""The HTTP side of the Bot API: tokens, method names, envelopes.

Source: core.telegram.org/bots/api#making-requests. Method names match whatever their case.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web
from loguru import logger

from sandbox.botapi.chats import Json
from sandbox.botapi.commands import CommandLists
from sandbox.botapi.errors import Refusal
from sandbox.botapi.faults import DOWNLOAD, BotApiFaults
from sandbox.botapi.media import BotMedia
from sandbox.botapi.objects import me_object
from sandbox.botapi.parameters import Parameters
from sandbox.botapi.updates import UpdateQueue
from sandbox.listener import Listener
from sandbox.world import World
from sandbox.world.people import User

_MAX_BODY_BYTES = 1 << 20


@dataclass(slots=True)
class _Bot:
    """What the server keeps of one bot."""

    user: User
    updates: UpdateQueue
    messages: BotMedia
    methods: dict[str, Callable[[Parameters], object]] = field(default_factory=dict)


class BotApi:
    """A strict Bot API on loopback. It survives `stop()`: updates wait for the next start."""

    def __init__(self, world: World, *, host: str = "127.0.0.1") -> None:
        self._world = world
        self._listener = Listener(host=host)
        self._bots: dict[int, _Bot] = {}
        self.faults = BotApiFaults()
        self.unknown_methods: list[str] = []
        """Methods that a bot asked for and this server does not have, in order."""

    @property
    def port(self) -> int:
        return self._listener.port

    @property
    def is_running(self) -> bool:
        return self._listener.is_running

    async def start(self, port: int = 0) -> None:
        """Listen; after `stop()` on the port of before, unless another is given."""
        application = web.Application(client_max_size=_MAX_BODY_BYTES)
        application.router.add_route("*", "/bot{token}/{method}", self._serve)
        application.router.add_get("/file/bot{token}/{path:.+}", self._download)
        await self._listener.start(application, port)

    async def stop(self) -> None:
        await self._listener.stop()

    async def _serve(self, request: web.Request) -> web.Response:
        """Answer a call, unless a fault takes the call or its answer."""
        method = request.match_info["method"]
        trouble = self.faults.met(method)
        if trouble is not None and not trouble.is_late:
            return trouble.answer(request)
        response = await self._respond(request, method)
        return trouble.answer(request) if trouble else response

    async def _respond(self, request: web.Request, method: str) -> web.Response:
        try:
            result = await self._answer(request, method)
        except Refusal as refusal:
            logger.debug("Bot API refuses {}: {}", method, refusal.description)
            envelope: Json = {"error_code": refusal.code, "description": refusal.description}
            if refusal.parameters:
                envelope["parameters"] = refusal.parameters
            return web.json_response({"ok": False, **envelope}, status=refusal.code)
        return web.json_response({"ok": True, "result": result})

    async def _download(self, request: web.Request) -> web.Response:
        """The bytes at a path that `getFile` has told this bot."""
        if trouble := self.faults.met(DOWNLOAD):
            return trouble.answer(request)
        user = self._world.people.with_token(request.match_info["token"])
        bot = self._bots.get(user.id) if user else None
        data = bot.messages.download(request.match_info["path"]) if bot else None
        if data is None:
            code, reason = (404, "Not Found") if user else (401, "Unauthorized")
            envelope = {"ok": False, "error_code": code, "description": reason}
            return web.json_response(envelope, status=code)
        return web.Response(body=data, content_type="application/octet-stream")

    async def _answer(self, request: web.Request, method: str) -> object:
        user = self._world.people.with_token(request.match_info["token"])
        if user is None:
            raise Refusal(401, "Unauthorized")
        bot = self._bots.get(user.id) or self._meet(user)
        if request.method not in {"GET", "POST"}:
            raise Refusal(405, "Method Not Allowed: only POST and GET are supported")
        parameters = await Parameters.read(request)
        if method.lower() == "getupdates":
            return await bot.updates.get(parameters)
        handler = bot.methods.get(method.lower())
        if handler is None:
            logger.warning("Bot API has no method {}", method)
            self.unknown_methods.append(method)
            raise Refusal(404, "Not Found")
        return handler(parameters)

    def _meet(self, user: User) -> _Bot:
        """Set up what a bot needs at its first request."""
        messages = BotMedia(self._world, user)
        bot = self._bots[user.id] = _Bot(user, UpdateQueue(self._world, user.id), messages)
        commands = CommandLists()
        bot.methods |= {
            "getme": lambda _: me_object(user),
            "getwebhookinfo": lambda _: self._webhook(bot),
            "deletewebhook": lambda parameters: self._delete_webhook(bot, parameters),
            "setmycommands": commands.set,
            "getmycommands": commands.get,
            "deletemycommands": commands.delete,
            "sendmessage": messages.send,
            "sendphoto": messages.send_photo,
            "senddocument": messages.send_document,
            "sendvoice": messages.send_voice,
            "sendmediagroup": messages.send_group,
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
        }
        return bot

    def _webhook(self, bot: _Bot) -> Json:
        waiting = len(bot.updates)
        return {"url": "", "has_custom_certificate": False, "pending_update_count": waiting}

    def _delete_webhook(self, bot: _Bot, parameters: Parameters) -> bool:
        """There is never a webhook; what it is called for is to drop what waits."""
        if parameters.flag("drop_pending_updates"):
            bot.updates.drop()
        return True
