"""The HTTP side of the Bot API: tokens, method names, envelopes.

Source: core.telegram.org/bots/api#making-requests. Method names match whatever their case.
"""

from collections.abc import Awaitable, Callable

from aiohttp import web
from loguru import logger

from sandbox.botapi.bot import Bot
from sandbox.botapi.chats import Json
from sandbox.botapi.errors import Refusal
from sandbox.botapi.faults import DOWNLOAD, BotApiFaults
from sandbox.botapi.parameters import Parameters
from sandbox.listener import Listener
from sandbox.world import World

_MAX_BODY_BYTES = 1 << 20
"""Of a body without files."""
_MOST_UNKNOWN = 100
"""So many methods that are not here are remembered and logged."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class BotApi:
    """A strict Bot API on loopback. It survives `stop()`: updates wait for the next start."""

    def __init__(self, world: World, *, host: str = "127.0.0.1") -> None:
        self._world = world
        self._listener = Listener(host=host)
        self._bots: dict[int, Bot] = {}
        self.faults = BotApiFaults()
        self.unknown_methods: list[str] = []
        """Methods that a bot asked for and this server does not have: each once, in order; the first ones."""

    @property
    def port(self) -> int:
        return self._listener.port

    @property
    def is_running(self) -> bool:
        return self._listener.is_running

    async def start(self, port: int = 0) -> None:
        """Listen; after `stop()` on the port of before, unless another is given."""
        application = web.Application(
            middlewares=[_always_as_json], client_max_size=_MAX_BODY_BYTES
        )
        for path in ("/bot{token}/{method}", "/bot{token}/test/{method}"):
            # The second is Telegram's test environment; here both are this one world.
            application.router.add_route("*", path, self._serve)
        application.router.add_get("/file/bot{token}/{path:.+}", self._download)
        await self._listener.start(application, port)

    async def stop(self) -> None:
        await self._listener.stop()

    def suggested_commands(self, bot_id: int, user_id: int, chat_id: int) -> list[Json]:
        """What an app suggests to that user in that chat, of this bot's commands."""
        bot, chat = self._bots.get(bot_id), self._world.chats.by_id.get(chat_id)
        is_admin = chat is not None and chat.is_admin(user_id)
        # To a bot, a private chat has the id of the person.
        shown_in = chat_id if chat else user_id
        return bot.commands.shown(shown_in, user_id, is_admin=is_admin) if bot else []

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
            return _refused(refusal)
        return web.json_response({"ok": True, "result": result})

    async def _download(self, request: web.Request) -> web.Response:
        """The bytes at a path that `getFile` has told this bot."""
        if trouble := self.faults.met(DOWNLOAD):
            return trouble.answer(request)
        user = self._world.people.with_token(request.match_info["token"])
        bot = self._bots.get(user.id) if user else None
        data = bot.messages.download(request.match_info["path"]) if bot else None
        if data is None:
            return _refused(Refusal(404, "Not Found") if user else Refusal(401, "Unauthorized"))
        return web.Response(body=data, content_type="application/octet-stream")

    async def _answer(self, request: web.Request, method: str) -> object:
        user = self._world.people.with_token(request.match_info["token"])
        if user is None:
            raise Refusal(401, "Unauthorized")
        bot = self._bots.get(user.id)
        if bot is None:
            bot = self._bots[user.id] = Bot(self._world, user)
        if request.method not in {"GET", "POST"}:
            raise Refusal(405, "Method Not Allowed: only POST and GET are supported")
        parameters = await Parameters.read(request)
        handler = bot.method(method)
        if method.lower() == "getupdates":
            return await bot.updates.get(parameters)
        if handler is None:
            self._note_unknown(method)
            raise Refusal(404, "Not Found: method not found")
        return handler(parameters)

    def _note_unknown(self, method: str) -> None:
        if method not in self.unknown_methods and len(self.unknown_methods) < _MOST_UNKNOWN:
            logger.warning("Bot API has no method {}", method)
            self.unknown_methods.append(method)


def _refused(refusal: Refusal) -> web.Response:
    envelope: Json = {"error_code": refusal.code, "description": refusal.description}
    if refusal.parameters:
        envelope["parameters"] = refusal.parameters
    return web.json_response({"ok": False, **envelope}, status=refusal.code)


@web.middleware
async def _always_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever was asked for, the answer is an envelope; a fault of ours is logged with its trace."""
    try:
        response = await handler(request)
        if request.content.exception() is not None or not request.content.is_eof():
            response.force_close()  # nobody can tell where the next request begins
    except web.HTTPException as error:
        return _refused(Refusal(error.status, error.reason))
    except Exception:
        logger.exception("The Bot API failed at {}", request.match_info.get("method"))
        return _refused(Refusal(500, "Internal Server Error"))
    return response
