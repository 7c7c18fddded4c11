"""What is asked before something is done with a proxy, and what is said after."""

from bot.callbacks import Go, MoveStep, Moving, OnMove, OnProxy, ProxyAct, Room
from bot.prices import CostFlaw
from bot.proxy_desk import Return
from bot.texts import Html, Texts
from bot.views.proxies import words
from bot.views.view import Button, View, lines, rows
from storage.proxies import Proxy

_DIALOGS = {
    ProxyAct.CHANGE: "change-ask",
    ProxyAct.PRICE: "price-ask",
    ProxyAct.COUNTRY: "country-ask",
}


def ask(t: Texts, proxy: Proxy, act: ProxyAct, *, told: str = "") -> View:
    """The question of a dialog about a proxy; Cancel leads back to its card."""
    question = t(_DIALOGS[act], proxy=words.name(proxy))
    return View(lines([*([told, ""] if told else []), question]), rows([_cancel(t, proxy.id)]))


def bad_cost(t: Texts, flaw: CostFlaw) -> Html:
    return t(f"price-bad-{flaw}")


def kinds(t: Texts, proxy: Proxy) -> View:
    def button(key: str, act: ProxyAct) -> Button:
        return (t(key), OnProxy(act=act, id=proxy.id))

    return View(
        t("kind-ask", proxy=words.name(proxy)),
        rows(
            [
                button("button-static", ProxyAct.STATIC),
                button("button-rotating", ProxyAct.ROTATING),
            ],
            [_cancel(t, proxy.id)],
        ),
    )


def remove(t: Texts, proxy: Proxy) -> View:
    """Says who has it, and that they keep it."""
    sure: Button = (t("button-remove-now"), OnProxy(act=ProxyAct.REMOVE_NOW, id=proxy.id))
    text = t("remove-ask", proxy=words.name(proxy), accounts=proxy.accounts)
    return View(text, rows([sure], [_cancel(t, proxy.id)]))


def release(t: Texts, proxy: Proxy, needed_by: int) -> View:
    """The address will be lost; while accounts need it they are moved first."""
    if needed_by:
        move = OnMove(step=MoveStep.CHOOSE, who=Moving.ALL, id=proxy.id)
        text = t("release-needed", proxy=words.name(proxy), accounts=needed_by)
        away: Button = (t("button-move-all", count=proxy.accounts), move)
        return View(text, rows([away], [_cancel(t, proxy.id)]))
    sure: Button = (t("button-release-now"), OnProxy(act=ProxyAct.RELEASE_NOW, id=proxy.id))
    text = t("release-ask", proxy=words.name(proxy))
    return View(text, rows([sure], [_cancel(t, proxy.id)]))


def trying(t: Texts, name: str) -> View:
    return View(t("change-trying", proxy=name))


def does_not_work(t: Texts, proxy: Proxy, name: str, why: str) -> View:
    """The new address was tried; it can be taken all the same."""
    text = t("change-does-not-work", proxy=name, why=why, accounts=proxy.accounts)
    force: Button = (t("button-force"), OnProxy(act=ProxyAct.FORCE, id=proxy.id))
    another: Button = (t("button-another-line"), OnProxy(act=ProxyAct.CHANGE, id=proxy.id))
    return View(text, rows([force], [another], [_cancel(t, proxy.id)]))


def gone(t: Texts) -> View:
    return View(t("proxy-unknown"), rows([(t("button-to-proxies"), Go(room=Room.PROXIES))]))


def returning(
    t: Texts, told: Html, so_far: Return, others: int, button: Button, *, is_late: bool = False
) -> View:
    """How many of the accounts that dial anew are connected.

    `others` do not connect by themselves. Late: nobody waits for the rest any more.
    """
    parts = [told]
    if so_far.total:
        parts.append(t("returning", back=so_far.back, total=so_far.total))
    if others:
        parts.append(t("returning-others", count=others))
    if is_late and so_far.back < so_far.total:
        parts.append(t("returning-late"))
    return View(lines(parts), rows([button]))


def _cancel(t: Texts, proxy_id: int) -> Button:
    return (t("button-cancel"), OnProxy(act=ProxyAct.SHOW, id=proxy_id))
