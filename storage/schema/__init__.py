"""Every table. Times are UTC; columns named `sealed_*` hold what the vault made."""

from storage.schema.accounts import account_tags, accounts, flood_waits, peers, sessions
from storage.schema.base import UtcTime, metadata
from storage.schema.chat import (
    bot_contacts,
    dialogs,
    events,
    incidents,
    invites,
    operators,
    preferences,
)
from storage.schema.deliveries import attachments, blobs, deliveries
from storage.schema.proxies import proxies, proxy_assignments, proxy_checks, purchases
from storage.schema.running import (
    commands,
    instances,
    leases,
    liveness,
    recovered_accounts,
    recoveries,
    seats,
    timelines,
)
from storage.schema.vault import key_check

__all__ = [
    "UtcTime",
    "account_tags",
    "accounts",
    "attachments",
    "blobs",
    "bot_contacts",
    "commands",
    "deliveries",
    "dialogs",
    "events",
    "flood_waits",
    "incidents",
    "instances",
    "invites",
    "key_check",
    "leases",
    "liveness",
    "metadata",
    "operators",
    "peers",
    "preferences",
    "proxies",
    "proxy_assignments",
    "proxy_checks",
    "purchases",
    "recovered_accounts",
    "recoveries",
    "seats",
    "sessions",
    "timelines",
]
