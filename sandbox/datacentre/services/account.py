"""account.*: the password's state, and where the account is logged in."""

from typing import TYPE_CHECKING

from telethon.tl import functions, types

from sandbox.datacentre.authorizations import Authorization
from sandbox.datacentre.dispatcher import Call, Method, Methods, RpcFailure
from sandbox.datacentre.services.entries import entry
from sandbox.datacentre.services.passwords import Passwords
from sandbox.datacentre.tl import TL

if TYPE_CHECKING:
    from sandbox.datacentre.datacentre import DataCentre


class AccountService:
    def __init__(self, dc: "DataCentre", passwords: Passwords) -> None:
        self._dc = dc
        self._passwords = passwords

    def methods(self) -> Methods:
        return {
            functions.account.GetPasswordRequest: Method(self._password, needs_login=False),
            functions.account.GetAuthorizationsRequest: Method(self._authorizations),
            functions.account.UpdateStatusRequest: Method(self._update_status),
        }

    def _password(self, call: Call, _request: TL) -> TL:
        """Also for someone who has entered the code and owes the password."""
        user = self._dc.world.people.by_id.get(call.key.pending_user_id or call.user_id)
        if user is None:
            raise RpcFailure(401, "AUTH_KEY_UNREGISTERED")
        return self._passwords.describe(call.session.authorization.key_id, user)

    def _authorizations(self, call: Call, _request: TL) -> TL:
        own = call.session.authorization
        found = [self._entry(a, own) for a in self._dc.authorizations_of(call.user_id)]
        return types.account.Authorizations(authorization_ttl_days=180, authorizations=found)

    def _entry(self, authorization: Authorization, own: Authorization) -> TL:
        """One login; its hash is 0 where it is the caller's own, as at Telegram."""
        is_own = authorization is own
        key_id = 0 if is_own else authorization.key_id
        return entry(self._dc, authorization, key_id=key_id, is_own=is_own)

    def _update_status(self, _call: Call, _request: TL) -> bool:
        return True
