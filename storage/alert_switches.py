"""Which kinds of alerts the admin chat gets: all, but those that an operator switched off."""

from enum import StrEnum

from sqlalchemy import select

from storage import preferences as settings
from storage.incidents import FOR_OPERATORS
from storage.schema import preferences
from storage.tx import Tx


class AlertKind(StrEnum):
    """What can be told; the names of incidents' kinds where it is one."""

    OFFLINE = "offline"
    OUTAGE = "outage"
    """Many accounts at once: a proxy, the network, Telegram."""
    NEEDS_LOGIN = "needs_login"
    BANNED = "banned"
    LEASE_LOST = "lease_lost"
    PROXY_COUNTRY = "proxy_country"
    PROXY_PAID = "proxy_paid"
    SPENDING = "spending"
    PROVIDER = "provider"
    INSTANCE_DIED = "instance_died"
    BOT_CONFLICT = "bot_conflict"
    BACKUP_FAILED = "backup_failed"
    ACCOUNT_FROZEN = "account_frozen"
    STORAGE = "storage"
    RECOVERY = "recovery"
    """What a start brought back."""

    @property
    def is_fixed(self) -> bool:
        """Whether it can't be switched off: nobody else would mend what it tells."""
        return self.value in FOR_OPERATORS

    @property
    def key(self) -> str:
        """The preference that is there while it is off."""
        return f"alerts.off.{self.value}"


_NAMES = frozenset(kind.value for kind in AlertKind)


async def off(tx: Tx) -> frozenset[AlertKind]:
    """The kinds that are switched off."""
    keys = {kind.key: kind for kind in AlertKind if not kind.is_fixed}
    rows = await tx.all(select(preferences.c.key).where(preferences.c.key.in_(keys)))
    return frozenset(keys[row.key] for row in rows)


async def switch(tx: Tx, kind: AlertKind, *, is_on: bool, by: int) -> bool:
    """Switch a kind on or off; False where it is so already, or can't be switched off."""
    if kind.is_fixed or (kind not in await off(tx)) == is_on:
        return False
    if is_on:
        return await settings.clear(tx, kind.key)
    await settings.put(tx, kind.key, True, by=by)  # noqa: FBT003 - the value that is kept
    return True


def of_incident(kind: str) -> AlertKind:
    """The switch of an incident's kind."""
    return AlertKind(kind) if kind in _NAMES else AlertKind.OFFLINE
