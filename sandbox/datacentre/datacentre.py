"""The data centre: its port, its keys, its connections, and the parts that they share."""

import asyncio
import socket
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count

from sandbox.closed_port import ClosedPort
from sandbox.datacentre import tl
from sandbox.datacentre.authorizations import Authorization
from sandbox.datacentre.connection import Connection
from sandbox.datacentre.connection_info import ConnectionInfo
from sandbox.datacentre.dispatcher import Dispatcher
from sandbox.datacentre.faults import Faults
from sandbox.datacentre.feeds import Feeds
from sandbox.datacentre.hazards import Hazards
from sandbox.datacentre.key_exchange import KeyExchange
from sandbox.datacentre.line_events import LineEvent, LineListener
from sandbox.datacentre.message_ids import MessageIds
from sandbox.datacentre.ports import Ports
from sandbox.datacentre.receiver import Receiver
from sandbox.datacentre.salts import Salts
from sandbox.datacentre.sending import Sender
from sandbox.datacentre.server_key import ServerKey
from sandbox.datacentre.service_messages import ServiceMessages
from sandbox.datacentre.services.account import AccountService
from sandbox.datacentre.services.auth import AuthService, LogOut
from sandbox.datacentre.services.binding import BindingService
from sandbox.datacentre.services.channels import ChannelsService
from sandbox.datacentre.services.contacts import ContactsService
from sandbox.datacentre.services.help import HelpService
from sandbox.datacentre.services.login_tokens import LoginTokenService
from sandbox.datacentre.services.media import MediaService
from sandbox.datacentre.services.messages import MessagesService
from sandbox.datacentre.services.passwords import Passwords
from sandbox.datacentre.services.updates import UpdatesService
from sandbox.datacentre.services.upload import UploadService
from sandbox.datacentre.services.users import UsersService
from sandbox.datacentre.session import Outgoing, Session
from sandbox.datacentre.temporary_keys import TemporaryKeys
from sandbox.datacentre.tl import TL
from sandbox.datacentre.uploads import Uploads
from sandbox.datacentre.violations import Violation
from sandbox.datacentre.watch import Watch
from sandbox.faults import Fault
from sandbox.world import World
from sandbox.world.logins import AuthKey


class DataCentre:
    """A data centre of Telegram on loopback, on top of a world that others may share."""

    def __init__(
        self,
        world: World,
        *,
        dc_id: int = 2,
        host: str = "127.0.0.1",
        country: str = "NL",
        server_key: ServerKey | None = None,
        proxy_secret: bytes | None = None,
    ) -> None:
        """`country` is what help.getNearestDc says, but for connections that `country_of` knows.

        `proxy_secret` makes the port that of an MTProto proxy: it then takes the obfuscated
        transport with this secret only.
        """
        self.world = world
        self.now = world.now
        self.dc_id = world.files.dc_id = dc_id
        self.host = host
        self.country = country
        self.country_of: Callable[[int], str | None] = lambda _port: None
        """The country of a connection, by the port that it comes from; a proxy's own."""
        self.listener = Ports(host, self._serve, partial(self._serve, is_media=True))
        self.proxy_secret = proxy_secret
        self.beside: list[DataCentre] = []
        """Other data centres of the same world, of which clients are told."""
        self.unknown_methods: list[str] = []
        self.log_outs: list[LogOut] = []
        self.violations: deque[Violation] = deque(maxlen=1000)
        """Why connections were refused, latest last."""
        self.line_listeners: list[LineListener] = []
        self.message_ids = MessageIds(world.now)
        self.salts = Salts(world.now)
        self.temporary_keys = TemporaryKeys(world.logins, world.now)
        self.hazards = Hazards(world.now)
        self.watch = Watch(self.hazards, world.now)
        self.faults = Faults(self)
        self.feeds = Feeds(self)
        self.receiver = Receiver(self)
        self.service_messages = ServiceMessages(self)
        self.sender = Sender(self)
        passwords, uploads = Passwords(), Uploads(world.now)
        auth = AuthService(self, passwords)
        self.dispatcher = Dispatcher(
            self,
            HelpService(self).methods(),
            auth.methods(),
            BindingService(self).methods(),
            LoginTokenService(self, auth).methods(),
            AccountService(self, passwords).methods(),
            UsersService(world).methods(),
            ContactsService(world).methods(),
            MessagesService(self).methods(),
            ChannelsService(world).methods(),
            MediaService(world, self.sender, uploads).methods(),
            UploadService(world, uploads).methods(),
            UpdatesService(world).methods(),
        )
        self._server_key = server_key or ServerKey()
        self._authorizations: dict[int, Authorization] = {}
        self._connections: dict[int, Connection] = {}
        self._ids = count(1)
        self._is_empty = asyncio.Event()
        self._is_empty.set()

    @property
    def public_key_pem(self) -> str:
        return self._server_key.public_pem

    @property
    def port(self) -> int:
        return self.listener.number

    @property
    def media_port(self) -> int:
        """For uploads and downloads: one key may be on several connections there."""
        return self.listener.media.number

    async def start(self, port: int = 0) -> None:
        """Listen; on a free port unless one is given, or one was taken before."""
        await self.listener.open(port)
        self.faults.forget(ClosedPort)

    async def stop(self) -> None:
        """Close the port and every connection. Keys and messages stay, for the next start."""
        await self.listener.release()
        self.faults.forget(ClosedPort)
        for connection in list(self._connections.values()):
            connection.end_cause = "the data centre stopped"
            connection.abort()
        await self._is_empty.wait()

    async def _serve(self, bound: socket.socket, *, is_media: bool = False) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(
            lambda: Connection(self, next(self._ids), is_media=is_media), sock=bound, backlog=4096
        )

    def open_connections(self) -> Iterator[Connection]:
        yield from list(self._connections.values())

    def connections(self) -> list[ConnectionInfo]:
        return [connection.info() for connection in self._connections.values()]

    def cut(
        self, user_id: int | None = None, *, key_id: int | None = None, reset: bool = False
    ) -> int:
        """Close the connections of one user, of one key, or all; return how many.

        With `reset` by RST, as when a router forgets them, else by FIN.
        """
        doomed = [
            c
            for c in self._connections.values()
            if user_id in {None, c.user_id} and key_id in {None, c.key_id}
        ]
        for connection in doomed:
            connection.end_cause = "it was cut"
            if reset:
                connection.abort(reset=True)
            else:
                connection.close()
        return len(doomed)

    def revoke(self, user_id: int) -> int:
        """End every login of that user; return how many keys lost it.

        Open connections are told SESSION_REVOKED, later ones AUTH_KEY_UNREGISTERED.
        """
        keys = [key for key in self.world.logins.keys.values() if key.user_id == user_id]
        for connection in self._connections.values():
            if connection.user_id == user_id:
                connection.denial = "SESSION_REVOKED"
                for session in connection.sessions.values():
                    self.feeds.leave(session)
        for key in keys:
            key.user_id = None
            key.revoked = True
        return len(keys)

    def opened(self, connection: Connection) -> None:
        self._connections[connection.id] = connection
        self._is_empty.clear()

    def closed(self, connection: Connection) -> None:
        del self._connections[connection.id]
        self.tell_listeners(LineEvent.CLOSED, connection)
        if not self._connections:
            self._is_empty.set()

    def tell_listeners(self, event: LineEvent, connection: Connection | None) -> None:
        """Nothing is told of what happens without a connection."""
        if connection is not None:
            for listener in self.line_listeners:
                listener(event, connection)

    def new_exchange(self) -> KeyExchange:
        return KeyExchange(
            self._server_key, self.now, self._adopt_key, self.faults.exchange_is_to_fail
        )

    def refused(self, violation: Violation) -> None:
        """Remember why a connection was refused, without what it had sent."""
        violation.__cause__ = violation.__context__ = None
        self.violations.append(violation.with_traceback(None))

    def authorization(self, key_id: int) -> Authorization | None:
        """What is known of the key with that id, or None if there is no such key."""
        if (temporary := self.temporary_keys.get(key_id)) is not None:
            return temporary
        key = self.world.logins.keys.get(key_id)
        known = self._authorizations.get(key_id)
        if known is not None and known.key is key:
            return known
        if key is None:
            return None
        self._authorizations[key_id] = made = Authorization(key, key_id)
        return made

    def authorizations_of(self, user_id: int) -> list[Authorization]:
        known = (*self._authorizations.values(), *self.temporary_keys.bound())
        return [a for a in known if a.key.user_id == user_id]

    def pardon(self, fault: Fault) -> None:
        """Who was told by this fault that the key is dead may use it again."""
        for authorization in self._authorizations.values():
            key = authorization.key
            if fault.concerns(key.user_id, authorization.key_id) and not key.is_duplicated:
                authorization.dead_since = None

    def forget_key(self, key_id: int) -> None:
        """From the next packet on, the key is unknown."""
        self.world.logins.keys.pop(key_id, None)
        self._authorizations.pop(key_id, None)
        self.temporary_keys.forget(key_id)

    def send(self, session: Session, message: Outgoing) -> None:
        """Send a numbered message, if the session is connected."""
        if session.connection is not None:
            session.connection.send(session, message)

    def tell(
        self, session: Session, content: TL, *, is_content: bool = True, is_answer: bool = False
    ) -> Outgoing:
        """Number a TL object (or its bytes) and send it, if the session is connected."""
        message = self.number(session, content, is_content=is_content, is_answer=is_answer)
        self.send(session, message)
        return message

    def number(
        self, session: Session, content: TL, *, is_content: bool = True, is_answer: bool = False
    ) -> Outgoing:
        """The same without sending it."""
        return Outgoing(
            self.message_ids.next(is_answer=is_answer),
            session.next_seqno(is_content=is_content),
            content if isinstance(content, bytes) else tl.write(content),
        )

    def _adopt_key(self, key: bytes, first_salt: int, expires_in_s: int | None) -> bool:
        """Take a key from the exchange, unless its id is in use."""
        key_id = AuthKey(key).id
        if self.authorization(key_id) is not None:
            return False
        if expires_in_s is None:
            self.world.logins.add_key(key)
        else:
            self.temporary_keys.add(key, expires_in_s)
        self.salts.adopt_first(key_id, first_salt)
        return True
