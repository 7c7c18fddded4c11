"""The list of proxies, a page at a time."""

from collections.abc import Sequence

from bot.callbacks import Go, LeaseAct, OnLease, OnProxy, ProxyAct, Room
from bot.proxy_standing import is_trouble
from bot.texts import Html, Texts
from bot.views.proxies import words
from bot.views.view import Button, View, back, in_columns, lines, rows
from storage.proxies import Proxy

PAGE = 8


def listing(
    t: Texts,
    found: Sequence[Proxy],
    *,
    capacity: int,
    page: int = 0,
    room: Room = Room.PROXIES,
    told: str = "",
    can_lease: bool = False,
) -> View:
    """One page of all proxies, or of those in trouble; a button for each.

    `told` stands above the list. `can_lease`: there is a provider.
    """
    sick = [p for p in found if is_trouble(p)]
    listed = sick if room is Room.SICK_PROXIES else found
    head = _head(t, found, sick, room)
    last = max(0, (len(listed) - 1) // PAGE)
    page = min(max(page, 0), last)
    shown = listed[page * PAGE : (page + 1) * PAGE]
    text = lines([*([told, ""] if told else []), head, *(_line(t, p, capacity) for p in shown)])
    return View(
        text,
        rows(
            *in_columns([_opening(p) for p in shown], 2),
            paging(t, room, page, last),
            _acts(t, found, can_lease=can_lease),
            _rooms(t, sick, room),
            [back(t)],
        ),
    )


def checking(t: Texts, found: Sequence[Proxy], done: int) -> Html:
    """How far a check of all of them is, to stand above the list."""
    sick = sum(is_trouble(p) for p in found)
    if done < len(found):
        return t("proxies-checking", done=done, total=len(found))
    return t("proxies-checked", total=len(found), sick=sick)


def paging(t: Texts, room: Room, page: int, last: int) -> list[Button]:
    buttons: list[Button] = []
    if page > 0:
        buttons.append((t("button-previous"), Go(room=room, page=page - 1)))
    if page < last:
        buttons.append((t("button-next"), Go(room=room, page=page + 1)))
    return buttons


def _head(t: Texts, found: Sequence[Proxy], sick: Sequence[Proxy], room: Room) -> Html:
    if room is Room.SICK_PROXIES:
        return t("proxies-sick", count=len(sick))
    return t("proxies", count=len(found), sick=len(sick)) if found else t("proxies-none")


def _line(t: Texts, proxy: Proxy, capacity: int) -> Html:
    where = words.country(proxy)
    return t(
        "proxy-line" if proxy.retired_at is None else "proxy-line-removed",
        light=words.light(proxy),
        proxy=words.name(proxy),
        kind=words.kind(t, proxy),
        country=t("proxy-line-country", country=where) if where else "",
        load=words.load(t, proxy, capacity),
        health=words.health(t, proxy),
    )


def _opening(proxy: Proxy) -> Button:
    label = f"{words.light(proxy)} {words.name(proxy)}"
    return (label, OnProxy(act=ProxyAct.SHOW, id=proxy.id))


def _acts(t: Texts, found: Sequence[Proxy], *, can_lease: bool) -> list[Button]:
    buttons: list[Button] = [(t("button-add-proxy"), Go(room=Room.ADD_PROXY))]
    if can_lease:
        buttons.append((t("button-lease"), OnLease(act=LeaseAct.ASK)))
    if found:
        buttons.append((t("button-check-all"), Go(room=Room.CHECK_PROXIES)))
    return buttons


def _rooms(t: Texts, sick: Sequence[Proxy], room: Room) -> list[Button]:
    money: Button = (t("button-costs"), Go(room=Room.COSTS))
    if room is Room.SICK_PROXIES:
        return [(t("button-all-proxies"), Go(room=Room.PROXIES)), money]
    if sick:
        trouble: Button = (t("button-sick-proxies", count=len(sick)), Go(room=Room.SICK_PROXIES))
        return [trouble, money]
    return [money]
