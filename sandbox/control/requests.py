"""What comes in: bodies, people and numbers of a request, each checked, each error with a reason."""

import re
from typing import Annotated, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from sandbox.world import World
from sandbox.world.chats import Chat
from sandbox.world.people import User

Phone = Annotated[str, Field(pattern=r"^\+?\d{5,15}$")]
Username = Annotated[str, Field(pattern=r"^@?[A-Za-z][A-Za-z0-9_]{3,31}$")]


class ControlError(Exception):
    """The request can't be done; answered as `{"error": …}` with this status."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Body(BaseModel):
    """A request body. Types are taken as they are written, unknown fields are refused."""

    model_config = ConfigDict(
        extra="forbid", strict=True, str_max_length=100_000, use_attribute_docstrings=True
    )


class NoFields(Body):
    """The body of a request that says all by its path."""


class Scoped(Body):
    """Whom an order concerns: one user, one key (as `/control/connections` writes it), or all."""

    user: int | None = None
    """Empty: everybody."""
    key: Annotated[str, Field(pattern=r"^-?\d{1,19}$")] | None = None
    """One key of the account only, as the list of lines writes it."""

    @property
    def key_id(self) -> int | None:
        return None if self.key is None else int(self.key)

    def check(self, world: World) -> None:
        if self.user is not None:
            user_with(world, self.user)


B = TypeVar("B", bound=Body)


async def read(request: web.Request, model: type[B]) -> B:
    """The checked body; an empty one counts as `{}`."""
    try:
        return model.model_validate_json(await request.read() or b"{}")
    except ValidationError as invalid:
        reasons = "; ".join(_reason(error) for error in invalid.errors())
        expected = ", ".join(_described(model)) or "no fields"
        raise ControlError(400, f"{reasons}. Expected: {expected}") from None


def user_in(world: World, request: web.Request) -> User:
    """The user whose id stands in the path."""
    return user_with(world, int(request.match_info["id"]))


def user_with(world: World, user_id: int) -> User:
    user = world.people.by_id.get(user_id)
    if user is None:
        raise ControlError(404, f"there is no user {user_id}")
    return user


def person_in(world: World, request: web.Request) -> User:
    """The same, who must not be a bot: bots speak through the Bot API."""
    user = user_in(world, request)
    if user.is_bot:
        raise ControlError(400, f"{user.id} is a bot; bots speak through the Bot API")
    return user


def peer_in(world: World, request: web.Request) -> User | Chat:
    return peer_named(world, request.match_info["peer"])


def peer_named(world: World, name: str) -> User | Chat:
    """The user, group or channel of an id or a @username; ids as in the Bot API."""
    if re.fullmatch(r"-?[0-9]{1,18}", name):
        peer = world.peer(int(name))
        wanted = "group" if name.startswith("-") else "user"
    else:
        peer, wanted = world.named(name), "user"
    if peer is None:
        raise ControlError(404, f"there is no {wanted} {name}; expected an id or a @username")
    return peer


def chat_in(world: World, request: web.Request) -> Chat:
    """The group or channel whose id stands in the path."""
    chat = world.chats.by_id.get(int(request.match_info["id"]))
    if chat is None:
        raise ControlError(404, f"there is no group {request.match_info['id']}")
    return chat


def query_number(request: web.Request, name: str, default: float) -> float:
    """A number in the query string that is not negative."""
    text = request.query.get(name)
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 2**53:
        raise ControlError(400, f"{name}: expected a number of at least 0, not {text!r}")
    return value


def _reason(error: ErrorDetails) -> str:
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{where}: there is no such field"
    return f"{where}: {error['msg']}" if where else error["msg"]


def _described(model: type[Body]) -> list[str]:
    """The model's fields, those that may be left out with a question mark."""
    fields = model.model_fields.items()
    return [name if field.is_required() else f"{name}?" for name, field in fields]
