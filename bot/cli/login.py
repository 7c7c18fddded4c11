"""`mooring login`: log an account in from a terminal, through the Mooring that runs."""

import argparse
import asyncio
from collections.abc import Mapping
from typing import Any

from bot.alone import alone_or_beside
from bot.cli import login_words as words
from bot.cli.asking import NotAnswered, answer
from bot.cli.common import FAILED, OK, say
from bot.cli.existing import stored
from bot.proxy_desk import ProxyDesk
from bot.settings import Settings
from storage import commands
from storage.database import Database
from userbot.targets import BadPhone, parse_phone

OUTCOME_LIMIT_S = 150.0
RESEND = "r"
Outcome = dict[str, Any]


def add_to(subcommands: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    parser = subcommands.add_parser(
        "login",
        help="log an account in: its number, the code, the password",
        description="Logs an account in, as /add_account does in the chat: it gets a proxy for "
        "good, Telegram sends a code, and you type it here. Needs a running Mooring. Ctrl-C ends "
        "it; a new number is forgotten then.",
    )
    parser.add_argument("phone", type=_phone, help="with the country code: +44 20 7946 0000")
    parser.set_defaults(act=_login)


def _phone(text: str) -> str:
    try:
        return parse_phone(text)
    except BadPhone as exc:
        raise argparse.ArgumentTypeError(exc.reason) from None


async def _login(settings: Settings, arguments: argparse.Namespace) -> int:
    async with stored(settings) as database:
        async with alone_or_beside(settings) as is_alone:
            if is_alone:
                say("Not logged in: no Mooring runs, and only a running one dials.")
                say("Start it, then repeat this: mooring run")
                return FAILED
        desk = ProxyDesk(
            database, capacity=settings.proxy_capacity, fewer_than=settings.fewer_than
        )
        proxy, _ = await desk.next_proxy(arguments.phone)
        through = f"through {proxy.endpoint.name} " if proxy else ""
        say(f"Connecting {through}and asking Telegram for a code …")
        return await _Login(database, arguments.phone).run()


def _spoken(code: str) -> str:
    """The code without the spaces between its digits; some codes are words."""
    digits = "".join(code.split()).replace("-", "")
    return digits if digits.isdecimal() else code


class _Login:
    """One login: each step is an order to the Mooring that runs, and its outcome the next one."""

    def __init__(self, database: Database, phone: str) -> None:
        self._database = database
        self._phone = phone
        self._account: int | None = None
        self._begun: int | None = None
        """The order that began it, while its outcome is not known."""
        self._sent: Outcome = {}
        """What Telegram said of the code that it sent last."""

    async def run(self) -> int:
        """Ask and order until it is done. Returns the exit code."""
        try:
            outcome: Outcome | None = await self._begin()
            while outcome is not None and outcome.get("step") != "done":
                outcome = await self._next(outcome)
        except NotAnswered as exc:
            await self._leave(str(exc))
            return FAILED
        except TimeoutError:
            say("Not logged in yet: no Mooring has answered. Look at its log, or at /accounts.")
            return FAILED
        except asyncio.CancelledError:
            await self._leave("it was cancelled")
            raise
        if outcome is None:
            return FAILED
        name = words.plain(str(outcome.get("name", "")))
        say(f"{name} is logged in as #{outcome['account']}, and stays on its proxy from now on.")
        return OK

    async def _begin(self) -> Outcome:
        self._begun = await self._write("enrol.begin", {"phone": self._phone})
        outcome = await self._outcome(self._begun)
        self._begun = None
        return outcome

    async def _next(self, outcome: Outcome) -> Outcome | None:
        """The outcome of what is answered to this one; None where the login has ended."""
        if "error" in outcome:
            return await self._after_error(outcome)
        if outcome["step"] == "code":
            self._sent = outcome
            say(words.where(outcome))
            return await self._ask_code()
        if outcome["step"] == "password":
            return await self._ask_password(words.hint(outcome))
        say(f"The Mooring that runs says {outcome['step']}. Go on in the chat: /accounts.")
        return None

    async def _after_error(self, outcome: Outcome) -> Outcome | None:
        say(words.error(outcome))
        match outcome["error"]:
            case "code_invalid" | "no_other_way" | "sms_failed":
                return await self._ask_code()
            case "password_invalid" | "password_changed":
                return await self._ask_password("")
            case "code_expired" | "interrupted" | "restart":
                if answer("Have a new code sent? Enter: yes, n: no. ").lower() not in {"", "y"}:
                    raise NotAnswered("you left")
                return await self._begin()
            case _:
                return None

    async def _ask_code(self) -> Outcome:
        again = f", or {RESEND} to have it sent another way" if self._sent.get("next") else ""
        while True:
            code = answer(f"Code{again}: ")
            if code.lower() == RESEND and again:
                if not (early_s := words.too_early_s(self._sent, self._database.now())):
                    return await self._order("enrol.resend", {})
                say(f"Telegram allows that in {early_s} s.")
            elif code:
                return await self._order("enrol.code", {"code": _spoken(code)})

    async def _ask_password(self, hint: str) -> Outcome:
        while not (password := answer(f"Password{hint}, not shown: ", is_secret=True)):
            pass
        return await self._order("enrol.password", {"password": password})

    async def _leave(self, why: str) -> None:
        """Give up; what was begun is cancelled where it is known."""
        if self._begun is not None:
            say("Cancelling as soon as the connection stands or fails …")
            outcome = await self._outcome(self._begun)
            self._begun = None
            if outcome.get("step") == "done":
                say(f"It was logged in meanwhile, as #{outcome['account']}.")
                return
        kept = ""
        if self._account is not None:
            outcome = await self._order("enrol.cancel", {})
            is_kept = not outcome.get("forgotten")
            kept = f" What was begun is kept as #{self._account}." if is_kept else ""
        say(f"Not logged in: {why}.{kept}")

    async def _order(self, kind: str, args: Mapping[str, Any]) -> Outcome:
        return await self._outcome(await self._write(kind, args))

    async def _write(self, kind: str, args: Mapping[str, Any]) -> int:
        async with self._database.transaction() as tx:
            return await commands.order(tx, kind, account_id=self._account, args=args)

    async def _outcome(self, order: int) -> Outcome:
        found = await commands.outcome_of(self._database, order, limit_s=OUTCOME_LIMIT_S)
        if found.get("step") in {"code", "password"}:
            self._account = int(found["account"])
        elif found.get("account", self._account) is None:
            self._account = None  # it is forgotten already
        return found
