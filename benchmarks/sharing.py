"""What instances ask of the database to share very many accounts: rows only, no lines.

A hundred instances own ten thousand accounts each; the same with ten of them, as a peer.
Each statement is Mooring's own, on a server with its default settings, and its time is the median.
"""

import statistics
import time
from collections.abc import Awaitable, Callable

from cryptography.fernet import Fernet

from benchmarks.results import Result, scaled
from benchmarks.server import Server, postgres
from storage import accounts, lease, ownership
from storage.database import Database, open_database
from storage.tx import Tx
from storage.vault import Vault

INSTANCES, PEER_INSTANCES, EACH = 100, 10, 10_000
TIMES = 9
_FILL = """
INSERT INTO instances (id, host, pid, version, started_at)
  SELECT 'i' || n, 'host', n, '1', now() FROM generate_series(1, {instances}) n;
INSERT INTO leases (instance, until, runs_userbots)
  SELECT id, now() + interval '1 hour', true FROM instances;
INSERT INTO accounts (phone, name, api_id, sealed_api_hash, device_model, system_version,
    app_version, lang_code, system_lang_code, always_online, one_time_phone, desired, state,
    reason, attempt, since, owner, epoch, created_at)
  SELECT '+1' || n, 'Somebody', 1, decode(repeat('00', 120), 'hex'), 'Desktop', '1', '1', 'en',
    'en', true, true, 'RUN', 'ONLINE', '', 0, now(), 'i' || (n % {instances} + 1), 1, now()
  FROM generate_series(1, {instances} * {each}) n;
VACUUM ANALYZE accounts;
VACUUM ANALYZE leases;
SELECT 1;
"""
Act = Callable[[Tx], Awaitable[object]]


async def measure(scale: float = 1) -> list[Result]:
    """What every look and every renewal cost, and a takeover's statements."""
    each = scaled(EACH, scale)
    with postgres() as server:
        few = await _timed(server, PEER_INSTANCES, each)
        many = await _timed(server, INSTANCES, each)
    return [
        Result(
            f"{name}, {INSTANCES} instances with {each} accounts each",
            taken_ms,
            "ms",
            peer=f"{PEER_INSTANCES} instances",
            peer_value=few[name],
        )
        for name, taken_ms in many.items()
    ]


async def _timed(server: Server, instances: int, each: int) -> dict[str, float]:
    """Milliseconds by what was done."""
    url = server.new()
    database = await open_database(url, Vault([Fernet.generate_key().decode()]))
    try:
        server.ask(url, _FILL.format(instances=instances, each=each))
        seen: dict[str, float] = {}
        for name, act in {
            "a look at the leases": lambda tx: lease.page(tx, with_counts=False),
            "a look that counts": lease.page,
            "a look for free accounts": ownership.count_free,
        }.items():
            seen[name] = await _median(database, act)
        seen["a renewal"] = await _median(database, lambda tx: lease.renew(tx, "i1"), writes=True)
        seen["to end a dead one's lease"] = await _median(
            database, lambda tx: lease.end(tx, "i2"), writes=True, times=1
        )
        part = max(1, each // (instances - 1))
        found: list[int] = []

        async def take(tx: Tx) -> None:
            rows = await accounts.to_be_had(tx, part)
            found[:] = [row.id for row in rows]
            await ownership.claim(tx, found, "i3", is_alone=False)

        seen["to take a part of what it had"] = await _median(database, take, writes=True, times=5)
        return seen
    finally:
        await database.close()


async def _median(
    database: Database, act: Act, *, writes: bool = False, times: int = TIMES
) -> float:
    taken = []
    for _ in range(times):
        begun = database.transaction() if writes else database.read()
        began = time.perf_counter()
        async with begun as tx:
            await act(tx)
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)
