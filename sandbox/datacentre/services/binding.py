"""auth.bindTempAuthKey: a temporary key stands for a permanent one: core.telegram.org/api/pfs."""

from typing import TYPE_CHECKING

from telethon.tl import functions

from sandbox.datacentre.dispatcher import Call, Method, Methods, RpcFailure
from sandbox.datacentre.temporary_keys import open_binding
from sandbox.datacentre.tl import TL
from sandbox.datacentre.violations import Forged

if TYPE_CHECKING:
    from sandbox.datacentre.datacentre import DataCentre


class BindingService:
    def __init__(self, dc: "DataCentre") -> None:
        self._dc = dc

    def methods(self) -> Methods:
        bind = Method(self._bind, needs_login=False, needs_init=False, takes_unbound=True)
        return {functions.auth.BindTempAuthKeyRequest: bind}

    def _bind(self, call: Call, request: TL) -> bool:
        """What the request says must be in the encrypted message too."""
        authorization, keys = call.session.authorization, self._dc.temporary_keys
        if not keys.is_temporary(authorization):
            raise RpcFailure(400, "TEMP_AUTH_KEY_EMPTY")
        permanent = self._dc.world.logins.keys.get(request.perm_auth_key_id)
        if permanent is None:
            raise RpcFailure(400, "ENCRYPTED_MESSAGE_INVALID")
        try:
            inner = open_binding(permanent, request.encrypted_message, call.msg_id)
        except Forged as exc:
            raise RpcFailure(400, "ENCRYPTED_MESSAGE_INVALID") from exc
        found = inner.nonce, inner.perm_auth_key_id, inner.expires_at
        owner = inner.temp_auth_key_id, inner.temp_session_id
        stated = request.nonce, request.perm_auth_key_id, request.expires_at
        if found != stated or owner != (authorization.key_id, call.session.id):
            raise RpcFailure(400, "ENCRYPTED_MESSAGE_INVALID")
        if not keys.is_unbound(authorization) and authorization.key is not permanent:
            raise RpcFailure(400, "TEMP_AUTH_KEY_ALREADY_BOUND")
        before = keys.bind(authorization, permanent)
        for session in before.sessions.values() if before else ():
            self._dc.feeds.leave(session)
        return True
