"""Routes about users and bots: make them, give them keys, read their login codes."""

from base64 import b64encode
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from sandbox.control.requests import (
    Body,
    ControlError,
    NoFields,
    Phone,
    Username,
    person_in,
    read,
    user_in,
    user_with,
)
from sandbox.control.seams import DataCentre
from sandbox.world import World
from sandbox.world.people import PhoneTaken, User

_FIRST_BULK_PHONE = 99_966_000_001


class NewUser(Body):
    first_name: Annotated[str, Field(min_length=1, max_length=64)]
    last_name: Annotated[str, Field(max_length=64)] = ""
    phone: Phone | None = None
    username: Username | None = None
    password: Annotated[str, Field(min_length=1)] | None = None
    """The two-step verification password."""
    password_hint: Annotated[str, Field(max_length=255)] = ""


class NewUsers(Body):
    count: Annotated[int, Field(ge=1, le=100_000)]
    logged_in: bool = True
    """Whether each gets a key that is logged in already."""


class NewBot(Body):
    token: Annotated[str, Field(pattern=r"^[1-9]\d{4,15}:[A-Za-z0-9_-]{3,64}$")]
    username: Username
    first_name: Annotated[str, Field(min_length=1, max_length=64)]
    reads_all: bool = False
    """Whether it gets every message of its groups: privacy mode is off."""


class Block(Body):
    user: int
    peer: int
    blocked: bool = True
    """False: they may write to each other again."""


def described(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "username": user.username,
        "phone": user.phone,
        "is_bot": user.is_bot,
    }


class PeopleRoutes:
    def __init__(self, world: World, data_centre: DataCentre) -> None:
        self._world = world
        self._data_centre = data_centre
        self._next_phone = _FIRST_BULK_PHONE

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/control/users", self._users),
            web.post("/control/users", self._create_user),
            web.post("/control/users/bulk", self._create_users),
            web.get(r"/control/users/{id:[0-9]{1,18}}", self._user),
            web.post(r"/control/users/{id:[0-9]{1,18}}/ready_key", self._ready_key),
            web.get(r"/control/users/{id:[0-9]{1,18}}/login_code", self._login_code),
            web.get("/control/bots", self._bots),
            web.post("/control/bots", self._create_bot),
            web.post("/control/block", self._block),
        ]

    async def _users(self, _: web.Request) -> web.Response:
        people = self._world.people.by_id.values()
        return web.json_response([described(user) for user in people if not user.is_bot])

    async def _bots(self, _: web.Request) -> web.Response:
        people = self._world.people.by_id.values()
        return web.json_response([described(user) for user in people if user.is_bot])

    async def _user(self, request: web.Request) -> web.Response:
        return web.json_response(described(user_in(self._world, request)))

    async def _create_user(self, request: web.Request) -> web.Response:
        new = await read(request, NewUser)
        try:
            user = self._world.people.create(
                new.first_name,
                last_name=new.last_name,
                phone=new.phone,
                username=new.username.lstrip("@") if new.username else None,
                password=new.password,
            )
        except PhoneTaken as taken:
            raise ControlError(409, f"{taken} has an owner already") from None
        user.password_hint = new.password_hint
        return web.json_response(described(user), status=201)

    async def _create_users(self, request: web.Request) -> web.Response:
        new = await read(request, NewUsers)
        made = [self._create_numbered(is_logged_in=new.logged_in) for _ in range(new.count)]
        return web.json_response(made, status=201)

    def _create_numbered(self, *, is_logged_in: bool) -> dict[str, Any]:
        while self._world.people.with_phone(str(self._next_phone)):
            self._next_phone += 1
        number = self._next_phone - _FIRST_BULK_PHONE + 1
        user = self._world.people.create(f"Account {number}", phone=str(self._next_phone))
        key = self._key(user) if is_logged_in else {"auth_key": None, **self._address()}
        return {"id": user.id, "phone": user.phone, **key}

    async def _ready_key(self, request: web.Request) -> web.Response:
        await read(request, NoFields)
        return web.json_response(self._key(person_in(self._world, request)), status=201)

    def _key(self, user: User) -> dict[str, Any]:
        key = self._world.logins.ready_key(user.id)
        return {"auth_key": b64encode(key.key).decode(), **self._address()}

    def _address(self) -> dict[str, Any]:
        centre = self._data_centre
        return {"dc_id": centre.dc_id, "host": centre.host, "port": centre.port}

    async def _login_code(self, request: web.Request) -> web.Response:
        user = user_in(self._world, request)
        out = {code.phone: code for code in self._world.logins.codes_out()}
        code = out.get(user.phone or "")
        if code is None:
            raise ControlError(404, f"no login code is out for user {user.id}")
        answer = {"code": code.code, "expires_at": code.expires_at.isoformat()}
        return web.json_response(answer)

    async def _create_bot(self, request: web.Request) -> web.Response:
        new = await read(request, NewBot)
        people = self._world.people
        if int(new.token.partition(":")[0]) in people.by_id:
            raise ControlError(409, "a user with the id of that token is there already")
        try:
            bot = people.create_bot(new.token, new.username.lstrip("@"), new.first_name)
        except PhoneTaken as taken:
            raise ControlError(409, f"{taken} has an owner already") from None
        bot.reads_all = new.reads_all
        return web.json_response(described(bot), status=201)

    async def _block(self, request: web.Request) -> web.Response:
        """That user blocks the peer; a bot until the user writes to it again."""
        order = await read(request, Block)
        user, peer = (user_with(self._world, i) for i in (order.user, order.peer))
        change = self._world.block if order.blocked else self._world.unblock
        change(user.id, peer.id)
        return web.json_response({"blocked": order.blocked})
