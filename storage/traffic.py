"""Bytes sent and received over each proxy."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, update

from storage.schema import proxies
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Traffic:
    """What went over a proxy since the last time this was said; a change for the writer."""

    proxy_id: int
    bytes_up: int
    bytes_down: int

    @property
    def key(self) -> Hashable:
        return "traffic", self.proxy_id

    @classmethod
    async def apply(cls, tx: Tx, changes: Sequence["Traffic"]) -> Sequence[None]:
        """Add up. An addition is repeated only where a COMMIT's answer was lost."""
        statement = (
            update(proxies)
            .where(proxies.c.id == bindparam("proxy"))
            .values(
                bytes_up=proxies.c.bytes_up + bindparam("up"),
                bytes_down=proxies.c.bytes_down + bindparam("down"),
            )
        )
        rows = [{"proxy": c.proxy_id, "up": c.bytes_up, "down": c.bytes_down} for c in changes]
        await tx.execute(statement, rows)
        return [None] * len(changes)
