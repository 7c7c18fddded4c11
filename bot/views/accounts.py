"""Accounts as operators see them: a light, a name, a state in words."""

from datetime import UTC, datetime, tzinfo

from bot.callbacks import (
    AccountAct,
    MoveStep,
    Moving,
    OnAccount,
    OnMove,
    OnProxy,
    OnUptime,
    ProxyAct,
    Room,
)
from bot.lately import Lately
from bot.texts import Html, Texts
from bot.views import lately as past
from bot.views.view import Button, View, age, back, due, lines, rows
from storage.account import Freeze
from storage.accounts import Account, Desired
from userbot import elsewhere
from userbot.facts import Facts
from userbot.plan import ASLEEP
from userbot.states import State
from userbot.targets import hidden

_LIGHTS = {
    State.ONLINE: "🟢",
    State.CONNECTING: "🟡",
    State.RETRYING: "🟡",
    State.WAITING: "⏳",
    State.NEEDS_LOGIN: "🔴",
    State.BANNED: "🔴",
    State.FAILED: "🔴",
    State.STOPPED: "⚪",
    State.NEW: "⚪",
}


def state_of(account: Account) -> State:
    return State(account.observed.state)


def light(account: Account) -> str:
    """The account's light; always shown with words beside it."""
    return _LIGHTS[state_of(account)]


def name(account: Account) -> str:
    """How an account is called everywhere: its number, and `called`."""
    return f"#{account.id} {called(account)}"


def called(account: Account) -> str:
    """Its label, or else its name, and the last digits; never the full number."""
    handle = f"@{account.username}" if account.username else ""
    who = account.label or account.name or handle
    return " ".join(part for part in (who, hidden(account.phone)) if part)


def state_in_words(t: Texts, account: Account, now: datetime, attempts: int) -> Html:
    seen = account.observed
    words = t(
        "state-FAILED-for-good" if waits_for_operator(account) else f"state-{seen.state}",
        age=age(t, now - seen.since),
        due=due(t, seen.retry_at, now),
        attempt=seen.attempt,
        attempts=attempts,
    )
    if is_asleep(account):
        words = t("state-asleep")
    return Html(words + t("state-frozen")) if seen.is_frozen else words


def waits_for_operator(account: Account) -> bool:
    """Whether it is down and nothing dials until an operator says so (AUTO_RECONNECT=false)."""
    return state_of(account) is State.FAILED and account.observed.retry_at is None


def is_asleep(account: Account) -> bool:
    """Whether it is to run and nothing dials before it has something to send."""
    is_to_run = account.desired is Desired.RUN and state_of(account) is State.STOPPED
    return is_to_run and account.observed.reason == ASLEEP


def card(
    t: Texts,
    account: Account,
    *,
    now: datetime,
    attempts: int,
    show_phone: bool = False,
    facts: Facts | None = None,
    lately: Lately | None = None,
    zone: tzinfo = UTC,
) -> View:
    """One account, and what can be done with it."""
    seen = lately or Lately()
    phone = account.phone if show_phone else hidden(account.phone)
    text = t(
        "account",
        light=light(account),
        account=name(account),
        state=state_in_words(t, account, now, attempts),
        reason=reason_in_words(t, account),
        line=line_in_words(t, facts, now) if facts else "",
        tally=_tally(t, facts) if facts else "",
        proxy=_way(t, account),
        phone=t("account-phone-hidden", phone=phone),
    )
    frozen = account.freeze if account.observed.is_frozen else Freeze()
    text = lines(
        [
            text,
            *_known_as(t, account),
            *past.uptime(t, seen),
            *past.freeze(t, frozen, now, zone),
            *past.events(t, seen, now),
        ]
    )
    reveal: list[Button] = []
    if not show_phone:
        reveal = [(t("button-show-phone"), OnAccount(act=AccountAct.PHONE, id=account.id))]
    refresh: Button = (t("button-refresh"), OnAccount(act=AccountAct.SHOW, id=account.id))
    more: Button = (t("button-more"), OnAccount(act=AccountAct.MORE, id=account.id))
    traits: Button = (t("button-settings"), OnAccount(act=AccountAct.SETTINGS, id=account.id))
    uptime: Button = (t("status-button-uptime"), OnUptime(account=account.id))
    keyboard = rows(
        _acts(t, account),
        _looking(t, account),
        _stopping(t, account),
        _proxy(t, account),
        [traits, uptime],
        [refresh, *reveal],
        [more, back(t, Room.ACCOUNTS)],
    )
    return View(text, keyboard)


def _known_as(t: Texts, account: Account) -> list[Html]:
    """The names that its title does not have, and its tags."""
    handle = f"@{account.username}" if account.username else ""
    names = [
        account.name if account.label else "",
        handle if account.label or account.name else "",
    ]
    shown = [t("card-names", names=" · ".join(n for n in names if n))] if any(names) else []
    return [*shown, *([t("card-tags", tags=", ".join(account.tags))] if account.tags else [])]


def _acts(t: Texts, account: Account) -> list[Button]:
    def button(key: str, act: AccountAct) -> Button:
        return (t(key), OnAccount(act=act, id=account.id))

    send = button("button-send", AccountAct.SEND)
    match state_of(account):
        case State.NEW | State.NEEDS_LOGIN:
            return [button("button-log-in", AccountAct.LOGIN)]
        case State.STOPPED if is_asleep(account):
            return [button("button-connect", AccountAct.START), send]
        case State.STOPPED:
            return [button("button-start", AccountAct.START)]
        case State.BANNED:
            return []
        case _:
            key = "button-connect" if waits_for_operator(account) else "button-reconnect"
            return [button(key, AccountAct.RECONNECT), send]


def _looking(t: Texts, account: Account) -> list[Button]:
    """Its messages are read over its own line: never of one that is not to have any."""
    why: Button = (t("button-why"), OnAccount(act=AccountAct.WHY, id=account.id))
    last: Button = (t("button-last"), OnAccount(act=AccountAct.LAST, id=account.id))
    return [why] if state_of(account).is_parked else [why, last]


def _stopping(t: Texts, account: Account) -> list[Button]:
    if state_of(account).is_parked and not is_asleep(account):
        return []
    return [(t("button-stop"), OnAccount(act=AccountAct.STOP, id=account.id))]


def _proxy(t: Texts, account: Account) -> list[Button]:
    if state_of(account) is State.NEW:
        return []
    move = OnMove(step=MoveStep.CHOOSE, who=Moving.ONE, id=account.id)
    shown: list[Button] = [(t("button-move"), move)]
    if account.proxy_id is not None:
        shown.insert(0, (t("button-proxy"), OnProxy(act=ProxyAct.SHOW, id=account.proxy_id)))
    return shown


def line_in_words(t: Texts, facts: Facts, now: datetime) -> Html | str:
    """The line's last answer; or how old all of this is, where nobody vouches for it."""
    if not facts.is_current and facts.account.desired is Desired.RUN:
        return t("account-stale", age=age(t, now - facts.as_of))
    if facts.line is None or facts.state is not State.ONLINE:
        return ""
    answered = age(t, now - facts.line.answered_at)
    if facts.line.latency_ms is None:
        return t("account-answered", age=answered)
    return t("account-answered-in", age=answered, latency=facts.line.latency_ms)


def _way(t: Texts, account: Account) -> Html | str:
    """Its proxy, and the country where that one's traffic leaves."""
    if not account.proxy_name:
        return t("account-no-proxy")
    country = (account.proxy_country or "").upper()
    return f"{account.proxy_name} · {country}" if country else account.proxy_name


def _tally(t: Texts, facts: Facts) -> Html:
    tally = facts.tally
    return t("account-tally", reconnects=tally.reconnects.day, failures=tally.failures.day)


def reason_in_words(t: Texts, account: Account) -> Html | str:
    """Why it is down; empty where it is not, or nobody knows."""
    reason = account.observed.reason
    return t("account-reason", reason=reason) if reason and _is_down(account) else ""


def _is_down(account: Account) -> bool:
    if state_of(account) is State.STOPPED:  # else its reason may be of the time before
        return elsewhere.may_be(account)
    return state_of(account) not in {State.ONLINE, State.NEW}
