"""Why something waits or took another way, in the words of a card."""

import html
import re
from datetime import timedelta

from bot.texts import Html, Texts
from bot.views.view import age

LONGEST = 300
_FLOOD = re.compile(r"Telegram makes (?:it|the account) wait ([0-9]+) s(.*)", re.DOTALL)
_SECONDS = re.compile(r"\b([0-9]+) s\b")
_THE_ACCOUNT = re.compile(r"^it\b|\bthe account\b")
"""What the userbot calls the account, whose name it does not know."""


def reason(t: Texts, words: str, account: str) -> Html:
    """The words of whoever could not send, with the account named and long times readable."""
    said = t.said(words)
    words = html.unescape(said) if isinstance(said, Html) else words
    words = words if len(words) <= LONGEST else words[:LONGEST] + "…"
    if flood := _FLOOD.fullmatch(words):
        left = age(t, timedelta(seconds=int(flood[1])))
        return t("reason-flood", account=account, age=left, rest=flood[2])
    named = _THE_ACCOUNT.sub(lambda _: account, readable(t, words))
    return t("reason-plain", words=named)


def readable(t: Texts, words: str) -> str:
    """The words with long times in their largest units."""
    return _SECONDS.sub(lambda s: str(age(t, timedelta(seconds=int(s[1])))), words)
