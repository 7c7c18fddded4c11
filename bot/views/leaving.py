"""What is behind More, and what is asked before an account stops, is forgotten or logged out."""

from aiogram.types import InlineKeyboardMarkup

from bot.callbacks import (
    AccountAct,
    AlertAct,
    LoginAct,
    OnAccount,
    OnAlert,
    OnEvents,
    OnLogin,
    Room,
)
from bot.texts import Html, Texts
from bot.views import accounts as account_views
from bot.views.view import Button, View, back, lines, rows
from storage.accounts import Account
from userbot.states import State

_ASK = {
    AccountAct.STOP: ("stop-ask", "button-stop-now", AccountAct.STOP_NOW),
    AccountAct.FORGET: ("forget-ask", "button-forget-now", AccountAct.FORGET_NOW),
    AccountAct.LOG_OUT: ("log-out-ask", "button-log-out-now", AccountAct.LOG_OUT_NOW),
}

_WITHOUT_SESSION = {State.NEW, State.NEEDS_LOGIN, State.BANNED}


def more(t: Texts, account: Account) -> View:
    """The rarer acts, each with what it does."""

    def button(key: str, act: AccountAct) -> Button:
        return (t(key), OnAccount(act=act, id=account.id))

    keyboard = rows(
        [
            (t("status-button-events"), OnEvents(account=account.id)),
            (t("button-mute"), OnAlert(act=AlertAct.MUTES, id=account.id)),
        ],
        [button("button-export", AccountAct.EXPORT), button("button-forget", AccountAct.FORGET)],
        [button("button-log-out", AccountAct.LOG_OUT)],
        [to_card(t, account.id)],
    )
    return View(t("more", account=account_views.name(account)), keyboard)


def ask(t: Texts, account: Account, act: AccountAct) -> View:
    """What will happen; the button below is the second press."""
    question, label, now = _ASK[act]
    warning = _warning(t, account, act)
    sure: Button = (t(label), OnAccount(act=now, id=account.id))
    text = t(question, account=account_views.name(account), warning=warning)
    return View(text, rows([sure], [to_card(t, account.id)]))


def _warning(t: Texts, account: Account, act: AccountAct) -> Html | str:
    if not account.one_time_phone:
        return ""
    return t("warning-one-time-stop" if act is AccountAct.STOP else "warning-one-time")


def not_connected(t: Texts, account: Account, state: Html) -> View:
    """Why it can't be logged out now, instead of the question."""
    has_session = account_views.state_of(account) not in _WITHOUT_SESSION
    key = "leaving-not-online" if has_session else "leaving-no-session"
    return View(t(key, state=state), rows([to_card(t, account.id)]))


def ask_label(t: Texts, account: Account, *, is_group: bool) -> View:
    """Of an account whose number is good for one login only: it takes more than a press."""
    name, warning = account_views.name(account), t("warning-one-time")
    parts = [
        t("forget-ask", account=name, warning=warning),
        "",
        t("forget-type-label") if account.label else t("forget-type-number"),
        *([t("in-group")] if is_group else []),
    ]
    return View(lines(parts), rows([to_card(t, account.id)]))


def wrong_label(t: Texts, account: Account) -> View:
    """Nothing was forgotten, and the question stands."""
    words = t("forget-wrong", account=account_views.name(account))
    return View(words, rows([to_card(t, account.id)]))


def confirm_start(t: Texts, account_id: int, refused: View) -> View:
    """The view that says why it was not started, with the button that says the missing word."""
    sure: Button = (t("import-button-start"), OnLogin(act=LoginAct.START, id=account_id))
    below = refused.keyboard.inline_keyboard if refused.keyboard else []
    keyboard = [*rows([sure]).inline_keyboard, *below]
    return View(refused.text, InlineKeyboardMarkup(inline_keyboard=keyboard))


def forgotten(t: Texts, account_id: int, name: str) -> View:
    return View(t("forgotten", account=name), _undo(t, account_id))


def was_forgotten(t: Texts, account_id: int, name: str) -> View:
    """Of an account that is looked for, and that somebody had forgotten before."""
    return View(t("account-forgotten", account=name), _undo(t, account_id))


def _undo(t: Texts, account_id: int) -> InlineKeyboardMarkup:
    undo: Button = (t("button-restore"), OnAccount(act=AccountAct.RESTORE, id=account_id))
    return rows([undo], [back(t, Room.ACCOUNTS)])


def logged_out(t: Texts, name: str) -> View:
    return View(t("logged-out", account=name), rows([back(t, Room.ACCOUNTS)]))


def to_card(t: Texts, account_id: int) -> Button:
    return (t("button-account"), OnAccount(act=AccountAct.SHOW, id=account_id))
