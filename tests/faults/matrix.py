"""The fault matrix: every row of it."""

from tests.faults import calls, lines, people, proxies
from tests.faults.rows import Row

ROWS: tuple[Row, ...] = (*lines.ROWS, *calls.ROWS, *people.ROWS, *proxies.ROWS)
