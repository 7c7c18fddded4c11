"""What an operator sets of an account: its names, its place, its rules."""

from collections.abc import Sequence

from bot.callbacks import AccountAct, OnAccount, OnTrait, Trait
from bot.texts import Html, Texts
from bot.views.view import Button, View, in_columns, rows
from storage.accounts import Account

NOTHING = "-"
IMPORTANCES = (0, 1, 2)


def shown(t: Texts, account: Account, called: str, *, told: Html | None = None) -> View:
    """All that is set of it; each button changes one thing. `told` is what was just done."""
    text = t(
        "traits",
        account=called,
        label=account.label or t("traits-none"),
        tags=", ".join(account.tags) or t("traits-none"),
        country=(account.country or "").upper() or t("traits-none"),
        importance=_importance(t, account.importance),
    )
    card: Button = (t("button-account"), OnAccount(act=AccountAct.SHOW, id=account.id))
    head = f"{told}\n\n" if told else ""
    return View(f"{head}{text}", rows(*buttons(t, account), [card]))


def buttons(t: Texts, account: Account) -> list[list[Button]]:
    """One for each thing; the two that are on or off say which, and change it at once."""

    def ask(trait: Trait, label: Html) -> Button:
        return (label, OnTrait(trait=trait, id=account.id))

    def toggle(trait: Trait, label: Html, *, is_on: bool) -> list[Button]:
        return [(label, OnTrait(trait=trait, id=account.id, to="no" if is_on else "yes"))]

    always, once = account.always_online, account.one_time_phone
    return [
        [
            ask(Trait.LABEL, t("traits-button-label")),
            ask(Trait.TAGS, t("traits-button-tags")),
        ],
        [
            ask(Trait.COUNTRY, t("traits-button-country")),
            ask(Trait.IMPORTANCE, t("traits-button-importance")),
        ],
        toggle(Trait.ALWAYS_ONLINE, t("traits-button-always", on=_on(is_on=always)), is_on=always),
        toggle(Trait.ONE_TIME, t("traits-button-one-time", on=_on(is_on=once)), is_on=once),
    ]


def ask(t: Texts, account: Account, called: str, trait: Trait, countries: Sequence[str]) -> View:
    """Ask what it is to be. `countries` are offered as buttons."""
    leave: Button = (t("button-cancel"), OnAccount(act=AccountAct.SETTINGS, id=account.id))
    match trait:
        case Trait.LABEL:
            text = t("traits-ask-label", account=called)
        case Trait.TAGS:
            text = t("traits-ask-tags", account=called)
        case Trait.COUNTRY:
            text = t("traits-ask-country", account=called)
        case _:
            text = t("traits-ask-importance", account=called)
    offered = [
        (label, OnTrait(trait=trait, id=account.id, to=to))
        for label, to in _offered(t, account, trait, countries)
    ]
    return View(text, rows(*in_columns(offered, 1 if trait is Trait.IMPORTANCE else 3), [leave]))


def _offered(
    t: Texts, account: Account, trait: Trait, countries: Sequence[str]
) -> list[tuple[str, str]]:
    if trait is Trait.IMPORTANCE:
        return [(_importance(t, each), str(each)) for each in IMPORTANCES]
    found = [(code.upper(), code) for code in countries] if trait is Trait.COUNTRY else []
    is_set = {
        Trait.LABEL: account.label,
        Trait.TAGS: account.tags,
        Trait.COUNTRY: account.country,
    }
    return [*found, (t("traits-button-none"), NOTHING)] if is_set.get(trait) else found


def _importance(t: Texts, importance: int) -> Html:
    """An importance that no button gives, as the command line can, is shown as a number."""
    if importance in IMPORTANCES:
        return t(f"traits-importance-{importance}")
    return t("traits-importance-other", importance=importance)


def _on(*, is_on: bool) -> str:
    return "yes" if is_on else "no"
