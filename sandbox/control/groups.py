"""Routes of groups and channels: make them, say who is what in them, read them."""

from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from sandbox.control.requests import (
    Body,
    ControlError,
    NoFields,
    Username,
    chat_in,
    read,
    user_with,
)
from sandbox.control.view import shown_chat
from sandbox.world import World
from sandbox.world.chats import CantBe, Chat, ChatKind, Standing
from sandbox.world.people import PhoneTaken

SlowMode = Annotated[int, Field(ge=0, le=3600)]
"""Seconds between two messages of one member; 0: no slow mode."""
Title = Annotated[str, Field(min_length=1, max_length=128)]


class NewGroup(Body):
    kind: Annotated[ChatKind, Field(strict=False)] = ChatKind.SUPERGROUP
    title: Title
    creator: int
    username: Username | None = None
    members: Annotated[list[int], Field(max_length=1000)] = Field(default_factory=list)
    """Users and bots, beside the creator."""
    only_admins_write: bool = False
    slow_mode_s: SlowMode = 0


class Change(Body):
    """What to change; what is left out stays."""

    title: Title | None = None
    only_admins_write: bool | None = None
    slow_mode_s: SlowMode | None = None


class NewStanding(Body):
    user: int
    standing: Annotated[Standing, Field(strict=False)] = Standing.MEMBER
    """`restricted` may not write, `left` is out, `kicked` is banned."""


def named(chat: Chat) -> dict[str, Any]:
    return {
        "id": chat.id,
        "kind": chat.kind,
        "title": chat.title,
        "username": chat.username,
    }


def described(chat: Chat) -> dict[str, Any]:
    members = [{"user": m.user_id, "standing": m.standing} for m in chat.members.values()]
    return named(chat) | {
        "only_admins_write": chat.only_admins_write,
        "slow_mode_s": chat.slow_mode_s,
        "members": members,
    }


class GroupRoutes:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        group = r"/control/groups/{id:-[0-9]{1,18}}"
        return [
            web.get("/control/groups", self._list),
            web.post("/control/groups", self._create),
            web.get(group, self._show),
            web.patch(group, self._change),
            web.post(group + "/members", self._put),
            web.post(group + "/upgrade", self._upgrade),
            web.get(group + "/messages", self._messages),
        ]

    async def _list(self, _: web.Request) -> web.Response:
        return web.json_response([described(c) for c in self._world.chats.by_id.values()])

    async def _create(self, request: web.Request) -> web.Response:
        new = await read(request, NewGroup)
        for user_id in (new.creator, *new.members):
            user_with(self._world, user_id)
        try:
            chat = self._world.chats.create(
                new.kind,
                new.title,
                new.creator,
                username=new.username.lstrip("@") if new.username else None,
                members=new.members,
            )
        except PhoneTaken as taken:
            raise ControlError(409, f"{taken} has an owner already") from None
        except CantBe as impossible:
            raise ControlError(400, str(impossible)) from None
        self._set(chat, only_admins_write=new.only_admins_write, slow_mode_s=new.slow_mode_s)
        return web.json_response(described(chat), status=201)

    async def _show(self, request: web.Request) -> web.Response:
        return web.json_response(described(chat_in(self._world, request)))

    async def _change(self, request: web.Request) -> web.Response:
        chat, change = chat_in(self._world, request), await read(request, Change)
        self._set(chat, only_admins_write=change.only_admins_write, slow_mode_s=change.slow_mode_s)
        chat.title = change.title or chat.title
        return web.json_response(described(chat))

    def _set(self, chat: Chat, *, only_admins_write: bool | None, slow_mode_s: int | None) -> None:
        if slow_mode_s and chat.kind is not ChatKind.SUPERGROUP:
            raise ControlError(400, f"slow_mode_s: supergroups have slow mode, not a {chat.kind}")
        if only_admins_write is not None:
            chat.only_admins_write = only_admins_write
        if slow_mode_s is not None:
            chat.slow_mode_s = slow_mode_s

    async def _put(self, request: web.Request) -> web.Response:
        """Bring in, promote, restrict, remove or ban one user or bot."""
        chat, order = chat_in(self._world, request), await read(request, NewStanding)
        user = user_with(self._world, order.user)
        try:
            self._world.chats.put(chat, user.id, order.standing)
        except CantBe as impossible:
            raise ControlError(400, str(impossible)) from None
        return web.json_response(described(chat))

    async def _upgrade(self, request: web.Request) -> web.Response:
        """The supergroup that the basic group becomes."""
        chat = chat_in(self._world, request)
        await read(request, NoFields)
        try:
            made = self._world.chats.upgrade(chat)
        except CantBe as impossible:
            raise ControlError(400, str(impossible)) from None
        return web.json_response(described(made), status=201)

    async def _messages(self, request: web.Request) -> web.Response:
        """As the creator sees them."""
        chat = chat_in(self._world, request)
        creator_id = next(iter(chat.members))
        return web.json_response(shown_chat(self._world, creator_id, chat.id))
