"""Many proxies: read from a text, probed, and given to accounts evenly."""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from itertools import cycle, islice

from benchmarks.place import API_HASH, API_ID, Sandbox, sandbox
from benchmarks.results import Result, scaled
from benchmarks.storage import opened
from storage import accounts, proxies
from storage.database import Database
from storage.proxies import Endpoint
from storage.tx import Tx
from userbot.proxies import Parsed, parse_many
from userbot.proxies.probe import Answer, Failed, Target, probe_all
from userbot.states import State
from userbot.telegram import identity

PROBED, LISTENING = 1000, 20
"""So many entries share so many proxies: each is dialled and asked by itself all the same."""
KINDS = ("socks5", "http", "socks4", "mtproto")
LINES, ROUNDS = 10_000, 5
IDENTITY = identity(API_ID, API_HASH)
ACCOUNTS, PROXIES, AT_ONCE, ALONE = 10_000, 500, 500, 200


async def measure(scale: float = 1) -> list[Result]:
    """Probes on loopback, lines in memory, and accounts in a SQLite file."""
    return [
        await _probed(scaled(PROBED, scale)),
        _read(scaled(LINES, scale)),
        *await _given(scale),
    ]


async def _probed(count: int) -> Result:
    """The sandbox is a process of its own; half of the entries do not say which kind they are."""
    async with sandbox() as where:
        found = await _listening(where)
        dc_id, host, port = where.addresses["telegram_dc"].split(":")
        failed: Counter[str] = Counter()

        async def on_result(parsed: Parsed, answer: Answer) -> None:
            if isinstance(answer.outcome, Failed):
                failed[f"{parsed.endpoint.scheme}: {answer.outcome.cause}"] += 1

        taken_s = await _seconds(
            lambda: probe_all(
                islice(cycle(found), count),
                Target(int(dc_id), host, int(port)),
                on_result=on_result,
            )
        )
    if failed:
        raise RuntimeError(f"of {count} probes failed {dict(failed)}")
    return Result(f"{count} proxies probed", taken_s, "s", 15, is_at_most=True)


async def _listening(where: Sandbox) -> list[Parsed]:
    found = []
    for kind in islice(cycle(KINDS), LISTENING):
        made = await where.post("proxies", kind=kind)
        endpoint = Endpoint(kind, made["host"], made["port"], password=made["secret"] or "")
        found.append(Parsed(endpoint, is_guess=False))
        if kind in {"socks5", "http"}:
            unknown = Endpoint("socks5", made["host"], made["port"])
            found.append(Parsed(unknown, is_guess=True))
    return found


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
    return Result(f"{count} lines read, best of {ROUNDS}", min(taken), "s", 0.5, is_at_most=True)


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
