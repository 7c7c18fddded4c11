"""The list of deliveries: the newest first, narrowed by buttons, each opened by a press."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from aiogram.types import InlineKeyboardMarkup

from bot.callbacks import DeliveryAct, OnDelivery, OnSent, SentBy
from bot.sent_filter import Sent
from bot.texts import Html, Texts
from bot.times import moment
from bot.views import accounts as account_views
from bot.views.deliveries import mark
from bot.views.view import Button, View, back, in_columns, lines, rows
from storage.accounts import Account
from storage.delivery import Delivery, Media

PAGE = 8
PREVIEW = 60
LONGEST_TARGET = 32
ACCOUNTS = 20


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of deliveries, and what they are narrowed by."""

    found: Sequence[Delivery]
    """One more than a page where there are more."""
    names: dict[int, str]
    """What their accounts are called."""
    target: str = ""
    zone: tzinfo | None = None

    @property
    def shown(self) -> Sequence[Delivery]:
        return self.found[:PAGE]


def listing(t: Texts, listed: Listed, asked: OnSent) -> View:
    """One page; `asked` is the button that leads to it."""
    told = [_line(t, n, d, listed) for n, d in enumerate(listed.shown, start=1)]
    opening: list[Button] = [
        (f"{n}. {mark(d.state)} {_short(d.target)}", OnDelivery(act=DeliveryAct.OPEN, id=d.id))
        for n, d in enumerate(listed.shown, start=1)
    ]
    paging: list[Button] = []
    if asked.page > 0:
        paging.append((t("button-previous"), _to(asked, page=asked.page - 1)))
    if len(listed.found) > PAGE:
        paging.append((t("button-next"), _to(asked, page=asked.page + 1)))
    keyboard = rows(
        *in_columns(opening, 2),
        paging,
        *in_columns(_states(t, asked), 4),
        _narrowing(t, asked, listed),
        [back(t)],
    )
    return View(lines([_head(t, listed, asked), *(told or [t("sent-none")])]), keyboard)


def choose_account(t: Texts, found: Sequence[Account], asked: OnSent) -> View:
    """Ask of which account."""
    page = found[asked.page * ACCOUNTS : (asked.page + 1) * ACCOUNTS]
    accounts: list[Button] = [
        (account_views.name(a), _to(asked, by=SentBy.NOTHING, account=a.id, page=0)) for a in page
    ]
    paging: list[Button] = []
    if asked.page > 0:
        paging.append((t("button-previous"), _to(asked, page=asked.page - 1)))
    if len(found) > (asked.page + 1) * ACCOUNTS:
        paging.append((t("button-next"), _to(asked, page=asked.page + 1)))
    leave: Button = (t("button-to-sent"), _to(asked, by=SentBy.NOTHING, page=0))
    return View(t("sent-which-account"), rows(*in_columns(accounts, 2), paging, [leave]))


def choose_target(t: Texts, listed: Listed, asked: OnSent) -> View:
    """Ask to whom. Those of the page are offered; any other is typed."""
    by_target = {d.target.lower(): d for d in reversed(listed.shown)}
    targets: list[Button] = [
        (_short(d.target), _to(asked, by=SentBy.NOTHING, like=d.id, page=0))
        for d in by_target.values()
    ]
    leave: Button = (t("button-to-sent"), _to(asked, by=SentBy.NOTHING))
    return View(t("sent-which-target"), rows(*in_columns(targets, 2), [leave]))


def misread(t: Texts, word: str) -> View:
    """A word that says nothing about deliveries."""
    return View(t("sent-usage", word=word), _to_all(t))


def nothing_to(t: Texts, target: str) -> View:
    """Nobody has written to them."""
    return View(t("sent-nothing-to", target=target), _to_all(t))


def _to_all(t: Texts) -> InlineKeyboardMarkup:
    return rows([(t("button-sent"), OnSent())])


def _head(t: Texts, listed: Listed, asked: OnSent) -> Html:
    return t(
        "sent",
        which=t(f"sent-which-{asked.which}"),
        account=t("sent-of", account=f"#{asked.account}") if asked.account else "",
        target=t("sent-to", target=listed.target) if listed.target else "",
    )


def _line(t: Texts, number: int, d: Delivery, listed: Listed) -> Html:
    at = (d.finished_at or d.approved_at or d.created_at).astimezone(listed.zone)
    return t(
        "sent-line",
        number=number,
        mark=mark(d.state),
        at=_time(at),
        account=listed.names.get(d.account_id, f"#{d.account_id}"),
        target=_short(d.target),
        text=_preview(t, d),
    )


def _time(at: datetime) -> str:
    return moment(at, at.tzinfo or UTC)


def _preview(t: Texts, d: Delivery) -> Html:
    """Its beginning, in one line."""
    words = " ".join(d.text.split())
    if not words and d.media is not Media.NONE:
        return t("sent-media")
    cut = words if len(words) <= PREVIEW else words[:PREVIEW] + "…"
    return Html(html.escape(cut, quote=False))


def _short(target: str) -> str:
    return target if len(target) <= LONGEST_TARGET else target[:LONGEST_TARGET] + "…"


def _states(t: Texts, asked: OnSent) -> list[Button]:
    """The other states; the one that is shown needs no button."""
    return [
        (t(f"sent-button-{which}"), _to(asked, which=which, page=0))
        for which in Sent
        if which is not asked.which
    ]


def _narrowing(t: Texts, asked: OnSent, listed: Listed) -> list[Button]:
    account: Button = (t("sent-by-account"), _to(asked, by=SentBy.ACCOUNT, page=0))
    if asked.account:
        account = (t("sent-all-accounts"), _to(asked, account=0, page=0))
    if asked.like:
        return [account, (t("sent-all-targets"), _to(asked, like=0, page=0))]
    target: Button = (t("sent-by-target"), _to(asked, by=SentBy.TARGET))
    return [account, target] if listed.found else [account]


def _to(asked: OnSent, **changed: object) -> OnSent:
    return asked.model_copy(update=changed)
