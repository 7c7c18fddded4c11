"""Taking over a session that was made elsewhere, as operators see it."""

from bot.callbacks import AccountAct, Go, LoginAct, OnAccount, OnLogin, Room
from bot.texts import Texts
from bot.views import account_settings
from bot.views.view import Button, View, back, rows
from storage.accounts import Account


def ask_phone(t: Texts) -> View:
    return View(t("import-ask-phone"), rows([_leave(t)]))


def ask_session(t: Texts) -> View:
    return View(t("import-ask-session"), rows([_leave(t)]))


def refused(t: Texts, reason: str) -> View:
    """Why it was not taken; another one can be sent."""
    return View(t("import-refused", reason=reason), rows([_leave(t)]))


def too_big(t: Texts) -> View:
    return View(t("import-too-big"), rows([_leave(t)]))


def known(t: Texts, account_id: int, called: str) -> View:
    card: Button = (t("button-account"), OnAccount(act=AccountAct.SHOW, id=account_id))
    return View(t("login-error-already_enrolled", account=called), rows([card, back(t)]))


def imported(t: Texts, account_id: int, called: str, proxy: str) -> View:
    """It is stopped; a session that runs twice is killed, so only a word starts it."""
    start: Button = (t("import-button-start"), OnLogin(act=LoginAct.START, id=account_id))
    keep: Button = (t("import-button-keep"), OnLogin(act=LoginAct.KEEP, id=account_id))
    return View(t("import-done", account=called, proxy=proxy), rows([start], [keep]))


def kept(t: Texts, account: Account, called: str) -> View:
    """It stays stopped, until it is started here; and what is set of it."""
    start: Button = (t("import-button-start"), OnLogin(act=LoginAct.START, id=account.id))
    card: Button = (t("button-account"), OnAccount(act=AccountAct.SHOW, id=account.id))
    text = t("import-kept", account=called)
    return View(text, rows([start], *account_settings.buttons(t, account), [card, back(t)]))


def _leave(t: Texts) -> Button:
    return (t("button-cancel"), Go(room=Room.CANCEL))
