"""Alerts about what many accounts wait for: a proxy, the network, Telegram."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.callbacks import (
    AlertAct,
    Go,
    MoveStep,
    Moving,
    OnAlert,
    OnMove,
    OnProxy,
    ProxyAct,
    Room,
    below,
)
from bot.texts import Html, Texts
from bot.views import accounts as account_views
from bot.views import instances as instance_views
from bot.views.alerts import Setting
from bot.views.proxies import words
from bot.views.view import Button, View, age, lines, rows
from storage.accounts import Account
from storage.incidents import NETWORK, TELEGRAM, Ending, Incident, instance_cut_off
from storage.proxies import Proxy
from userbot.origins import Origin, cause_of, origin_of
from userbot.proxies.causes import Cause

NAMED = 5
"""So many of those that wait are named; the others are counted."""
_LOGIN = {Cause.LOGIN_REJECTED, Cause.SECRET_REFUSED}


@dataclass(frozen=True, slots=True)
class Outage:
    """Many incidents with one cause."""

    cause_key: str
    proxy: Proxy | None
    """Where it is a proxy; None also where that is gone."""
    members: Sequence[Incident]
    places: Sequence[tuple[str, int]] = ()
    """The hosts and process numbers of the instances that it is about, where there are several."""

    @property
    def latest(self) -> Sequence[Incident]:
        """Of each account the last one: it may have been back in between."""
        return list({incident.account_id: incident for incident in self.members}.values())

    @property
    def waiting(self) -> Sequence[Incident]:
        return [incident for incident in self.latest if incident.closed_at is None]

    @property
    def back(self) -> int:
        return self._ended()[Ending.RECOVERED]

    @property
    def since(self) -> datetime:
        return min(incident.opened_at for incident in self.members)

    @property
    def until(self) -> datetime:
        """When the last of them ended; of meaning once nobody waits."""
        return max(incident.closed_at or incident.opened_at for incident in self.members)

    def others(self) -> Mapping[Ending, int]:
        """How many left otherwise than by coming back."""
        return {ending: n for ending, n in self._ended().items() if ending != Ending.RECOVERED}

    def words(self) -> str:
        """Why they wait: what the last check of the proxy found, else what most of them met."""
        health = self.proxy.health if self.proxy else None
        if health is not None and health.fault and health.checked_at >= self.since:
            found = next((cause for cause in Cause if cause.value == health.fault), None)
            if found is not None:
                return found.words
        met = Counter(incident.cause for incident in self.waiting or self.members)
        telling = [w for w in met if origin_of(w) not in {Origin.DROPPED, Origin.OWN}]
        return max(telling or met, key=lambda cause: met[cause])

    def _ended(self) -> Counter[Ending]:
        return Counter(i.ending for i in self.latest if i.closed_at is not None)


def opened(on: Setting, outage: Outage, known: Mapping[int, Account]) -> View:
    """What they wait for, how many and since when; `known` has the accounts that are named."""
    t, waiting = on.t, outage.waiting
    parts = [
        _what(
            t,
            outage,
            waiting=t("outage-waiting", count=len(waiting), at=on.clock(outage.since)),
        ),
        _names(t, waiting, known),
    ]
    if len(waiting) < len(outage.latest):
        parts.append(_so_far(t, outage))
    return View(lines(parts), rows(*_buttons(t, outage)))


def over(on: Setting, outage: Outage) -> View:
    """Nobody waits any more: who came back, in which time, and who did not."""
    text = on.t(
        "outage-over",
        light="🟢" if outage.back else "⚪",
        what=_short(on.t, outage),
        to=on.clock(outage.until),
        age=age(on.t, outage.until - outage.since),
        **{"from": on.clock(outage.since)},
    )
    return View(lines([text, _so_far(on.t, outage), on.t("outage-was", cause=outage.words())]))


def is_over(on: Setting, outage: Outage) -> View:
    """The same aloud, in a line."""
    lasted = age(on.t, outage.until - outage.since)
    total = len(outage.latest)
    return View(on.t("outage-is-over", back=outage.back, total=total, age=lasted))


def _what(t: Texts, outage: Outage, *, waiting: Html) -> Html:
    cause = outage.words()
    match outage.cause_key:
        case key if key == NETWORK:
            if outage.places:
                return t("outage-network-everywhere", places=_places(t, outage), waiting=waiting)
            return t("outage-network", waiting=waiting)
        case key if instance_cut_off(key):
            return t("outage-network-of", places=_places(t, outage), waiting=waiting)
        case key if key == TELEGRAM:
            return t("outage-telegram", cause=cause, waiting=waiting)
        case _:
            fault = cause_of(cause)
            return t(
                "outage-proxy",
                proxy=_name(outage),
                fault=fault.value if fault else "",
                cause=cause,
                waiting=waiting,
            )


def _short(t: Texts, outage: Outage) -> Html:
    match outage.cause_key:
        case key if key == NETWORK:
            return t("outage-short-network")
        case key if instance_cut_off(key):
            return t("outage-short-network-of", places=_places(t, outage))
        case key if key == TELEGRAM:
            return t("outage-short-telegram")
        case _:
            return t("outage-short-proxy", proxy=_name(outage))


def _places(t: Texts, outage: Outage) -> Html:
    shown = [instance_views.place(t, host, pid) for host, pid in outage.places[:NAMED]]
    more = len(outage.places) - len(shown)
    return Html(", ".join(shown) + (t("outage-more", count=more) if more else ""))


def _name(outage: Outage) -> str:
    return words.name(outage.proxy) if outage.proxy else outage.cause_key


def _names(t: Texts, waiting: Sequence[Incident], known: Mapping[int, Account]) -> Html:
    named = [
        account_views.name(known[n]) if (n := i.account_id or 0) in known else f"#{i.account_id}"
        for i in waiting[:NAMED]
    ]
    more = len(waiting) - len(named)
    shown = t("outage-names", names=", ".join(named))
    return Html(shown + t("outage-more", count=more)) if more else shown


def _so_far(t: Texts, outage: Outage) -> Html:
    back = t("outage-back", back=outage.back, total=len(outage.latest))
    others = outage.others()
    rest = [t("outage-rest", ending=str(e), count=others[e]) for e in Ending if others.get(e)]
    return Html(back + "".join(rest) + ".")


def _buttons(t: Texts, outage: Outage) -> list[list[Button]]:
    first = outage.members[0].id
    all_again: Button = (
        t("button-reconnect-all", count=len(outage.waiting)),
        below(OnAlert(act=AlertAct.RECONNECT_ALL, id=first)),
    )
    proxy = outage.proxy
    if proxy is None:
        check = below(Go(room=Room.CHECK_PROXIES))
        others: list[Button] = [(t("button-check-all"), check)]
        if outage.places:
            others.append((t("button-instances"), below(Go(room=Room.INSTANCES))))
        return [[all_again], others]
    key = "button-password" if cause_of(outage.words()) in _LOGIN else "button-change"
    change = below(OnProxy(act=ProxyAct.CHANGE, id=proxy.id))
    move = below(OnMove(step=MoveStep.CHOOSE, who=Moving.ALL, id=proxy.id))
    check = below(OnProxy(act=ProxyAct.CHECK, id=proxy.id))
    return [
        [(t(key), change), (t("button-check"), check)],
        [(t("button-move-all", count=proxy.accounts), move)],
        [all_again],
    ]
