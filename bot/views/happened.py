"""Entries of the journal in plain words."""

from bot.texts import Html, Texts
from storage.journal import Entry
from userbot.targets import masked

LONGEST_CAUSE = 90
LONGEST_WAY = 50

_WORDS = {
    "state.online": "why-online",
    "state.waiting": "why-waiting",
    "state.needs_login": "why-needs-login",
    "state.banned": "why-banned",
    "state.failed": "why-failed",
    "state.stopped": "why-stopped",
    "account.started": "why-ordered-start",
    "account.stopped": "why-ordered-stop",
    "account.forgotten": "why-forgotten",
    "account.restored": "why-restored",
    "account.log_out": "why-log-out",
    "account.logged_out": "why-logged-out",
    "account.imported": "why-imported",
    "account.exported": "why-exported",
    "account.purged": "event-purged",
    "enrolment.begun": "why-login-begun",
    "enrolment.done": "why-login-done",
    "enrolment.discarded": "event-login-left",
    "reconnect.forced": "why-ordered-reconnect",
    "monitor.mended": "why-mended",
    "proxy.moved": "why-proxy-moved",
    "proxy.added": "event-proxy-added",
    "proxy.removed": "event-proxy-removed",
    "proxy.changed": "event-proxy-changed",
    "proxy.settled": "event-proxy-settled",
    "proxy.cost": "event-proxy-cost",
    "proxy.country": "event-proxy-country",
    "proxy.kind": "event-proxy-kind",
    "proxy.kept": "event-proxy-kept",
    "proxy.bought": "event-proxy-bought",
    "proxy.lost": "event-proxy-lost",
    "proxy.reactivated": "event-proxy-reactivated",
    "proxy.reused": "event-proxy-reused",
    "proxy.replaced": "event-proxy-replaced",
    "proxy.fallback_country": "event-proxy-fallback",
    "proxy.release_ordered": "event-proxy-release-ordered",
    "proxy.releasing": "event-proxy-releasing",
    "proxy.released": "event-proxy-released",
    "delivery.drafted": "event-delivery-drafted",
    "delivery.approved": "event-delivery-approved",
    "delivery.discarded": "event-delivery-discarded",
    "delivery.waits": "event-delivery-waits",
    "delivery.settled": "event-delivery-settled",
    "delivery.edited": "event-delivery-edited",
    "delivery.deleted": "event-delivery-deleted",
    "sending.paused": "event-sending-paused",
    "sending.resumed": "event-sending-resumed",
    "sending.fallback": "event-sending-fallback",
    "operator.invited": "event-operator-invited",
    "operator.came": "event-operator-came",
    "operator.role": "event-operator-role",
    "operator.put_out": "event-operator-put-out",
    "operator.zone": "event-operator-zone",
    "stranger": "event-stranger",
    "account.frozen": "event-account-frozen",
    "account.thawed": "event-account-thawed",
    "account.set": "event-account-set",
    "account.read": "why-read",
    "account.muted": "event-muted",
    "account.unmuted": "event-unmuted",
    "accounts.tagged": "event-tagged",
    "alerts.on": "event-alerts-on",
    "alerts.off": "event-alerts-off",
    "backup.made": "event-backup-made",
    "backup.failed": "event-backup-failed",
    "database.restored": "event-restored",
    "storage.busy": "event-storage-busy",
    "instance.started": "event-started",
    "instance.died": "event-instance-died",
    "instance.drain_ordered": "event-instance-drain-ordered",
    "instance.drained": "event-instance-drained",
    "recovery.empty": "event-recovery-empty",
}
_RETRYING = {"ONLINE": "why-dropped", "CONNECTING": "why-attempt-failed"}
"""What a new pause means, by the state before."""
UNTOLD = ("state.connecting",)
"""That an attempt began says nothing that its end does not."""


def is_told(entry: Entry) -> bool:
    return entry.kind not in UNTOLD


def what(t: Texts, entry: Entry) -> Html | str:
    """What happened; the bare kind where another version wrote it."""
    if entry.kind == "state.retrying":
        return t(_RETRYING.get(str(entry.data.get("from")), "why-again"))
    if entry.kind == "recovery.finished":
        total, back = (int(entry.data.get(name) or 0) for name in ("total", "back"))
        return t("event-recovered", back=back, total=total)
    key = _WORDS.get(entry.kind)
    return t(key) if key else entry.kind


def because(t: Texts, entry: Entry) -> Html | str:
    """Why, as far as the journal has it. No whole phone number."""
    words = _cut(masked(entry.cause), LONGEST_CAUSE)
    return t("why-cause", cause=words) if words else ""


def cause(t: Texts, entry: Entry) -> Html:
    """Why, and over what, as far as the journal has it."""
    latency = entry.data.get("latency_ms")
    over = [str(entry.data.get("proxy") or ""), f"{latency} ms" if latency else ""]
    via = _cut(", ".join(part for part in over if part), LONGEST_WAY)
    return Html(because(t, entry) + (t("why-via", via=via) if via else ""))


def _cut(words: str, longest: int) -> str:
    return words if len(words) <= longest else words[:longest] + "…"
