"""From a request to the method that answers it: core.telegram.org/api/invoking."""

import asyncio
import struct
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from loguru import logger
from telethon.tl import TLRequest, functions, types
from telethon.tl.alltlobjects import LAYER
from telethon.tl.core import RpcResult

from sandbox.datacentre import tl
from sandbox.datacentre.authorizations import App
from sandbox.datacentre.reading import Unreadable
from sandbox.datacentre.session import Session
from sandbox.datacentre.tl import TL

if TYPE_CHECKING:
    from sandbox.datacentre.datacentre import DataCentre
    from sandbox.world.logins import AuthKey

_RESULT = struct.Struct("<Iq")
_MOST_UNREAD = 100
"""From how many on nothing is logged any more of what a client states and nobody knows."""
_GARBLED = struct.pack("<II", 0x0BADF00D, 0)
"""A constructor that no layer has."""


class RpcFailure(Exception):
    """An API method fails; the client gets an rpc_error with this code and message."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Call:
    """Who calls a method."""

    session: Session
    user_id: int
    """Who is logged in; 0 for methods that need no login, if nobody is."""
    wants_updates: bool = True
    msg_id: int = 0

    @property
    def key(self) -> "AuthKey":
        return self.session.authorization.key


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it was understood, before anything is done about it."""

    session: Session
    name: str
    request: TL
    needs_login: bool

    @property
    def user_id(self) -> int | None:
        return self.session.authorization.key.user_id

    @property
    def key_id(self) -> int:
        return self.session.authorization.key_id


@dataclass(frozen=True, slots=True)
class Method:
    """How one request class is answered: with an object, a bool, a list, or a future of one."""

    answer: Callable[[Call, TL], TL]
    needs_login: bool = True
    needs_init: bool = True
    """Whether initConnection must have come before."""
    takes_unbound: bool = False
    """Whether a temporary key may call it that is bound to no permanent one."""


Methods = Mapping[type, Method]


class Dispatcher:
    """Unwraps requests, finds their method, and sends what it answers."""

    def __init__(self, dc: "DataCentre", *services: Methods) -> None:
        self._dc = dc
        self._methods = {kind: method for service in services for kind, method in service.items()}
        self.calls: Counter[str] = Counter()
        """How often each method was called."""
        self._layers: set[int] = set()
        self._unread: set[str] = set()

    def call(self, session: Session, msg_id: int, body: bytes) -> None:
        """Answer one request, at once or when its future is done."""
        asked = None
        try:
            request, wants_updates = self._unwrap(session, self._read(body))
            asked = self._ask(session, request)
            result = self._result(asked, msg_id, wants_updates=wants_updates)
        except RpcFailure as failure:
            self._fail(session, msg_id, failure)
            return
        if isinstance(result, asyncio.Future):
            self._dc.tell(session, types.MsgsAck([msg_id]), is_content=False)
            result.add_done_callback(partial(self._finish, asked, msg_id))
        else:
            self._succeed(asked, msg_id, result)

    def answer(self, session: Session, msg_id: int, result: TL) -> None:
        """Send a result as the rpc_result of that request, and keep it until acknowledged."""
        self._send(session, msg_id, _rpc_result(msg_id, result))

    def _send(self, session: Session, msg_id: int, body: bytes) -> None:
        session.keep_answer(msg_id, self._dc.tell(session, body, is_answer=True))

    def _succeed(self, asked: Asked, msg_id: int, result: TL) -> None:
        """Answer a call that took effect, unless a fault takes the answer."""
        faults, session = self._dc.faults, asked.session
        if faults and faults.garbles_reply(asked):
            result = _GARBLED
        try:
            body = _rpc_result(msg_id, result)
        except Exception:
            # What is in the world may have no TL form: that costs this call, not the connection.
            logger.exception("the answer to {} can't be written", asked.name)
            self._fail(session, msg_id, RpcFailure(500, "INTERNAL_SERVER_ERROR"))
            return
        if faults and faults.drops_reply(asked):
            session.keep_answer(msg_id, self._dc.number(session, body, is_answer=True))
        else:
            self._send(session, msg_id, body)

    def _fail(self, session: Session, msg_id: int, failure: RpcFailure) -> None:
        self._dc.watch.failed(session, failure.message)
        self.answer(session, msg_id, types.RpcError(failure.code, failure.message))

    def _finish(self, asked: Asked, msg_id: int, future: "asyncio.Future[TL]") -> None:
        if future.cancelled():
            return
        match future.exception():
            case None:
                self._succeed(asked, msg_id, future.result())
            case RpcFailure() as failure:
                self._fail(asked.session, msg_id, failure)
            case failure:
                logger.error("a method failed: {!r}", failure)
                self._fail(asked.session, msg_id, RpcFailure(500, "INTERNAL_SERVER_ERROR"))

    def _ask(self, session: Session, request: TL) -> Asked:
        if session.connection is not None:
            session.connection.requests += 1
            session.connection.last_request_at = self._dc.now()
        name, method = method_name(request), self._methods.get(type(request))
        self.calls[name] += 1
        asked = Asked(session, name, request, method is None or method.needs_login)
        self._dc.watch.asked(asked)
        if self._dc.faults:
            self._dc.faults.check_call(asked)
        return asked

    def _result(self, asked: Asked, msg_id: int, *, wants_updates: bool) -> TL:
        method, session = self._methods.get(type(asked.request)), asked.session
        if method is None:
            raise self._unknown(asked.name)
        authorization = session.authorization
        if not method.takes_unbound and self._dc.temporary_keys.is_unbound(authorization):
            raise RpcFailure(401, "AUTH_KEY_PERM_EMPTY")
        is_init = authorization.has_layer and authorization.app is not None
        if method.needs_init and not is_init:
            raise RpcFailure(400, "CONNECTION_NOT_INITED")
        user_id = asked.user_id
        if user_id is None and method.needs_login:
            denial = session.connection.denial if session.connection else "AUTH_KEY_UNREGISTERED"
            raise RpcFailure(401, denial)
        if user_id is not None and wants_updates:
            self._dc.feeds.join(user_id, session)
        with self._dc.feeds.caused_by(session):
            call = Call(session, user_id or 0, wants_updates, msg_id)
            return self._run(method, call, asked.request)

    def _run(self, method: Method, call: Call, request: TL) -> TL:
        try:
            return method.answer(call, request)
        except RpcFailure:
            raise
        except Exception as exc:
            logger.exception("{} failed", method_name(request))
            raise RpcFailure(500, "INTERNAL_SERVER_ERROR") from exc

    def _read(self, body: bytes) -> TL:
        """The request in those bytes, with all that is wrapped round it."""
        try:
            request, _ = tl.read(body)
        except Unreadable as exc:
            raise self._unreadable(exc) from exc
        if not isinstance(request, TLRequest):
            raise RpcFailure(400, f"INPUT_METHOD_INVALID_{_constructor(request):08x}")
        return request

    def _unreadable(self, problem: Unreadable) -> RpcFailure:
        """Names the constructor that is not in the schema, or not where it stands."""
        if problem.constructor is None:
            return RpcFailure(400, "INPUT_FETCH_ERROR")
        what = "METHOD" if problem.is_method else "CONSTRUCTOR"
        text = f"INPUT_{what}_INVALID_{problem.constructor:08x}"
        if len(self._unread) < _MOST_UNREAD and text not in self._unread:
            self._unread.add(text)
            logger.warning("the data centre answers {}: layer {} has no such", text, LAYER)
        return RpcFailure(400, text)

    def _unwrap(self, session: Session, request: TL) -> tuple[TL, bool]:
        """Take off what is wrapped round a request; say whether the session wants updates."""
        wants_updates = True
        while True:
            match request:
                case functions.InvokeWithLayerRequest():
                    self._note_layer(request.layer)
                    session.authorization.has_layer = True
                case functions.InitConnectionRequest():
                    app = _app(request)
                    self._dc.watch.initialised(session, app)
                    session.authorization.app = app
                case functions.InvokeWithoutUpdatesRequest():
                    wants_updates = False
                case functions.InvokeAfterMsgRequest() | functions.InvokeAfterMsgsRequest():
                    pass  # requests are done in the order in which they come
                case _:
                    return request, wants_updates
            request = request.query

    def _note_layer(self, layer: int) -> None:
        """Any layer is let in; what it has in common with this one is understood both ways."""
        if layer <= 0:
            raise RpcFailure(400, "CONNECTION_LAYER_INVALID")
        if layer != LAYER and len(self._layers) < _MOST_UNREAD and layer not in self._layers:
            self._layers.add(layer)
            logger.warning("a client of layer {} is answered in layer {}", layer, LAYER)

    def _unknown(self, name: str) -> RpcFailure:
        if name not in self._dc.unknown_methods:
            logger.warning("the data centre has no method {}", name)
            self._dc.unknown_methods.append(name)
        return RpcFailure(400, f"METHOD_NOT_IMPLEMENTED_{name}")


def _rpc_result(msg_id: int, result: TL) -> bytes:
    body = tl.pack_if_large(tl.write(result))
    return _RESULT.pack(RpcResult.CONSTRUCTOR_ID, msg_id) + body


def _constructor(value: TL) -> int:
    """The id of what is no method; of bools and vectors 0."""
    return getattr(value, "CONSTRUCTOR_ID", 0)


def method_name(request: TL) -> str:
    """The name in the TL schema, for example `messages.sendMessage`."""
    kind = type(request)
    name = kind.__name__.removesuffix("Request")
    _, _, namespace = kind.__module__.rpartition(".")
    prefix = "" if namespace in {"functions", "types"} else f"{namespace}."
    return f"{prefix}{name[:1].lower()}{name[1:]}"


def _app(request: TL) -> App:
    """What initConnection states; it may leave none of these empty."""
    for value, failure in (
        (request.api_id > 0, "CONNECTION_API_ID_INVALID"),
        (request.device_model, "CONNECTION_DEVICE_MODEL_EMPTY"),
        (request.system_version, "CONNECTION_SYSTEM_EMPTY"),
        (request.app_version, "CONNECTION_APP_VERSION_EMPTY"),
    ):
        if not value:
            raise RpcFailure(400, failure)
    return App(
        request.api_id,
        request.device_model,
        request.system_version,
        request.app_version,
        request.system_lang_code,
        request.lang_code,
    )
