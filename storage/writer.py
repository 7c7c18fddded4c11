"""The group-commit writer: what is hot is written together, one transaction for many changes."""

from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

from storage.tx import Tx

R_co = TypeVar("R_co", covariant=True)
R = TypeVar("R")


class Change(Protocol[R_co]):
    """One typed change. Those of one type in a batch are applied together."""

    @property
    def key(self) -> Hashable:
        """Changes with one key are applied in the order they came."""
        ...

    @classmethod
    async def apply(cls, tx: Tx, changes: Sequence[Any]) -> Sequence[R_co]:
        """Write them all, in their order; one result for each."""
        ...


class Writer:
    """Writes changes, many in one transaction."""

    def __init__(self, transaction: Callable[[], AbstractAsyncContextManager[Tx]]) -> None:
        self._transaction = transaction

    async def write(self, change: Change[R]) -> R:
        """The change's result, once it is committed."""
        async with self._transaction() as tx:
            return (await type(change).apply(tx, [change]))[0]

    async def close(self) -> None:
        """Write what waits."""
