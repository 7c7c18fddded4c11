"""auth.*: login by code and password, and logging out: core.telegram.org/api/auth."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from telethon.tl import functions, types

from sandbox.datacentre import views
from sandbox.datacentre.dispatcher import Call, Method, Methods, RpcFailure
from sandbox.datacentre.line_events import LineEvent
from sandbox.datacentre.services.passwords import Passwords
from sandbox.datacentre.tl import TL
from sandbox.world.logins import LoginCode
from sandbox.world.people import User

if TYPE_CHECKING:
    from sandbox.datacentre.datacentre import DataCentre

_PHONE = re.compile(r"\d{7,15}")


@dataclass(frozen=True, slots=True)
class LogOut:
    """A client logged itself out."""

    at: datetime
    key_id: int
    user_id: int


class AuthService:
    def __init__(self, dc: "DataCentre", passwords: Passwords) -> None:
        self._dc = dc
        self._world = dc.world
        self._passwords = passwords

    def methods(self) -> Methods:
        return {
            functions.auth.SendCodeRequest: Method(self._send_code, needs_login=False),
            functions.auth.ResendCodeRequest: Method(self._resend_code, needs_login=False),
            functions.auth.CancelCodeRequest: Method(self._cancel_code, needs_login=False),
            functions.auth.SignInRequest: Method(self._sign_in, needs_login=False),
            functions.auth.CheckPasswordRequest: Method(self._check_password, needs_login=False),
            functions.auth.LogOutRequest: Method(self._log_out),
        }

    def _send_code(self, _call: Call, request: TL) -> TL:
        """A number without an account gets a code too; signIn then says that it has none."""
        if request.api_id <= 0 or not request.api_hash:
            raise RpcFailure(400, "API_ID_INVALID")
        phone = _digits(request.phone_number)
        has_account = self._world.people.with_phone(phone) is not None
        return self._sent(self._world.send_login_code(phone), by_app=has_account)

    def _resend_code(self, _call: Call, request: TL) -> TL:
        """A new code, as if by SMS."""
        code = self._code(request)
        return self._sent(self._world.send_login_code(code.phone), by_app=False)

    def _cancel_code(self, _call: Call, request: TL) -> bool:
        self._world.logins.drop_code(self._code(request).phone)
        return True

    def _sign_in(self, call: Call, request: TL) -> TL:
        code = self._code(request)
        if not request.phone_code:
            raise RpcFailure(400, "PHONE_CODE_EMPTY")
        if request.phone_code != code.code:
            raise RpcFailure(400, "PHONE_CODE_INVALID")
        self._world.logins.drop_code(code.phone)
        user = self._world.people.with_phone(code.phone)
        if user is None:
            return types.auth.AuthorizationSignUpRequired()
        return self.admit(call, user)

    def admit(self, call: Call, user: User) -> TL:
        """Log the caller in as that user, who owes the two-step password if there is one."""
        if user.password and call.user_id != user.id:
            call.key.pending_user_id = user.id
            raise RpcFailure(401, "SESSION_PASSWORD_NEEDED")
        return self._authorize(call, user)

    def _check_password(self, call: Call, request: TL) -> TL:
        user = self._world.people.by_id.get(call.key.pending_user_id or call.user_id)
        if user is None:
            raise RpcFailure(401, "AUTH_KEY_UNREGISTERED")
        if not user.password:
            raise RpcFailure(400, "PASSWORD_HASH_INVALID")
        self._passwords.check(call.session.authorization.key_id, user, request.password)
        return self._authorize(call, user)

    def _log_out(self, call: Call, _request: TL) -> TL:
        key_id = call.session.authorization.key_id
        self._dc.log_outs.append(LogOut(self._dc.now(), key_id, call.user_id))
        self._dc.tell_listeners(LineEvent.LOGGED_OUT, call.session.connection)
        call.key.user_id = call.key.pending_user_id = None
        for session in call.session.authorization.sessions.values():
            self._dc.feeds.leave(session)
        return types.auth.LoggedOut()

    def _authorize(self, call: Call, user: User) -> TL:
        call.key.user_id, call.key.pending_user_id = user.id, None
        call.key.revoked = False
        self._dc.tell_listeners(LineEvent.LOGGED_IN, call.session.connection)
        call.session.authorization.dead_since = None
        if call.session.connection is not None:
            call.session.connection.denial = "AUTH_KEY_UNREGISTERED"
        return types.auth.Authorization(views.user(user, user.id))

    def _sent(self, code: LoginCode, *, by_app: bool) -> TL:
        length, kinds = len(code.code), types.auth
        return kinds.SentCode(
            type=kinds.SentCodeTypeApp(length) if by_app else kinds.SentCodeTypeSms(length),
            phone_code_hash=code.hash,
            next_type=kinds.CodeTypeSms() if by_app else None,
            timeout=self._world.logins.resend_after_s,
        )

    def _code(self, request: TL) -> LoginCode:
        """The code that the request speaks of, if it is still good."""
        if not request.phone_code_hash:
            raise RpcFailure(400, "PHONE_CODE_HASH_EMPTY")
        code = self._world.logins.code_of(_digits(request.phone_number))
        if code is None or code.hash != request.phone_code_hash:
            raise RpcFailure(400, "PHONE_CODE_EXPIRED")
        if code.expires_at <= self._dc.now():
            self._world.logins.drop_code(code.phone)
            raise RpcFailure(400, "PHONE_CODE_EXPIRED")
        return code


def _digits(phone: str) -> str:
    digits = re.sub(r"[ +()-]", "", phone)
    if not _PHONE.fullmatch(digits):
        raise RpcFailure(400, "PHONE_NUMBER_INVALID")
    return digits
