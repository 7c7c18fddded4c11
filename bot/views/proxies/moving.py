"""Moving accounts to another proxy: where to, the question, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.callbacks import AccountAct, Go, MoveStep, Moving, OnAccount, OnMove, Room
from bot.proxy_standing import is_trouble
from bot.texts import Html, Texts
from bot.views.proxies import words
from bot.views.proxies.card import to_card
from bot.views.view import Button, View, in_columns, lines, rows
from storage.proxies import Proxy

PAGE = 8


@dataclass(frozen=True, slots=True)
class Move:
    """Whose move it is."""

    who: Moving
    id: int
    """The account, or the proxy that all its accounts leave."""
    name: str
    count: int
    """How many accounts move."""
    has: Proxy | None
    """The proxy that they have."""

    def button(self, step: MoveStep, *, to: int = 0, page: int = 0) -> OnMove:
        return OnMove(step=step, who=self.who, id=self.id, to=to, page=page)


def choose(t: Texts, move: Move, found: Sequence[Proxy], *, capacity: int, page: int) -> View:
    """The others as buttons, with what each carries; those that fail their checks come last."""
    if not found:
        return View(t("move-nowhere"), rows([_add(t)], [to_origin(t, move)]))
    listed = in_order(found)
    last = (len(listed) - 1) // PAGE
    page = min(max(page, 0), last)
    shown = listed[page * PAGE : (page + 1) * PAGE]
    paging: list[Button] = []
    if page > 0:
        back = move.button(MoveStep.CHOOSE, page=page - 1)
        paging.append((t("button-previous"), back))
    if page < last:
        on = move.button(MoveStep.CHOOSE, page=page + 1)
        paging.append((t("button-next"), on))
    key = "button-least-loaded" if move.who is Moving.ONE else "button-least-loaded-each"
    text = lines([_who(t, move), *(line(t, p, capacity) for p in shown)])
    return View(
        text,
        rows(
            [(t(key), move.button(MoveStep.ASK))],
            *in_columns([_target(move, p) for p in shown], 2),
            paging,
            [to_origin(t, move)],
        ),
    )


def ask(t: Texts, move: Move, to: Proxy | None, *, capacity: int) -> View:
    """How many move and where, and what that may mean; `to` None is the least loaded."""
    warned = warnings(t, move.has, to, count=move.count, capacity=capacity)
    parts = [_question(t, move, to), *warned]
    sure: Button = (t("button-move-now"), move.button(MoveStep.NOW, to=to.id if to else 0))
    return View(lines(parts), rows([sure], [_cancel(t, move)]))


def to_origin(t: Texts, move: Move) -> Button:
    """Back to the card that the move began on."""
    if move.who is Moving.ONE:
        return (t("button-account"), OnAccount(act=AccountAct.SHOW, id=move.id))
    return to_card(t, move.id)


def nowhere(t: Texts, move: Move) -> View:
    return View(t("move-nowhere"), rows([_add(t)], [to_origin(t, move)]))


def done(t: Texts, move: Move, to: Proxy | None, count: int) -> Html:
    where = words.name(to) if to else t("move-least-loaded")
    if move.who is Moving.ONE:
        return t("move-done-one", account=move.name, to=where)
    return t("move-done", count=count, to=where)


def _who(t: Texts, move: Move) -> Html:
    if move.who is Moving.ONE:
        return t("move-choose-one", account=move.name)
    return t("move-choose", count=move.count, proxy=move.name)


def _question(t: Texts, move: Move, to: Proxy | None) -> Html:
    where = words.name(to) if to else t("move-least-loaded")
    if move.who is Moving.ONE:
        return t("move-ask-one", account=move.name, to=where)
    return t("move-ask", count=move.count, proxy=move.name, to=where)


def in_order(found: Sequence[Proxy]) -> list[Proxy]:
    """The proxies to choose from: the least loaded first, those that fail their checks last."""
    return sorted(found, key=lambda p: (is_trouble(p), p.accounts, p.id))


def warnings(
    t: Texts, has_now: Proxy | None, to: Proxy | None, *, count: int, capacity: int
) -> list[Html]:
    """What a move of so many may mean; `has_now` is the one proxy that they have, if it is one."""
    shown = [t("move-identity")]
    if to is None:
        return shown
    has, gets = words.country(has_now) if has_now else "", words.country(to)
    if has and gets and has != gets:
        shown.append(t("move-country", has=has, gets=gets))
    if is_trouble(to):
        shown.append(t("move-sick", health=words.health(t, to)))
    if to.accounts + count > capacity:
        shown.append(t("move-full", accounts=to.accounts + count, capacity=capacity))
    return shown


def line(t: Texts, proxy: Proxy, capacity: int) -> Html:
    """A proxy to move to: where it is, what it carries, how it fares."""
    where = words.country(proxy)
    return t(
        "move-line",
        light=words.light(proxy),
        proxy=words.name(proxy),
        country=t("proxy-line-country", country=where) if where else "",
        load=words.load(t, proxy, capacity),
        health=words.health(t, proxy),
    )


def _target(move: Move, proxy: Proxy) -> Button:
    label = f"{words.light(proxy)} {words.name(proxy)}"
    return (label, move.button(MoveStep.ASK, to=proxy.id))


def _cancel(t: Texts, move: Move) -> Button:
    return (t("button-cancel"), to_origin(t, move)[1])


def _add(t: Texts) -> Button:
    return (t("button-add-proxy"), Go(room=Room.ADD_PROXY))
