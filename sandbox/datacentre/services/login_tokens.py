"""auth.*: login by a token that another app accepts: core.telegram.org/api/qr-login."""

from typing import TYPE_CHECKING

from telethon.tl import functions, types

from sandbox.datacentre.dispatcher import Call, Method, Methods, RpcFailure
from sandbox.datacentre.services.auth import AuthService
from sandbox.datacentre.services.entries import entry
from sandbox.datacentre.tl import TL
from sandbox.world.login_tokens import TokenRefused

if TYPE_CHECKING:
    from sandbox.datacentre.datacentre import DataCentre


class LoginTokenService:
    def __init__(self, dc: "DataCentre", auth: AuthService) -> None:
        self._dc = dc
        self._auth = auth
        self._tokens = dc.world.logins.tokens

    def methods(self) -> Methods:
        return {
            functions.auth.ExportLoginTokenRequest: Method(self._export, needs_login=False),
            functions.auth.ImportLoginTokenRequest: Method(self._import, needs_login=False),
            functions.auth.AcceptLoginTokenRequest: Method(self._accept),
        }

    def _export(self, call: Call, request: TL) -> TL:
        """A new token; or the login, where an older one was accepted meanwhile."""
        if request.api_id <= 0 or not request.api_hash:
            raise RpcFailure(400, "API_ID_INVALID")
        accepted = self._tokens.accepted(call.key.id)
        if accepted is not None:
            user = self._dc.world.people.by_id[accepted.accepted_by or 0]
            if user.dc_id not in {None, self._dc.dc_id}:
                return types.auth.LoginTokenMigrateTo(user.dc_id, accepted.value)
            return self._import_value(call, accepted.value)
        if call.user_id:
            user = self._dc.world.people.by_id[call.user_id]
            return types.auth.LoginTokenSuccess(self._auth.admit(call, user))
        token = self._tokens.issue(call.key.id, lambda: self._tell(call))
        return types.auth.LoginToken(token.expires_at, token.value)

    def _import(self, call: Call, request: TL) -> TL:
        return self._import_value(call, request.token)

    def _import_value(self, call: Call, value: bytes) -> TL:
        token = self._tokens.take(value)
        if token is None:
            raise RpcFailure(400, "AUTH_TOKEN_INVALID")
        user = self._dc.world.people.by_id[token.accepted_by or 0]
        return types.auth.LoginTokenSuccess(self._auth.admit(call, user))

    def _accept(self, call: Call, request: TL) -> TL:
        """The other app scans the picture."""
        try:
            token = self._tokens.accept(request.token, call.user_id)
        except TokenRefused as refused:
            raise RpcFailure(400, str(refused)) from None
        made = self._dc.authorization(token.key_id)
        return entry(self._dc, made, key_id=token.key_id)

    def _tell(self, call: Call) -> None:
        """Only a session that wants updates hears that its token was accepted."""
        if call.wants_updates:
            told = types.UpdateShort(types.UpdateLoginToken(), self._dc.now())
            self._dc.tell(call.session, told)
