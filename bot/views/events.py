"""The journal as operators read it: a page of what happened, the newest first."""

from bot.callbacks import AccountAct, EventGroup, OnAccount, OnEvents, Way
from bot.chronicle import Told, person_of
from bot.texts import Html, Texts
from bot.times import moment, name_of
from bot.views import accounts as account_views
from bot.views import happened
from bot.views.view import Button, View, back, in_columns, lines, rows
from storage.journal import Entry

LONGEST_ACTOR = 40
LONGEST_NAME = 64


def listing(t: Texts, told: Told, page: OnEvents) -> View:
    """One page, buttons to the next ones, and to those of other groups."""
    head = t(
        "events",
        group=t(f"events-group-{page.group}"),
        account=t("events-of", account=_account(told, page.account)) if page.account else "",
        zone=name_of(told.zone),
    )
    shown = [_line(t, told, entry, page) for _, entry in told.page.entries]
    text = lines([head, *(shown or [t("events-none")])])
    return View(text, rows(_turning(t, told, page), *_groups(t, page), _last(t, page)))


def _turning(t: Texts, told: Told, page: OnEvents) -> list[Button]:
    def to(key: str, way: Way, edge: int) -> Button:
        turned = OnEvents(group=page.group, account=page.account, way=way, edge=edge)
        return (t(key), turned)

    ids = [number for number, _ in told.page.entries]
    turning: list[Button] = []
    if page.edge:
        turning.append(to("events-button-newest", Way.OLDER, 0))
    if told.page.has_newer:
        turning.append(to("events-button-newer", Way.NEWER, ids[0] if ids else page.edge - 1))
    if told.page.has_older:
        turning.append(to("events-button-older", Way.OLDER, ids[-1] if ids else page.edge + 1))
    refresh: Button = (t("button-refresh"), page.model_copy(update={"edge": 0}))
    return turning or [refresh]


def _groups(t: Texts, page: OnEvents) -> list[list[Button]]:
    def to(group: EventGroup) -> Button:
        mark = "· " if group is page.group else ""
        return (mark + t(f"events-group-{group}"), OnEvents(group=group, account=page.account))

    return in_columns((to(group) for group in EventGroup), 3)


def _last(t: Texts, page: OnEvents) -> list[Button]:
    if not page.account:
        return [back(t)]
    everyone: Button = (t("events-button-everyone"), OnEvents(group=page.group))
    card: Button = (t("button-account"), OnAccount(act=AccountAct.SHOW, id=page.account))
    return [everyone, card, back(t)]


def _line(t: Texts, told: Told, entry: Entry, page: OnEvents) -> Html:
    number = entry.account_id
    is_named = number is not None and not page.account
    return t(
        "events-line",
        at=moment(entry.at, told.zone, seconds=True),
        account=t("events-account", account=_account(told, number)) if is_named else "",
        what=_what(t, entry),
        cause=happened.cause(t, entry),
        by=_by(t, told, entry),
    )


def _what(t: Texts, entry: Entry) -> Html:
    """What happened, and to which delivery, or from which address to which."""
    words = happened.what(t, entry)
    data = entry.data
    if entry.kind.startswith("delivery.") and isinstance(data.get("delivery"), int):
        words = Html(t("event-delivery", number=data["delivery"]) + _html(t, words))
    if entry.kind == "proxy.changed":
        before, after = (str(data.get(end) or "?") for end in ("from", "to"))
        words = Html(_html(t, words) + t("event-proxy-route", before=before, after=after))
    return _html(t, words)


def _by(t: Texts, told: Told, entry: Entry) -> Html | str:
    """Who did it; nothing where Mooring did."""
    who = person_of(entry.actor)
    if entry.actor == "mooring":
        return ""
    if entry.actor == "command line":
        return t("event-by-command-line")
    if who is None:
        return t("event-by-program", who=entry.actor[:LONGEST_ACTOR])
    name = told.people.get(who, str(who))[:LONGEST_ACTOR]
    if entry.actor.startswith("stranger"):
        return t("event-by-stranger", who=name)
    return t("why-by", who=name)


def _account(told: Told, number: int | None) -> str:
    account = told.accounts.get(number) if number is not None else None
    return account_views.name(account)[:LONGEST_NAME] if account else f"#{number}"


def _html(t: Texts, words: Html | str) -> Html:
    """A bare kind is whatever another version wrote."""
    return words if isinstance(words, Html) else t("event-kind", kind=words)
