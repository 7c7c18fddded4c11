"""The instances that share the accounts, what a drain would do, and those that died."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from bot.callbacks import Go, InstanceAct, OnInstance, Room, below
from bot.texts import Html, Texts
from bot.views.alerts import Setting
from bot.views.view import Button, View, age, back, in_columns, lines, rows
from storage.deaths import Death
from storage.incidents import Incident
from storage.team import Condition, Leaving, Member

PAGE = 8
SHORT = 8
"""So much of an id tells two of them apart."""
LIGHTS = {Condition.WELL: "🟢", Condition.DRAINING: "🟡", Condition.SILENT: "🔴"}


def listing(
    t: Texts, members: Sequence[Member], *, now: datetime, page: int = 0, told: Html | str = ""
) -> View:
    """All of them, and a button for each that lets it end; `told` is what a press led to."""
    last = max(0, (len(members) - 1) // PAGE)
    page = min(page, last)
    here = members[page * PAGE : (page + 1) * PAGE]
    head = [t("instances", count=len(members), words=_counted(t, members))]
    shown = [_line(t, member, now) for member in here]
    text = lines([*head, *shown, "", t("instances-legend"), *([told] if told else [])])
    draining: list[Button] = [
        (
            t("instances-button-drain", id=m.id[:SHORT]),
            OnInstance(act=InstanceAct.ASK, id=m.id),
        )
        for m in here
        if m.state is Condition.WELL
    ]
    turning: list[Button] = []
    if page > 0:
        turning.append((t("button-previous"), Go(room=Room.INSTANCES, page=page - 1)))
    if page < last:
        turning.append((t("button-next"), Go(room=Room.INSTANCES, page=page + 1)))
    again: Button = (t("button-refresh"), Go(room=Room.INSTANCES, page=page))
    keyboard = rows(*in_columns(draining, 2), turning, [again], [back(t, Room.STATUS)])
    return View(text, keyboard)


def alone(t: Texts) -> View:
    """On SQLite there is one process; what several would need."""
    again: Button = (t("button-refresh"), Go(room=Room.INSTANCES))
    return View(t("instances-alone"), rows([again], [back(t, Room.STATUS)]))


def ask(t: Texts, seen: Leaving) -> View:
    """What would happen if it were drained."""
    drain: Button = (
        t("instances-button-drain-now"),
        OnInstance(act=InstanceAct.DRAIN, id=seen.member.id),
    )
    return View(lines([_question(t, seen), *_consequences(t, seen)]), rows([drain], [_to_all(t)]))


def ask_again(t: Texts, seen: Leaving) -> View:
    """The same once more, since nobody could take over."""
    drain: Button = (
        t("instances-button-drain-all-the-same"),
        OnInstance(act=InstanceAct.DRAIN_ALL_THE_SAME, id=seen.member.id),
    )
    text = lines([t("instances-sure"), *_grave(t, seen)])
    return View(text, rows([drain], [_to_all(t)]))


def counted(t: Texts, members: Sequence[Member]) -> list[Html]:
    """A line for the status, where there are several."""
    if len(members) < 2:
        return []
    return [t("status-processes", count=len(members), words=_counted(t, members))]


def died(on: Setting, death: Death) -> View:
    """An instance fell silent, and what becomes of its accounts."""
    opening: Button = (on.t("button-instances"), below(Go(room=Room.INSTANCES)))
    what = on.t(
        "instance-died",
        host=death.host,
        pid=str(death.pid),
        at=on.clock(death.died_at),
    )
    then = on.t(
        "instance-died-then",
        role=_role_of(death),
        count=death.accounts,
        heirs=death.heirs,
    )
    return View(lines([what, then]), rows([opening]))


def died_over(on: Setting, incident: Incident, death: Death) -> View:
    """Its accounts are all back, or are told of by themselves."""
    ended_at = incident.closed_at or incident.opened_at
    what = on.t(
        "instance-died-over",
        light="🟢" if death.back == death.accounts else "🟡",
        host=death.host,
        pid=str(death.pid),
        at=on.clock(death.died_at),
    )
    then = on.t(
        "instance-died-back",
        role=_role_of(death),
        back=death.back,
        count=death.accounts,
        left=death.accounts - death.back,
        age=age(on.t, ended_at - death.died_at),
    )
    return View(lines([what, then]))


def place(t: Texts, host: str, pid: int) -> Html:
    """How an instance is named where its id says nothing."""
    return t("instance-place", host=host, pid=str(pid))


def _line(t: Texts, member: Member, now: datetime) -> Html:
    shown = [
        t(
            "instances-line",
            light=LIGHTS[member.state],
            id=member.id[:SHORT],
            state=str(member.state),
            role=str(member.role),
            seats=Html("".join(t("instances-seat", seat=s) for s in sorted(member.seats))),
        ),
        t(
            "instances-where",
            host=member.host,
            pid=str(member.pid),
            version=member.version,
            started=age(t, now - member.started_at),
            heard=age(t, member.heard),
        ),
    ]
    if member.runs_userbots:
        shown.append(t("instances-accounts", count=member.accounts))
    if member.recovering:
        back_, total = member.recovering
        shown.append(t("instances-recovering", back=back_, total=total))
    return lines(shown)


def _counted(t: Texts, members: Sequence[Member]) -> Html:
    """How many are otherwise than well."""
    counts = Counter(member.state for member in members)
    bad = (Condition.DRAINING, Condition.SILENT)
    return Html("".join(t("status-some", state=str(s), count=counts[s]) for s in bad if counts[s]))


def _question(t: Texts, seen: Leaving) -> Html:
    member = seen.member
    return t("instances-ask", id=member.id[:SHORT], host=member.host, pid=str(member.pid))


def _consequences(t: Texts, seen: Leaving) -> list[Html]:
    told = _grave(t, seen)
    if seen.member.runs_userbots and seen.heirs:
        count = seen.member.accounts
        told = [t("instances-then-accounts", count=count, heirs=seen.heirs), *told]
    if seen.member.seats and not seen.leaves_silent:
        told.append(t("instances-then-seats"))
    return [*told, t("instances-then-end")]


def _grave(t: Texts, seen: Leaving) -> list[Html]:
    told = []
    if seen.leaves_offline:
        told.append(t("instances-then-offline", count=seen.member.accounts))
    if seen.leaves_silent:
        told.append(t("instances-then-silent"))
    return told


def _role_of(death: Death) -> str:
    return "userbots" if death.role.runs_userbots else "bot"


def _to_all(t: Texts) -> Button:
    return (t("button-back"), Go(room=Room.INSTANCES))
