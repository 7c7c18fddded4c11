"""Alerts that are about no account: a proxy, the money, a provider, the bot itself."""

from bot.callbacks import Go, OnProxy, ProxyAct, Room, below
from bot.texts import Texts
from bot.views.view import Button, View, rows
from storage.incidents import About, Incident


def opened(t: Texts, incident: Incident, name: str) -> View:
    """What is wrong, and the button that leads to where it is mended.

    `name` is what operators call what it is about.
    """
    text = t(f"about-{incident.kind}", subject=name, cause=incident.cause)
    return View(text, rows([_button(t, incident)]))


def over(t: Texts, incident: Incident, name: str) -> View:
    """It is well again; what it was stays to be read."""
    return View(t(f"over-{incident.kind}", subject=name, cause=incident.cause))


def proxy_of(subject: str | None) -> int | None:
    """The proxy that an incident with this subject is about, if it is about one."""
    what, _, number = (subject or "").rpartition(" ")
    return int(number) if what == "proxy" and number.isdecimal() else None


def _button(t: Texts, incident: Incident) -> Button:
    proxy = proxy_of(incident.subject)
    if proxy is not None:
        return (t("button-proxy"), OnProxy(act=ProxyAct.OPEN, id=proxy))
    if incident.kind == About.BOT_CONFLICT:
        return (t("button-status"), below(Go(room=Room.STATUS)))
    if incident.kind == About.INSTANCE_DIED:
        return (t("button-instances"), below(Go(room=Room.INSTANCES)))
    return (t("button-proxies"), below(Go(room=Room.PROXIES)))
