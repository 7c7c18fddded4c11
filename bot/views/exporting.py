"""What is said while an account's session is taken out."""

from bot.callbacks import Go, Room
from bot.texts import Html, Texts
from bot.views.leaving import to_card
from bot.views.view import Button, View, lines, rows
from storage.accounts import Account, Desired
from userbot.states import State

_WORTHLESS = {
    State.NEEDS_LOGIN: "export-why-needs-login",
    State.BANNED: "export-why-banned",
    State.NEW: "export-why-new",
}
"""Of what no stop makes a session."""


def ask(t: Texts, account: Account, name: str, shortest: int) -> View:
    """What happens, and the question for the passphrase."""
    parts = [t("export-ask", account=name, shortest=shortest)]
    if account.desired is not Desired.STOP:
        parts.insert(0, t("export-stops", account=name))
    return View(lines(parts), rows([_cancel(t)], [to_card(t, account.id)]))


def again(t: Texts, account_id: int, words: Html) -> View:
    """The passphrase is asked for once more."""
    return View(words, rows([_cancel(t)], [to_card(t, account_id)]))


def refused(t: Texts, account_id: int, why: str) -> View:
    """Nothing left the database."""
    return View(t("export-refused", why=why), rows([to_card(t, account_id)]))


def why_worthless(t: Texts, state: State, name: str) -> Html | None:
    """Why there is nothing to take out, stopped or not; None where there is."""
    key = _WORTHLESS.get(state)
    return t(key, account=name) if key else None


def done(t: Texts, account_id: int, name: str) -> View:
    return View(t("export-done", account=name), rows([to_card(t, account_id)]))


def _cancel(t: Texts) -> Button:
    return (t("button-cancel"), Go(room=Room.CANCEL))
