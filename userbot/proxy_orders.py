"""An operator's acts on proxies: check, change the address, move accounts.

Nothing else moves an account off its proxy, but the rule for leased ones (S1.5).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from loguru import logger

from storage import assignments, journal, proxies
from storage.commands import Command
from storage.database import Database
from storage.proxies import Endpoint
from storage.tx import Tx
from userbot.checker import Checker
from userbot.leaving import actor
from userbot.login_answers import Outcome
from userbot.orders import Act
from userbot.proxies import BadProxyLine, parse_line
from userbot.proxies.probe import Failed
from userbot.registry import Registry

MOVED = "moved by an operator"


class NoOther(LookupError):
    """There is no other proxy that works; then no account is moved at all."""


class ProxyOrders:
    """Carries out what was ordered of proxies, in the process that runs the accounts."""

    def __init__(self, database: Database, registry: Registry, checker: Checker) -> None:
        self._database = database
        self._registry = registry
        self._checker = checker

    @property
    def kinds(self) -> Mapping[str, Act]:
        return {
            "proxies.check": self.check,
            "proxies.change": self.change,
            "proxies.move": self.move,
        }

    async def check(self, command: Command) -> Outcome:
        """Check those named, or all; each one's row tells what was found as soon as it is known."""
        ids = command.args.get("proxies")
        outcomes = await self._checker.check(None if ids is None else set(ids))
        failed = sum(isinstance(outcome, Failed) for outcome in outcomes.values())
        return {"checked": len(outcomes), "failed": failed}

    async def change(self, command: Command) -> Outcome:
        """Give a proxy another address or login; its entry and its accounts stay.

        It is tried out first; one that does not work is taken only with `force`.
        """
        proxy_id = int(command.args["proxy"])
        try:
            parsed = parse_line(command.args["line"])
        except BadProxyLine as exc:
            return {"error": "bad_line", "words": exc.reason}
        answer = await self._checker.try_out(parsed, proxy_id)
        if isinstance(answer.outcome, Failed) and not command.args.get("force"):
            return {"error": "does_not_work", "words": answer.outcome.words}
        async with self._database.transaction() as tx:
            if why_not := await _change(tx, proxy_id, answer.endpoint, actor(command)):
                return {"error": why_not}
            moved = await assignments.accounts_on(tx, proxy_id)
        self._dial_anew(moved)
        return {"accounts": moved}

    async def move(self, command: Command) -> Outcome:
        """Give accounts another proxy: the one named, or each the least loaded of the others.

        All of them, or none.
        """
        accounts, to = command.args["accounts"], command.args.get("to")
        try:
            async with self._database.transaction() as tx:
                await proxies.lock_distribution(tx)
                moved = [a for a in accounts if await _move(tx, a, to, actor(command))]
        except NoOther:
            return {"error": "no_proxy"}
        self._dial_anew(moved)
        return {"accounts": moved}

    def _dial_anew(self, accounts: Iterable[int]) -> None:
        """Over the new way; in turns, as the budget has them."""
        for account_id in accounts:
            userbot = self._registry.get(account_id)
            if userbot is not None:
                userbot.reroute()
                logger.bind(account=account_id, event="proxy.rerouted").info("over another way")


async def _change(tx: Tx, proxy_id: int, endpoint: Endpoint, by: str) -> str:
    """Why it could not be changed; empty where it was."""
    proxy = await proxies.get(tx, proxy_id)
    if proxy is None:
        return "unknown_proxy"
    if not await proxies.change(tx, proxy_id, endpoint):
        return "known_already"
    data: dict[str, Any] = {"from": proxy.endpoint.name, "to": endpoint.name}
    await journal.note(tx, "proxy.changed", actor=by, data=data)
    return ""


async def _move(tx: Tx, account_id: int, to: int | None, by: str) -> bool:
    has = await assignments.current(tx, account_id)
    proxy = await proxies.get(tx, to) if to else await proxies.least_loaded(tx, but=has)
    if proxy is None:
        raise NoOther
    is_new = await assignments.move(tx, account_id, proxy.id, reason=MOVED, actor=by)
    if is_new:
        data = {"proxy": proxy.endpoint.name}
        await journal.note(tx, "proxy.moved", actor=by, account_id=account_id, data=data)
    return is_new
