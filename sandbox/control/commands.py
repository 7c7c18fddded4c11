"""The route of the commands that an app would suggest in a chat."""

from aiohttp import web

from sandbox.control.requests import peer_in, person_in
from sandbox.control.seams import BotApi
from sandbox.world import World
from sandbox.world.chats import Chat


class CommandRoutes:
    def __init__(self, world: World, bot_api: BotApi) -> None:
        self._world = world
        self._bot_api = bot_api

    def routes(self) -> list[web.RouteDef]:
        return [web.get(r"/control/users/{id:[0-9]{1,18}}/chats/{peer}/commands", self._list)]

    async def _list(self, request: web.Request) -> web.Response:
        """`[{bot, command, description}]` of the bot, or of every bot in the group."""
        owner, peer = person_in(self._world, request), peer_in(self._world, request)
        in_chat = peer.present() if isinstance(peer, Chat) else [peer.id]
        bots = [user for i in in_chat if (user := self._world.people.by_id[i]).is_bot]
        return web.json_response(
            [
                {"bot": bot.username, **command}
                for bot in bots
                for command in self._bot_api.suggested_commands(bot.id, owner.id, peer.id)
            ]
        )
