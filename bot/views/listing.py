"""The list of accounts: narrowed by buttons, a page at a time, each opened by a press."""

from collections.abc import Sequence

from bot.callbacks import (
    AccountAct,
    By,
    Go,
    GroupStep,
    OnAccount,
    OnGroup,
    OnList,
    OnNarrow,
    Room,
    Which,
)
from bot.finding import Group, Listed
from bot.texts import Html, Texts
from bot.views import accounts as account_views
from bot.views.view import Button, View, back, in_columns, lines, rows
from storage.accounts import Account

GROUPS = 20
"""So many proxies, countries or tags stand on a page of them."""
TAGS = 3
"""So many tags of an account are shown in the list; its card shows all."""
MANY_DIGITS = 5
_ROWS: dict[By, str] = {
    By.PROXY: "list-button-proxy",
    By.COUNTRY: "list-button-country",
    By.TAG: "list-button-tag",
}
_NO_GROUPS: dict[By, str] = {
    By.PROXY: "list-no-proxies",
    By.COUNTRY: "list-no-countries",
    By.TAG: "list-no-tags",
}


def listing(t: Texts, listed: Listed, *, attempts: int, told: Html | None = None) -> View:
    """One page; `told` stands above it."""
    asked = listed.asked
    add: Button = (t("button-add-account"), Go(room=Room.ADD_ACCOUNT))
    if not listed.total and (asked.which, asked.by) == (Which.ALL, By.NOTHING):
        return View(t("accounts-none"), rows([add], [back(t)]))
    shown = [_line(t, a, listed, attempts) for a in listed.found] or [t("list-nobody")]
    text = lines([*([told, ""] if told else []), _head(t, listed), *shown])
    return View(
        text,
        rows(
            *in_columns([opening(a) for a in listed.found], 2),
            _paging(t, listed),
            _states(t, listed),
            _narrowing(t, asked),
            _acting(t, listed),
            [add, back(t)],
        ),
    )


def choose(t: Texts, found: Sequence[Group], asked: OnNarrow) -> View:
    """What the list can be narrowed to, with how many accounts each has."""
    to_all = (t("list-button-to-list"), OnList(which=asked.which))
    if not found:
        return View(t(_NO_GROUPS[asked.by]), rows([to_all]))
    last = (len(found) - 1) // GROUPS
    page = min(max(asked.page, 0), last)
    groups: list[Button] = [
        (
            t("list-button-group", name=Html(group.name), count=group.count),
            OnList(which=asked.which, by=asked.by, key=group.key),
        )
        for group in found[page * GROUPS : (page + 1) * GROUPS]
    ]
    paging: list[Button] = []
    if page > 0:
        before = asked.model_copy(update={"page": page - 1})
        paging.append((t("button-previous"), before))
    if page < last:
        after = asked.model_copy(update={"page": page + 1})
        paging.append((t("button-next"), after))
    return View(t(f"list-narrow-{asked.by}"), rows(*in_columns(groups, 2), paging, [to_all]))


def to_all(t: Texts) -> Button:
    return (t("list-button-to-list"), OnList())


def opening(account: Account) -> Button:
    """The button that opens an account's card."""
    label = f"{account_views.light(account)} {account_views.name(account)}"
    return (label, OnAccount(act=AccountAct.SHOW, id=account.id))


def narrowed(t: Texts, asked: OnList, named: str) -> Html:
    """What a list shows, in words: `in trouble, tagged shop`."""
    which = t(f"list-which-{asked.which}")
    if asked.by is By.NOTHING:
        return which
    return Html(which + t(f"list-by-{asked.by}", name=veiled(named)))


def veiled(text: str) -> str:
    """What somebody typed, without most digits of what may be a phone number."""
    if sum(c.isdigit() for c in text) < MANY_DIGITS:
        return text
    end = len(text) - 2
    return "".join("•" if c.isdigit() and n < end else c for n, c in enumerate(text))


def nothing_found(t: Texts, text: str) -> Html:
    """That nobody is called so, and what is looked at."""
    return t("search-none", text=veiled(text))


def _head(t: Texts, listed: Listed) -> Html:
    paged = ""
    if listed.last:
        paged = t("list-page", page=listed.asked.page + 1, pages=listed.last + 1)
    words = narrowed(t, listed.asked, listed.named)
    return t("list", words=words, total=listed.total, page=paged)


def _line(t: Texts, account: Account, listed: Listed, attempts: int) -> Html:
    tags = " ".join(account.tags[:TAGS])
    if len(account.tags) > TAGS:
        tags += f" +{len(account.tags) - TAGS}"
    return t(
        "list-line",
        light=account_views.light(account),
        number=str(account.id),
        account=account_views.called(account),
        state=account_views.state_in_words(t, account, listed.now, attempts),
        tags=t("list-tags", tags=tags) if tags else "",
    )


def _paging(t: Texts, listed: Listed) -> list[Button]:
    asked = listed.asked
    buttons: list[Button] = []
    if asked.page > 0:
        buttons.append((t("button-previous"), asked.model_copy(update={"page": asked.page - 1})))
    if asked.page < listed.last:
        buttons.append((t("button-next"), asked.model_copy(update={"page": asked.page + 1})))
    return buttons


def _states(t: Texts, listed: Listed) -> list[Button]:
    """The other states with how many each has; the one that is shown needs no button."""
    return [
        (
            t(f"list-button-{which}", count=count),
            listed.asked.model_copy(update={"which": which, "page": 0}),
        )
        for which, count in listed.counts.items()
        if which is not listed.asked.which
    ]


def _narrowing(t: Texts, asked: OnList) -> list[Button]:
    if asked.by is not By.NOTHING:
        return [(t("list-button-everybody"), OnList(which=asked.which))]
    return [(t(key), OnNarrow(by=by, which=asked.which)) for by, key in _ROWS.items()]


def _acting(t: Texts, listed: Listed) -> list[Button]:
    if not listed.total:
        return []
    at = listed.asked
    press = OnGroup(step=GroupStep.CHOOSE, which=at.which, by=at.by, key=at.key)
    return [(t("list-button-act", count=listed.total), press)]
