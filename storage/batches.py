"""Batches of changes for the writer: which are written together, and what becomes of each."""

import asyncio
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

from loguru import logger

from storage.errors import StorageBusy, StorageFailed
from storage.tx import Tx

R_co = TypeVar("R_co", covariant=True)


class Change(Protocol[R_co]):
    """One typed change. Those of one type in a batch are applied together.

    It must bear being applied again: a transaction that failed is repeated whole.
    """

    @property
    def key(self) -> Hashable:
        """Changes with one key are applied in the order they came, whatever their types."""
        ...

    @classmethod
    async def apply(cls, tx: Tx, changes: Sequence[Any]) -> Sequence[R_co]:
        """Write them all, as if one after the other; one result for each."""
        ...


@dataclass(slots=True, eq=False)
class Waiting:
    """A change in the queue."""

    change: Change[Any]
    key: Hashable
    answer: asyncio.Future[Any] | None
    """Who waits for it; None where nobody does."""
    result: Any = None
    error: Exception | None = None

    def tell(self) -> None:
        """Answer who waits for it."""
        if self.answer is None or self.answer.done():
            return
        if self.error is not None:
            self.answer.set_exception(self.error)
        else:
            self.answer.set_result(self.result)

    @property
    def failed_unheard(self) -> bool:
        """Whether it failed, and nobody will hear of it."""
        return self.error is not None and (self.answer is None or self.answer.cancelled())


Group: TypeAlias = list[Waiting]
"""Changes of one type, to be applied together."""


async def apply(tx: Tx, group: Group) -> None:
    """Write a group; each change has its result then."""
    kind = type(group[0].change)
    results = await kind.apply(tx, [waiting.change for waiting in group])
    for waiting, result in zip(group, results, strict=True):
        waiting.result, waiting.error = result, None


async def apply_apart(tx: Tx, group: Group) -> None:
    """Apply a group; where that fails, each half alone, down to the change that fails."""
    try:
        async with tx.savepoint():
            await apply(tx, group)
    except (StorageBusy, StorageFailed):
        raise
    except Exception as exc:  # noqa: BLE001 - whatever it is, it is for who waits for the change
        if len(group) == 1:
            group[0].error = exc
            return
        middle = len(group) // 2
        await apply_apart(tx, group[:middle])
        await apply_apart(tx, group[middle:])


def groups(batch: Iterable[Waiting]) -> list[Group]:
    """Changes of a type together, but none before an earlier change with its key."""
    batch = list(batch)
    if len({type(waiting.change) for waiting in batch}) == 1:
        return [batch]
    groups: list[Group] = []
    newest: dict[type, int] = {}
    held: dict[Hashable, int] = {}
    for waiting in batch:
        kind = type(waiting.change)
        at = newest.get(kind)
        if at is None or at < held.get(waiting.key, 0):
            at = newest[kind] = len(groups)
            groups.append([])
        groups[at].append(waiting)
        held[waiting.key] = at
    return groups


def report(batch: Iterable[Waiting]) -> None:
    """Log what failed and nobody waited for; only kinds, since a text may quote a value."""
    failed = Counter(
        (type(waiting.change).__name__, _kind(waiting.error))
        for waiting in batch
        if waiting.failed_unheard
    )
    for (change, error), count in failed.items():
        log = logger.bind(event="writer.failed")
        log.error("{} of {} not written: {}", count, change, error)


def _kind(error: Exception | None) -> str:
    return type(getattr(error, "orig", None) or error).__name__
