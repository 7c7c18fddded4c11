"""What `mooring init` asks, each answer checked at once; a wrong one is asked for again."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from bot.cli.asking import NotAnswered, answer
from bot.cli.common import say

NEEDED = {"BOT_TOKEN", "API_ID", "API_HASH"}
_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]{20,}")
_BOTFATHER = """\
1. The control bot. In Telegram, write /newbot to @BotFather and follow it.
   It answers with a token such as 123456:ABC-def; paste that here."""
_MY_TELEGRAM = """\
2. The API id. Log in at https://my.telegram.org, open "API development tools", and fill in
   any title and short name. Copy "App api_id" and "App api_hash" from there."""
_ADMIN_CHAT = """\
3. Alerts go to the owner's chat with the bot. If you want them in a group, add the bot there
   and give the group's id, for example -1001234567890."""


class Way(NamedTuple):
    """How the Bot API is reached."""

    api_url: str | None
    proxy: str | None


class Wrong(ValueError):
    """That can't be right; the text says why."""


class Away(Wrong):
    """It may be right: nobody could be asked."""


@dataclass(frozen=True, slots=True)
class _Question:
    name: str
    prompt: str
    check: Callable[[str], str]
    """Gives what is to be stored. Raises `Wrong`."""
    is_secret: bool = False
    may_be_empty: bool = False


async def ask(
    given: Mapping[str, str], known: Mapping[str, str], way: Way
) -> tuple[dict[str, str], str]:
    """All values, and the bot's username. `known` are defaults. Raises `NotAnswered`.

    What is given is not asked for; where it is wrong, it ends the questions.
    """
    is_asking = not given.keys() >= NEEDED
    if "BOT_TOKEN" in given:
        token = given["BOT_TOKEN"]
        bot = await _given_bot(token, way)
    else:
        say(_BOTFATHER)
        token, bot = await _ask_token(known.get("BOT_TOKEN", ""), way)
    say(f"That is @{bot}.")
    if not given.keys() >= {"API_ID", "API_HASH"}:
        say(_MY_TELEGRAM)
    values = {"BOT_TOKEN": token}
    values["API_ID"] = _value(_API_ID, given, known)
    values["API_HASH"] = _value(_API_HASH, given, known)
    if is_asking and "ADMIN_CHAT_ID" not in given:
        say(_ADMIN_CHAT)
    if is_asking or "ADMIN_CHAT_ID" in given:
        values["ADMIN_CHAT_ID"] = _value(_CHAT, given, known)
    return values, bot


async def bot_of(token: str, way: Way) -> str:
    """The username of the bot with that token. Raises `NotAnswered`."""
    try:
        return await _username(token, way)
    except Wrong as exc:
        raise NotAnswered(str(exc)) from None


async def _given_bot(token: str, way: Way) -> str:
    try:
        return await _username(_token(token), way)
    except Wrong as exc:
        raise NotAnswered(f"BOT_TOKEN: {exc}") from None


async def _ask_token(default: str, way: Way) -> tuple[str, str]:
    while True:
        kept = f" [Enter: the one of bot {default.partition(':')[0]}]" if default else ""
        token = answer(f"Token of the bot, not shown{kept}: ", is_secret=True) or default
        try:
            return token, await _username(_token(token), way)
        except Wrong as exc:
            say(f"That does not work: {exc}. Once more.")
            default = token if isinstance(exc, Away) else default


async def _username(token: str, way: Way) -> str:
    # aiogram takes seconds to import; questions of form need not wait for it.
    from bot.bot_api import BotApiAway, TokenRejected, client, who_is  # noqa: PLC0415 - see above

    try:
        async with client(token, api_url=way.api_url, proxy=way.proxy) as bot:
            me = await who_is(bot)
    except TokenRejected as exc:
        raise Wrong(f"{exc}; @BotFather shows the right one by /token") from exc
    except BotApiAway as exc:
        words = f"the Bot API can't be asked ({exc}); see to the network, or set BOT_PROXY"
        raise Away(words) from exc
    return me.username or ""


def _value(question: _Question, given: Mapping[str, str], known: Mapping[str, str]) -> str:
    """The value that is given, or answered. Raises `NotAnswered`."""
    if question.name in given:
        try:
            return question.check(given[question.name])
        except Wrong as exc:
            raise NotAnswered(f"{question.name}: {exc}") from None
    default = known.get(question.name, "")
    shown = "none" if question.may_be_empty else ""
    if default:
        shown = "the one that is there" if question.is_secret else default
    entered = f" [Enter: {shown}]" if shown else ""
    while True:
        prompt = f"{question.prompt}{entered}: "
        typed = answer(prompt, is_secret=question.is_secret) or default
        if not typed and question.may_be_empty:
            return ""
        try:
            return question.check(typed)
        except Wrong as exc:
            say(f"That does not work: {exc}. Once more.")


def _token(text: str) -> str:
    if not _TOKEN.fullmatch(text):
        raise Wrong("a token has the form 123456:ABC-def…")
    return text


def _api_id(text: str) -> str:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 2**31):
        raise Wrong("an API id is a number such as 1234567")
    return text


def _api_hash(text: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{32}", text):
        raise Wrong("an API hash has 32 hexadecimal digits, 0 to 9 and a to f")
    return text


def _chat(text: str) -> str:
    if not re.fullmatch(r"-?[1-9][0-9]{0,18}", text):
        raise Wrong("a chat id is a number; that of a group begins with -")
    return text


_API_ID = _Question("API_ID", "API id", _api_id)
_API_HASH = _Question("API_HASH", "API hash, not shown", _api_hash, is_secret=True)
_CHAT = _Question("ADMIN_CHAT_ID", "Chat id", _chat, may_be_empty=True)
