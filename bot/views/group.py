"""Acts on all accounts of a list: the choice, the question, and what came of tags."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.callbacks import Go, GroupAct, GroupStep, OnGroup, OnList, Room, Which
from bot.finding import Picked
from bot.texts import Html, Texts
from bot.views.listing import narrowed
from bot.views.proxies import moving, words
from bot.views.view import Button, View, age, in_columns, lines, rows
from storage.labels import MOST_TAGS, Tagged
from storage.proxies import Proxy

NAMED = 5
"""So many accounts are named; the others are counted."""
PROXIES = 8
CHOICE = [act for act in GroupAct if act is not GroupAct.START_SURE]
"""What a list is asked for first; that one is an answer to a question."""
_EXACT = {GroupAct.START_SURE, GroupAct.STOP, GroupAct.MOVE}
"""What is done only to the very accounts that were asked about."""
_DIALS = {GroupAct.RECONNECT, GroupAct.START, GroupAct.START_SURE, GroupAct.MOVE}


@dataclass(frozen=True, slots=True)
class Tags:
    """Tags that are to be given, and to be taken off."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


def press(
    step: GroupStep, act: GroupAct, asked: OnList, *, same: str = "", to: int = 0
) -> OnGroup:
    """The button of a step of an act on that list."""
    return OnGroup(
        step=step, act=act, which=asked.which, by=asked.by, key=asked.key, same=same, to=to
    )


def to_list(t: Texts, asked: OnList) -> Button:
    return (t("list-button-to-list"), asked)


def to_acts(t: Texts, asked: OnList) -> Button:
    return (t("button-back"), press(GroupStep.CHOOSE, GroupAct.RECONNECT, asked))


def choose(t: Texts, asked: OnList, named: str, picked: Sequence[Picked]) -> View:
    """What they can do, with for how many of them it makes a difference."""
    first = {GroupAct.TAG: GroupStep.ASK, GroupAct.MOVE: GroupStep.WHERE}
    acts: list[Button] = [
        (
            t(f"group-{each.act}", count=len(each.fit)),
            press(first.get(each.act, GroupStep.ASK), each.act, asked),
        )
        for each in picked
        if each.fit
    ]
    total = max((each.total for each in picked), default=0)
    text = t("group-choose", words=narrowed(t, asked, named), total=total)
    return View(text, rows(*in_columns(acts, 2), [to_list(t, asked)]))


def ask(
    t: Texts,
    picked: Picked,
    asked: OnList,
    named: str,
    *,
    per_second: float,
    told: Html | None = None,
) -> View:
    """How many, what will happen to them, and how fast; the button below is the second press."""
    if not picked.fit:
        return _nobody(t, picked, asked)
    parts = [*([told, ""] if told else []), _question(t, picked), *_terms(t, picked, per_second)]
    parts.append(t("group-who", words=narrowed(t, asked, named)))
    return View(lines(parts), rows(*_answers(t, picked, asked), [to_acts(t, asked)]))


def nothing_to_reconnect(t: Texts, total: int, connecting: int) -> View:
    """None of the `total` that are down gains by it; `connecting` are at it already."""
    if total:
        down = OnList(which=Which.TROUBLE)
        return View(t("reconnect-none-fits", total=total), rows([to_list(t, down)]))
    status: Button = (t("button-status"), Go(room=Room.STATUS))
    return View(t("reconnect-none-down", connecting=connecting), rows([status]))


def ask_move(
    t: Texts,
    picked: Picked,
    asked: OnList,
    to: Proxy | None,
    *,
    capacity: int,
    per_second: float,
    told: Html | None = None,
) -> View:
    """Where they move, and what Telegram may make of it; `to` None is the least loaded."""
    if not picked.fit:
        return _nobody(t, picked, asked)
    where = words.name(to) if to else t("move-least-loaded")
    count = len(picked.fit)
    parts = [
        *([told, ""] if told else []),
        t("group-ask-move", count=count, to=where),
        *moving.warnings(t, None, to, count=count, capacity=capacity),
        *_terms(t, picked, per_second),
    ]
    sure = _sure(t, picked, asked, to=to.id if to else 0)
    return View(lines(parts), rows([sure], [to_acts(t, asked)]))


def where(
    t: Texts, picked: Picked, asked: OnList, found: Sequence[Proxy], *, capacity: int, page: int
) -> View:
    """The proxies that they can move to; those that fail their checks come last."""
    if not found:
        add: Button = (t("button-add-proxy"), Go(room=Room.ADD_PROXY))
        return View(t("move-nowhere"), rows([add], [to_acts(t, asked)]))
    listed = moving.in_order(found)
    last = (len(listed) - 1) // PROXIES
    page = min(max(page, 0), last)
    shown = listed[page * PROXIES : (page + 1) * PROXIES]

    def button(step: GroupStep, to: int) -> OnGroup:
        return press(step, GroupAct.MOVE, asked, to=to)

    paging: list[Button] = []
    if page > 0:
        paging.append((t("button-previous"), button(GroupStep.WHERE, page - 1)))
    if page < last:
        paging.append((t("button-next"), button(GroupStep.WHERE, page + 1)))
    targets: list[Button] = [
        (f"{words.light(p)} {words.name(p)}", button(GroupStep.ASK, p.id)) for p in shown
    ]
    head = t("group-move-where", count=len(picked.fit))
    text = lines([head, *(moving.line(t, proxy, capacity) for proxy in shown)])
    least: Button = (t("button-least-loaded-each"), button(GroupStep.ASK, 0))
    return View(text, rows([least], *in_columns(targets, 2), paging, [to_acts(t, asked)]))


def ask_tags(t: Texts, picked: Picked, known: Mapping[str, int]) -> View:
    """Ask which tags; the question is answered by a message."""
    parts = [t("group-tag-which", count=len(picked.fit))]
    if known:
        most = sorted(known, key=lambda tag: (-known[tag], tag))[:20]
        parts.append(t("group-tags-known", tags=", ".join(most)))
    return View(lines(parts), rows([_cancel(t)]))


def confirm_tags(t: Texts, picked: Picked, asked: OnList, tags: Tags) -> View:
    """Which tags come and go, before they do."""
    parts = [t("group-ask-tag", count=len(picked.fit))]
    if tags.add:
        parts.append(t("group-tags-get", tags=", ".join(tags.add)))
    if tags.remove:
        parts.append(t("group-tags-lose", tags=", ".join(tags.remove)))
    return View(lines(parts), rows([_sure(t, picked, asked)], [_cancel(t)]))


def tagged(t: Texts, done: Sequence[tuple[str, Tagged]], asked: OnList) -> View:
    """What became of each tag; one that begins with a minus was taken off."""
    return View(lines(_tagged(t, *each) for each in done), rows([to_list(t, asked)]))


def who(t: Texts, numbers: Sequence[int]) -> Html:
    """Some accounts, each a press away."""
    named = " ".join(f"/a{number}" for number in numbers[:NAMED])
    if len(numbers) > NAMED:
        named += " " + t("round-who-more", count=len(numbers) - NAMED)
    return Html(named)


def _tagged(t: Texts, tag: str, done: Tagged) -> Html:
    count, same = len(done.changed), len(done.same)
    if tag.startswith("-"):
        words = t("group-untagged", tag=tag[1:], count=count)
        return Html(words + (t("group-untag-same", count=same) if same else ""))
    words = t("group-tagged", tag=tag, count=count)
    if same:
        words = Html(words + t("group-tag-same", count=same))
    if not done.full:
        return words
    full = t("group-tag-full", count=len(done.full), most=MOST_TAGS, who=who(t, done.full))
    return Html(words + full)


def _nobody(t: Texts, picked: Picked, asked: OnList) -> View:
    """For none of them it makes a difference; where there are none, there is nothing to act on."""
    leave = to_acts(t, asked) if picked.total else to_list(t, asked)
    return View(t("group-none", total=picked.total), rows([leave]))


def _question(t: Texts, picked: Picked) -> Html:
    count = len(picked.fit)
    match picked.act:
        case GroupAct.START | GroupAct.START_SURE:
            return t("group-ask-run", count=count)
        case GroupAct.STOP:
            return t("group-ask-stop", count=count)
        case _:
            return t("group-ask-redo", count=count)


def _terms(t: Texts, picked: Picked, per_second: float) -> list[Html]:
    """How fast it goes, whom it may cost, and who is left out."""
    shown = []
    if _asks(picked):
        shown.append(t("group-elsewhere", count=picked.elsewhere))
    if picked.act in _DIALS:
        span = timedelta(seconds=max(1, math.ceil(len(picked.fit) / per_second)))
        shown.append(t("group-pace", rate=f"{per_second:g}", age=age(t, span)))
    if picked.act is GroupAct.STOP and picked.one_time:
        shown.append(t("group-one-time", count=picked.one_time))
    if left := picked.total - len(picked.fit):
        shown.append(t("group-left-out", count=left))
    return shown


def _asks(picked: Picked) -> bool:
    """Whether some start only where an operator says that nothing else uses their sessions."""
    return picked.act in {GroupAct.START, GroupAct.START_SURE} and picked.elsewhere > 0


def _answers(t: Texts, picked: Picked, asked: OnList) -> list[list[Button]]:
    """The second press; where some must not start without that word, one says it for all."""
    if not _asks(picked):
        return [[_sure(t, picked, asked)]]
    others = len(picked.fit) - picked.elsewhere
    some: Button = (
        t("group-now-others", count=others),
        press(GroupStep.NOW, GroupAct.START, asked),
    )
    sure = _sure(t, replace(picked, act=GroupAct.START_SURE), asked)
    return [[sure], [some]] if others else [[sure]]


def _sure(t: Texts, picked: Picked, asked: OnList, *, to: int = 0) -> Button:
    same = picked.digest if picked.act in _EXACT else ""
    return (
        t(f"group-now-{picked.act}", count=len(picked.fit)),
        press(GroupStep.NOW, picked.act, asked, same=same, to=to),
    )


def is_same(picked: Picked, pressed: OnGroup) -> bool:
    """Whether these are the accounts that whoever pressed was asked about, where that counts."""
    return picked.act not in _EXACT or picked.digest == pressed.same


def _cancel(t: Texts) -> Button:
    return (t("button-cancel"), Go(room=Room.CANCEL))
