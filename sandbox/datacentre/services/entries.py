"""A login as an app lists it."""

from typing import TYPE_CHECKING

from telethon.tl import types

from sandbox.datacentre.authorizations import Authorization
from sandbox.datacentre.tl import TL

if TYPE_CHECKING:
    from sandbox.datacentre.datacentre import DataCentre


def entry(
    dc: "DataCentre", authorization: Authorization | None, *, key_id: int, is_own: bool = False
) -> TL:
    """A login with its app; `key_id` is the hash by which it can be ended."""
    app, now = authorization.app if authorization else None, dc.now()
    return types.Authorization(
        hash=key_id,
        current=is_own or None,
        device_model=app.device_model if app else "",
        platform="",
        system_version=app.system_version if app else "",
        api_id=app.api_id if app else 0,
        app_name="",
        app_version=app.app_version if app else "",
        date_created=now,
        date_active=now,
        ip=dc.host,
        country=dc.country,
        region="",
    )
