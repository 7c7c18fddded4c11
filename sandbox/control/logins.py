"""Routes of logins by picture: which tokens are out, who scans one, and how long things take."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import timedelta
from typing import Annotated

from aiohttp import web
from pydantic import Field

from sandbox.control.requests import Body, ControlError, person_in, read
from sandbox.world import World
from sandbox.world.login_tokens import LoginToken, TokenRefused

_URL = re.compile(r"tg://login\?token=([A-Za-z0-9_-]+={0,2})")


class Scan(Body):
    url: str
    """What the picture says: `tg://login?token=…`."""


class Pace(Body):
    resend_after_s: Annotated[int, Field(ge=0, le=86_400)] | None = None
    """What clients are told to wait before they ask for a code by the next way."""
    token_lifetime_s: Annotated[float, Field(gt=0, le=86_400)] | None = None


class LoginRoutes:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/control/login_tokens", self._tokens),
            web.post(r"/control/users/{id:[0-9]{1,18}}/scan", self._scan),
            web.post("/control/logins/pace", self._pace),
        ]

    async def _tokens(self, _: web.Request) -> web.Response:
        out = self._world.logins.tokens.out()
        return web.json_response([_described(token) for token in out])

    async def _scan(self, request: web.Request) -> web.Response:
        """The user's app, which is logged in, scans a picture."""
        user, scan = person_in(self._world, request), await read(request, Scan)
        found = _URL.fullmatch(scan.url)
        if found is None:
            raise ControlError(400, "url: expected tg://login?token=… with base64url")
        try:
            value = urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4))
        except NotBase64:
            raise ControlError(400, "url: the token is no base64url") from None
        try:
            token = self._world.logins.tokens.accept(value, user.id)
        except TokenRefused as refused:
            raise ControlError(400, str(refused)) from None
        return web.json_response({"key": str(token.key_id)})

    async def _pace(self, request: web.Request) -> web.Response:
        pace, logins = await read(request, Pace), self._world.logins
        if pace.resend_after_s is not None:
            logins.resend_after_s = pace.resend_after_s
        if pace.token_lifetime_s is not None:
            logins.tokens.lifetime = timedelta(seconds=pace.token_lifetime_s)
        shown = {
            "resend_after_s": logins.resend_after_s,
            "token_lifetime_s": logins.tokens.lifetime.total_seconds(),
        }
        return web.json_response(shown)


def _described(token: LoginToken) -> dict[str, str]:
    value = urlsafe_b64encode(token.value).decode().rstrip("=")
    return {
        "url": f"tg://login?token={value}",
        "key": str(token.key_id),
        "expires_at": token.expires_at.isoformat(),
    }
