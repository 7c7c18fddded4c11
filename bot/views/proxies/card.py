"""A proxy's card: all that is known of it, and what can be done with it."""

from bot.callbacks import Go, LeaseAct, MoveStep, Moving, OnLease, OnMove, OnProxy, ProxyAct, Room
from bot.proxy_desk import Dossier
from bot.proxy_standing import is_gone, is_releasing, is_removed
from bot.texts import Html, Texts
from bot.views import accounts as account_views
from bot.views.proxies import words
from bot.views.view import Button, View, due, lines, rows
from storage.proxies import Kind, Proxy
from storage.proxy_checks import Record
from userbot.providers.money import from_cents

LONGEST = 60
"""A user name may be longer than a card bears."""


def card(t: Texts, dossier: Dossier, *, capacity: int, told: str = "") -> View:
    """`told` stands above it: what has just been done, or goes on."""
    proxy = dossier.proxy
    parts = [
        *([told, ""] if told else []),
        t("proxy", light=words.light(proxy), proxy=proxy.endpoint.name),
        _what(t, proxy),
        *_state(t, dossier),
        *_uptime(t, dossier),
        _where(t, proxy),
        _accounts(t, dossier, capacity),
        t("proxy-traffic", up=words.size(proxy.bytes_up), down=words.size(proxy.bytes_down)),
        _cost(t, proxy),
        t("proxy-since", date=f"{proxy.added_at:%Y-%m-%d}"),
    ]
    return View(lines(parts), rows(*_keyboard(t, proxy)))


def to_card(t: Texts, proxy_id: int) -> Button:
    return (t("button-to-proxy"), OnProxy(act=ProxyAct.SHOW, id=proxy_id))


def settling(t: Texts, proxy: Proxy) -> list[Button]:
    """An operator may know what it is where no try has told."""
    if not (proxy.is_guess and proxy.is_sick):
        return []
    ways = [("button-is-socks5", ProxyAct.SOCKS5), ("button-is-http", ProxyAct.HTTP)]
    return [(t(key), OnProxy(act=act, id=proxy.id)) for key, act in ways]


def price(cents: int) -> str:
    return f"{from_cents(cents):.2f}"


def _what(t: Texts, proxy: Proxy) -> Html:
    endpoint = proxy.endpoint
    login = endpoint.username
    if len(login) > LONGEST:
        login = f"{login[:LONGEST]}…"
    return t(
        "proxy-what",
        scheme=t("proxy-scheme-unknown") if proxy.is_guess else t(f"scheme-{endpoint.scheme}"),
        kind=t(f"proxy-kind-{proxy.kind}"),
        login=t("proxy-login", login=login) if login else "",
        moving=t("proxy-rotating") if proxy.kind is Kind.ROTATING else "",
    )


def _state(t: Texts, dossier: Dossier) -> list[Html]:
    proxy = dossier.proxy
    if is_gone(proxy):
        return [t("proxy-gone")]
    shown = [words.last_check(t, proxy, dossier.now)]
    if proxy.lease is not None and proxy.lease.release_at is not None:
        shown.append(t("proxy-releasing", due=due(t, proxy.lease.release_at, dossier.now)))
    elif is_removed(proxy):
        shown.append(t("proxy-retired"))
    elif proxy.is_sick:
        shown.append(t("proxy-kept"))
    if proxy.is_guess and proxy.health is not None:
        shown.append(t("proxy-guess") if proxy.is_sick else t("proxy-twin"))
    return shown


def _uptime(t: Texts, dossier: Dossier) -> list[Html]:
    day, week = dossier.day, dossier.week
    if week is None:
        return []
    latency = week.latency_ms if day is None or day.latency_ms is None else day.latency_ms
    slow = "" if latency is None else t("proxy-mean", latency=latency)
    return [t("proxy-uptime", day=_percent(day), week=_percent(week), mean=slow)]


def _percent(record: Record | None) -> str:
    """Rounded down: what failed once is not at 100 %."""
    if record is None or record.uptime is None:
        return "-"
    return f"{int(record.uptime * 1000) / 10:g} %"


def _where(t: Texts, proxy: Proxy) -> Html:
    country = (proxy.country or "").upper()
    seen = (proxy.exit_country or "").upper()
    exit_ = ""
    if proxy.has_drifted:
        exit_ = t("proxy-drifted", country=seen, first=(proxy.first_exit or "").upper())
    elif seen:
        exit_ = t("proxy-exit", country=seen)
    return t("proxy-where", country=country or t("proxy-country-unknown"), exit=exit_)


def _accounts(t: Texts, dossier: Dossier, capacity: int) -> Html:
    proxy = dossier.proxy
    if not proxy.accounts:
        return t("proxy-no-accounts")
    named = ", ".join(account_views.name(account) for account in dossier.named)
    rest = proxy.accounts - len(dossier.named)
    return t(
        "proxy-accounts",
        load=words.load(t, proxy, capacity),
        accounts=named,
        more=t("proxy-accounts-more", count=rest) if rest else "",
    )


def _cost(t: Texts, proxy: Proxy) -> Html:
    cost = proxy.cost
    if cost.price_cents is None:
        return t("proxy-no-price")
    until = t("proxy-paid-until", date=f"{cost.paid_until:%Y-%m-%d}") if cost.paid_until else ""
    return t("proxy-price", price=price(cost.price_cents), until=until)


def _keyboard(t: Texts, proxy: Proxy) -> list[list[Button]]:
    def buttons(*offered: tuple[str, ProxyAct]) -> list[Button]:
        return [(t(key), OnProxy(act=act, id=proxy.id)) for key, act in offered]

    check = [("button-check", ProxyAct.CHECK)] if _is_checked(proxy) else []
    change = [] if is_gone(proxy) else [("button-change", ProxyAct.CHANGE)]
    kind = [] if proxy.kind is Kind.LEASED else [("button-kind", ProxyAct.KIND)]
    return [
        settling(t, proxy),
        _elsewhere(t, proxy),
        buttons(*check, *change),
        _move_all(t, proxy),
        buttons(("button-price", ProxyAct.PRICE), ("button-country", ProxyAct.COUNTRY)),
        buttons(*kind, *_ending(proxy)),
        [(t("button-to-proxies"), Go(room=Room.PROXIES))],
    ]


def _elsewhere(t: Texts, proxy: Proxy) -> list[Button]:
    """Of one that its provider no longer has, while accounts still have it."""
    if not (proxy.kind is Kind.LEASED and is_gone(proxy) and proxy.accounts):
        return []
    return [(t("button-lease-elsewhere"), OnLease(act=LeaseAct.ASK, id=proxy.id))]


def _is_checked(proxy: Proxy) -> bool:
    """Nobody checks what no account has nor gets."""
    return not is_gone(proxy) and (proxy.accounts > 0 or not is_removed(proxy))


def _move_all(t: Texts, proxy: Proxy) -> list[Button]:
    if not proxy.accounts:
        return []
    move = OnMove(step=MoveStep.CHOOSE, who=Moving.ALL, id=proxy.id)
    return [(t("button-move-all", count=proxy.accounts), move)]


def _ending(proxy: Proxy) -> list[tuple[str, ProxyAct]]:
    """What takes it out of use, or back into it."""
    if is_gone(proxy):
        return []
    if is_releasing(proxy):
        return [("button-keep", ProxyAct.KEEP)]
    if is_removed(proxy):
        shown = [("button-use", ProxyAct.USE)]
    else:
        shown = [("button-remove", ProxyAct.REMOVE)]
    if proxy.kind is Kind.LEASED:
        shown.append(("button-release", ProxyAct.RELEASE))
    return shown
