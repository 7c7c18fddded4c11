"""Which proxies carry lines, and who waits for one that does not."""

from collections import Counter, defaultdict
from collections.abc import Callable


class Reach:
    """Wakes those that could not connect when their proxy, or the network, carries again.

    Only the first line that comes up wakes others: that a hundredth one does proves nothing new,
    and their schedule would be for nothing.
    """

    def __init__(self) -> None:
        self._lines: Counter[int] = Counter()
        self._waiting: defaultdict[int, dict[int, Callable[[], None]]] = defaultdict(dict)

    def up(self, proxy_id: int) -> None:
        """A line came up through this proxy."""
        was_cut_off = not self._lines
        self._lines[proxy_id] += 1
        if was_cut_off:
            self._wake(*self._waiting)
        elif self._lines[proxy_id] == 1:
            self._wake(proxy_id)

    def works(self, proxy_id: int) -> None:
        """A check came through this proxy: who waits for it may try."""
        if not self._lines[proxy_id]:
            del self._lines[proxy_id]
            self._wake(proxy_id)

    def down(self, proxy_id: int) -> None:
        """A line through this proxy ended."""
        self._lines[proxy_id] -= 1
        if self._lines[proxy_id] <= 0:
            del self._lines[proxy_id]

    def wait(self, proxy_id: int, account_id: int, wake: Callable[[], None]) -> None:
        """The account could not connect; `wake` is called once when it is worth a try."""
        self._waiting[proxy_id][account_id] = wake

    def forget(self, proxy_id: int, account_id: int) -> None:
        """The account waits for its proxy no more."""
        self._waiting[proxy_id].pop(account_id, None)
        if not self._waiting[proxy_id]:
            del self._waiting[proxy_id]

    def _wake(self, *proxy_ids: int) -> None:
        for wake in [w for p in proxy_ids for w in self._waiting.pop(p, {}).values()]:
            wake()
