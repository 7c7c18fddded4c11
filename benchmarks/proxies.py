"""Many proxies: read from a text, checked, and given to accounts evenly."""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from itertools import cycle, islice
from random import Random

from benchmarks.place import API_HASH, API_ID, Sandbox, sandbox
from benchmarks.results import Result, scaled
from benchmarks.storage import opened
from storage import accounts, proxies
from storage.database import Database
from storage.proxies import Endpoint
from storage.tx import Tx
from userbot.checker import Checker
from userbot.proxies import parse_many
from userbot.proxies.probe import Failed
from userbot.reach import Reach
from userbot.states import State
from userbot.telegram import DcAddress, identity

CHECKED = 1000
KINDS = ("socks5", "http", "socks4", "mtproto")
LINES, ROUNDS = 10_000, 5
IDENTITY = identity(API_ID, API_HASH)
ACCOUNTS, PROXIES, AT_ONCE, ALONE = 10_000, 500, 500, 200


async def measure(scale: float = 1) -> list[Result]:
    """Checks on loopback, lines in memory, and accounts in a SQLite file."""
    return [
        await _checked(scaled(CHECKED, scale)),
        _read(scaled(LINES, scale)),
        *await _given(scale),
    ]


async def _checked(count: int) -> Result:
    """As the product does it, rows included; half of what may be SOCKS5 or HTTP is a guess.

    The sandbox is a process of its own, and every proxy has its own port.
    """
    async with sandbox() as where, opened() as (database, _):
        await _list(where, database, count)
        dc_id, host, port = where.addresses["telegram_dc"].split(":")
        target = DcAddress(int(dc_id), host, int(port))
        checker = Checker(database, Reach(), target, random=Random(1))  # noqa: S311 - jitter
        began = time.perf_counter()
        outcomes = await checker.check()
        taken_s = time.perf_counter() - began
    failed = Counter(str(o.cause) for o in outcomes.values() if isinstance(o, Failed))
    if failed or len(outcomes) != count:
        raise RuntimeError(f"of {len(outcomes)} checks of {count} failed {dict(failed)}")
    return Result(f"{count} proxies checked", taken_s, "s", 15, is_at_most=True)


async def _list(where: Sandbox, database: Database, count: int) -> None:
    for number, kind in enumerate(islice(cycle(KINDS), count)):
        made = await where.post("proxies", kind=kind)
        is_guess = kind in {"socks5", "http"} and number % 8 < len(KINDS)
        scheme = "socks5" if is_guess else kind
        endpoint = Endpoint(scheme, made["host"], made["port"], password=made["secret"] or "")
        async with database.transaction() as tx:
            await proxies.add(tx, endpoint, is_guess=is_guess)


def _read(count: int) -> Result:
    """A text with every form that a line may have, none of them bad or double."""
    forms: Sequence[Callable[[str, int], str]] = [
        lambda host, n: f"{host}:{1024 + n}",
        lambda host, n: f"{host}:{1024 + n}:user{n}:secret{n}",
        lambda host, n: f"socks5://user{n}:secret{n}@{host}:{1024 + n}",
        lambda host, n: f"http://p{n}.{host}.example.org:8080",
    ]
    lines = [
        form(f"10.{n >> 8 & 255}.{n & 255}.1", n)
        for n, form in zip(range(count), cycle(forms), strict=False)
    ]
    text, taken = "\n".join(lines), []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        good = parse_many(text).good
        taken.append(time.perf_counter() - began)
        if len(good) != count:
            raise RuntimeError(f"{count - len(good)} of {count} lines were not read")
    return Result.of(f"{count} lines read", taken, "s", goal=0.5, is_at_most=True)


async def _given(scale: float) -> list[Result]:
    """The choice is the product's own, at each account anew."""
    count, many = scaled(ACCOUNTS, scale), scaled(PROXIES, scale)
    async with opened() as (database, _):
        async with database.transaction() as tx:
            for number in range(many):
                await proxies.add(tx, Endpoint("socks5", f"192.0.2.{number & 255}", 1024 + number))
        within_s = 0.0
        for start in range(0, count, AT_ONCE):
            numbers = range(start, min(start + AT_ONCE, count))
            async with database.transaction() as tx:
                within_s += await _seconds(lambda: _give_to(tx, numbers))  # noqa: B023 - run at once
        alone = range(count, count + scaled(ALONE, scale))
        alone_s = await _seconds(lambda: _give_alone(database, alone))
        async with database.read() as tx:
            choice_s = await _seconds(lambda: _choose(tx, len(alone)))
            loads = [proxy.accounts for proxy in await proxies.page(tx)]
    what = f"{count} accounts on {many} proxies"
    return [
        Result(f"{what}: most and fewest apart", max(loads) - min(loads), "accounts", 1, is_at_most=True),
        Result(f"{what}: choice and rows, within a transaction", within_s / count * 1000, "ms", 1, is_at_most=True),
        Result("the choice alone, with all of them there", choice_s / len(alone) * 1000, "ms"),
        Result("one account in a transaction of its own, durable", alone_s / len(alone) * 1000, "ms"),
    ]  # fmt: skip


async def _give_alone(database: Database, numbers: Sequence[int]) -> None:
    for number in numbers:
        async with database.transaction() as tx:
            await _give_to(tx, [number])


async def _give_to(tx: Tx, numbers: Sequence[int]) -> None:
    for number in numbers:
        await proxies.lock_distribution(tx)
        proxy = await proxies.least_loaded(tx)
        if proxy is None:
            raise RuntimeError("there is no proxy")
        await accounts.add(
            tx,
            phone=f"+1555{number:07}",
            identity=IDENTITY,
            proxy_id=proxy.id,
            state=State.NEW,
        )


async def _choose(tx: Tx, times: int) -> None:
    for _ in range(times):
        await proxies.least_loaded(tx)


async def _seconds(work: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began
