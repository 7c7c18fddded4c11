"""Where the traffic of proxies leaves, as Telegram sees it; another country is an alert (S0.1)."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from storage import incidents, proxies
from storage.incidents import About, proxy_subject
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class ExitSeen:
    """Telegram saw a connection through the proxy come from there; a change for the writer."""

    proxy_id: int
    country: str
    """ISO 3166, lower case."""

    @property
    def key(self) -> Hashable:
        return "exit", self.proxy_id

    @classmethod
    async def apply(cls, tx: Tx, changes: Sequence["ExitSeen"]) -> Sequence[None]:
        for seen in changes:
            if await proxies.see_exit(tx, seen.proxy_id, seen.country) is None:
                continue
            await _tell(tx, seen.proxy_id)
        return [None] * len(changes)


async def _tell(tx: Tx, proxy_id: int) -> None:
    """Of a gateway whose exit changes by itself nothing is told."""
    proxy = await proxies.get(tx, proxy_id)
    if proxy is None or proxy.kind is proxies.Kind.ROTATING:
        return
    subject = proxy_subject(proxy_id)
    if proxy.has_drifted:
        cause = f"{proxy.first_exit} → {proxy.exit_country}".upper()
        await incidents.open_about(tx, subject, About.PROXY_COUNTRY, cause=cause)
    else:
        await incidents.close_about(tx, subject, About.PROXY_COUNTRY)
