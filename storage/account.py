"""An account as its row has it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Row

from storage import numbers
from storage.proxy import Endpoint


class Desired(StrEnum):
    """What the operator wants; stored apart from what is observed."""

    RUN = "RUN"
    STOP = "STOP"


@dataclass(frozen=True, slots=True)
class Identity:
    """What an account presents itself with. Fixed at enrolment: a change looks like theft."""

    api_id: int
    api_hash: str = field(repr=False)
    device_model: str
    system_version: str
    app_version: str
    lang_code: str = "en"
    system_lang_code: str = "en"


@dataclass(frozen=True, slots=True)
class Observed:
    """What is known of an account's userbot; `state` is a `userbot.states.State`."""

    state: str
    reason: str
    attempt: int
    retry_at: datetime | None
    since: datetime
    is_frozen: bool = False
    """Telegram froze the account: it connects, and may not write."""


@dataclass(frozen=True, slots=True)
class Freeze:
    """What Telegram says of an account that it has frozen; nothing where it was not asked yet."""

    since: datetime | None = None
    until: datetime | None = None
    appeal_url: str = ""
    """Of Telegram's own pages, to be opened as the account."""


@dataclass(frozen=True, slots=True)
class Account:
    id: int
    phone: str = field(repr=False)
    """Empty until Telegram has said whose it is: a login by picture begins without a number."""
    user_id: int | None
    username: str | None
    name: str
    desired: Desired
    elsewhere: str | None
    """Why its session may be in use elsewhere: two live copies kill the key."""
    observed: Observed
    proxy_id: int | None
    proxy_name: str
    always_online: bool
    one_time_phone: bool
    last_online_at: datetime | None
    removed_at: datetime | None = None
    """When an operator had it forgotten: it is in no list, and goes for good later."""
    owner: str | None = None
    """The instance that runs it, or ran it last."""
    importance: int = 0
    """Higher comes back first after a restart (S1.3)."""
    without_proxy: bool = False
    """Whether an operator lets it run without a proxy."""
    country: str | None = None
    """Where its proxies are to be; ISO 3166, lower case."""
    label: str = ""
    """What operators call it."""
    tags: tuple[str, ...] = ()
    freeze: Freeze = Freeze()
    """Only where `observed.is_frozen`."""
    proxy_country: str | None = None
    """Where its proxy's traffic leaves, as Telegram saw it last, else as its owner says."""


def of_row(row: Row[tuple[object, ...]]) -> Account:
    has_proxy = row.proxy_host is not None
    proxy_name = Endpoint("", row.proxy_host, row.proxy_port).name if has_proxy else ""
    return Account(
        id=row.id,
        phone=numbers.known(row.phone),
        user_id=row.user_id,
        username=row.username,
        name=row.name,
        desired=Desired(row.desired),
        elsewhere=row.elsewhere,
        observed=Observed(
            row.state, row.reason, row.attempt, row.retry_at, row.since, row.is_frozen
        ),
        proxy_id=row.proxy_id,
        proxy_name=proxy_name,
        always_online=row.always_online,
        one_time_phone=row.one_time_phone,
        last_online_at=row.last_online_at,
        removed_at=row.removed_at,
        owner=row.owner,
        importance=row.importance,
        without_proxy=row.without_proxy,
        country=row.country,
        label=row.label,
        tags=tuple(sorted(row.tags.split())) if row.tags else (),
        freeze=Freeze(row.frozen_since, row.frozen_until, row.appeal_url),
        proxy_country=row.proxy_country,
    )
