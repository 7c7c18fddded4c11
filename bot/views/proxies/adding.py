"""What became of the lines that an operator sent, and of the checks of what was new."""

from collections.abc import Iterable, Sequence

from aiogram.types import InlineKeyboardMarkup

from bot.callbacks import Go, OnProxy, ProxyAct, Room
from bot.proxy_adding import Added
from bot.proxy_standing import fault_in_words, is_trouble
from bot.texts import Html, Texts
from bot.views.proxies import card, words
from bot.views.view import Button, View, lines, rows
from storage.proxies import Proxy

MOST = 20
"""So many lines of a kind are told; the others are counted."""
_BAD, _SAME, _CHECKED = 1800, 700, 1200
"""How many characters each kind may take: a message has 4096."""


def answer(
    t: Texts,
    added: Added,
    found: Sequence[Proxy],
    *,
    is_late: bool = False,
    is_message_kept: bool = False,
) -> View:
    """`found` are the new ones as they are now. Late: nobody waits for the rest any more."""
    parts = [
        *_head(t, added),
        *([t("proxy-message-kept")] if is_message_kept else []),
        *_checks(t, added, found, is_late=is_late),
        *clipped(t, (t("line-bad", line=b.line, reason=b.reason) for b in added.bad), _BAD),
        *clipped(t, _same(t, added), _SAME),
    ]
    return View(lines(parts), _keyboard(t, added, found))


def is_checked(added: Added, found: Sequence[Proxy]) -> bool:
    """Whether every new one was checked; one that is gone meanwhile is no concern."""
    return all(p.health is not None for p in found if p.id in added.ids)


def only_bad(t: Texts, added: Added, *, is_message_kept: bool) -> View:
    """No line names a proxy: the question stays open."""
    kept = [t("proxy-message-kept")] if is_message_kept else []
    if len(added.bad) == 1 and added.bad[0].line == 1:
        told = [t("proxy-bad", reason=added.bad[0].reason)]
    elif added.bad:
        bad = (t("line-bad", line=b.line, reason=b.reason) for b in added.bad)
        told = [t("proxy-none-good"), *clipped(t, bad, _BAD)]
    else:
        told = [t("proxy-empty")]
    return View(lines([*told, *kept]), rows([_cancel(t)]))


def question(t: Texts) -> View:
    return View(t("proxy-ask"), rows([_cancel(t)]))


def clipped(t: Texts, parts: Iterable[Html], characters: int) -> list[Html]:
    """The first ones, as many as fit; the others are counted."""
    listed = list(parts)
    shown: list[Html] = []
    for part in listed[:MOST]:
        characters -= len(part) + 1
        if characters < 0:
            break
        shown.append(part)
    left = len(listed) - len(shown)
    return [*shown, t("and-more", count=left)] if left else shown


def _head(t: Texts, added: Added) -> list[Html]:
    if len(added.new) == 1:
        return [t("proxy-added", proxy=added.new[0].endpoint.name)]
    if added.new:
        return [t("proxies-added", count=len(added.new))]
    return [] if len(added.known) == 1 and not added.bad else [t("proxies-nothing-new")]


def _same(t: Texts, added: Added) -> Iterable[Html]:
    for good in added.known:
        yield t("proxy-known", line=good.line, proxy=good.parsed.endpoint.name)
    for double in added.duplicates:
        yield t("line-double", line=double.line, first=double.first_line)


def _checks(t: Texts, added: Added, found: Sequence[Proxy], *, is_late: bool) -> list[Html]:
    """How far the checks are, or what they found."""
    new = [p for p in found if p.id in added.ids]
    if not new:
        return []
    checked = [p for p in new if p.health is not None]
    if len(new) == 1:
        return [_one(t, new[0], is_late=is_late)]
    well = sum(not is_trouble(p) for p in checked)
    done = len(checked) == len(new)
    key = "checks-done" if done else "checks-late" if is_late else "checks"
    told = t(key, done=len(checked), total=len(new), well=well)
    bad = [p for p in checked if is_trouble(p)]
    return [told, *clipped(t, (_result(t, p) for p in bad), _CHECKED)]


def _one(t: Texts, proxy: Proxy, *, is_late: bool) -> Html:
    if proxy.health is None:
        return t("check-late") if is_late else t("check")
    if not proxy.is_sick:
        latency = proxy.health.latency_ms or 0
        return t("check-twin") if proxy.is_guess else t("check-well", latency=latency)
    kept = t("proxy-guess") if proxy.is_guess else t("proxy-kept")
    return lines([t("check-sick", fault=fault_in_words(proxy.health.fault)), kept])


def _result(t: Texts, proxy: Proxy) -> Html:
    return t(
        "check-line",
        light=words.light(proxy),
        proxy=words.name(proxy),
        health=words.health(t, proxy),
    )


def _keyboard(t: Texts, added: Added, found: Sequence[Proxy]) -> InlineKeyboardMarkup:
    opening: list[Button] = []
    settling: list[Button] = []
    if len(added.new) == 1:
        settling = [b for p in found if p.id == added.new[0].id for b in card.settling(t, p)]
        opening = [(t("button-proxy"), OnProxy(act=ProxyAct.SHOW, id=added.new[0].id))]
    more: Button = (t("button-add-proxy"), Go(room=Room.ADD_PROXY))
    return rows(settling, [*opening, more], [(t("button-to-proxies"), Go(room=Room.PROXIES))])


def _cancel(t: Texts) -> Button:
    return (t("button-cancel"), Go(room=Room.CANCEL))
