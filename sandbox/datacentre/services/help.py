"""help.*: where the data centres are, and what the client may do."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from telethon.tl import functions, types

from sandbox.datacentre.dispatcher import Call, Method, Methods
from sandbox.datacentre.tl import TL

if TYPE_CHECKING:
    from sandbox.datacentre.datacentre import DataCentre

_CONFIG_LIFETIME = timedelta(hours=1)

_LIMITS = {
    "chat_size_max": 200,
    "megagroup_size_max": 200_000,
    "forwarded_count_max": 100,
    "online_update_period_ms": 210_000,
    "offline_blur_timeout_ms": 5_000,
    "offline_idle_timeout_ms": 30_000,
    "online_cloud_timeout_ms": 300_000,
    "notify_cloud_delay_ms": 30_000,
    "notify_default_delay_ms": 1_500,
    "push_chat_period_ms": 60_000,
    "push_chat_limit": 2,
    "edit_time_limit": 172_800,
    "revoke_time_limit": 2_147_483_647,
    "revoke_pm_time_limit": 2_147_483_647,
    "rating_e_decay": 2_419_200,
    "stickers_recent_limit": 200,
    "channels_read_media_period": 604_800,
    "call_receive_timeout_ms": 20_000,
    "call_ring_timeout_ms": 90_000,
    "call_connect_timeout_ms": 30_000,
    "call_packet_timeout_ms": 10_000,
    "caption_length_max": 1024,
    "message_length_max": 4096,
}
"""Telegram's usual values (core.telegram.org/constructor/config)."""


class HelpService:
    def __init__(self, dc: "DataCentre") -> None:
        self._dc = dc

    def methods(self) -> Methods:
        return {
            functions.help.GetConfigRequest: _open(self._config),
            functions.help.GetNearestDcRequest: _open(self._nearest_dc),
            functions.help.GetAppConfigRequest: Method(self._app_config, needs_login=False),
        }

    def _config(self, _call: Call, _request: TL) -> TL:
        """The data centres that it names are this one and those beside it."""
        dc, now = self._dc, self._dc.now()
        known = [dc, *dc.beside]
        return types.Config(
            date=now,
            expires=now + _CONFIG_LIFETIME,
            test_mode=False,
            this_dc=dc.dc_id,
            dc_options=[option for each in known for option in _options(each)],
            dc_txt_domain_name="apv3.stel.com",
            me_url_prefix="https://t.me/",
            webfile_dc_id=dc.dc_id,
            revoke_pm_inbox=True,
            **_LIMITS,
        )

    def _nearest_dc(self, call: Call, _request: TL) -> TL:
        """Where the connection comes from, by the address that it is seen with."""
        connection = call.session.connection
        seen = self._dc.country_of(connection.peer[1]) if connection else None
        return types.NearestDc(seen or self._dc.country, self._dc.dc_id, self._dc.dc_id)

    def _app_config(self, call: Call, request: TL) -> TL:
        """What a frozen account is told of its freeze; all others get nothing."""
        frozen = self._dc.faults.told_frozen(call.user_id)
        number = frozen.id + 1 if frozen else 1
        if request.hash == number:
            return types.help.AppConfigNotModified()
        told = [_json(key, value) for key, value in frozen.told.items()] if frozen else []
        return types.help.AppConfig(hash=number, config=types.JsonObject(told))


def _options(dc: "DataCentre") -> tuple[TL, TL]:
    """The main address first: not every client looks for what the others are for."""
    main = types.DcOption(dc.dc_id, dc.host, dc.port, static=True)
    return main, types.DcOption(dc.dc_id, dc.host, dc.media_port, static=True, media_only=True)


def _open(answer: Callable[[Call, TL], TL]) -> Method:
    """A method for everyone, also for who has only a temporary key."""
    return Method(answer, needs_login=False, takes_unbound=True)


def _json(key: str, value: int | str) -> TL:
    is_text = isinstance(value, str)
    return types.JsonObjectValue(
        key, types.JsonString(value) if is_text else types.JsonNumber(float(value))
    )
