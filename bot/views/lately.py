"""How one account fared lately, in a few lines of its card."""

from datetime import datetime, tzinfo

from bot.lately import Lately
from bot.texts import Html, Texts
from bot.times import day
from bot.views import happened
from bot.views.view import age, due, percent
from storage.account import Freeze


def uptime(t: Texts, lately: Lately) -> list[Html]:
    """Nothing where it was not to be connected for a week."""
    if lately.day is None and lately.week is None:
        return []
    return [t("card-uptime", day=percent(t, lately.day), week=percent(t, lately.week))]


def events(t: Texts, lately: Lately, now: datetime) -> list[Html]:
    """The last things that happened, the newest first, under a blank line."""
    told = [
        t(
            "card-event",
            age=age(t, now - entry.at),
            what=happened.what(t, entry),
            because=happened.because(t, entry),
        )
        for entry in lately.events
    ]
    return [Html(""), t("card-lately"), *told] if told else []


def freeze(t: Texts, told: Freeze, now: datetime, zone: tzinfo) -> list[Html]:
    """What Telegram says of the freeze; nothing where it said nothing."""
    if told == Freeze():
        return []
    since = until = appeal = Html("")
    if told.since is not None:
        since = t("card-frozen-since", at=day(told.since, zone), age=age(t, now - told.since))
    if told.until is not None:
        until = t("card-frozen-until", at=day(told.until, zone), due=due(t, told.until, now))
    if told.appeal_url:
        appeal = t("card-frozen-appeal", url=told.appeal_url)
    return [t("card-frozen", since=since, until=until, appeal=appeal)]
