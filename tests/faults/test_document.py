"""The page on faults says what the table says."""

from tests.faults.document import PATH, text
from tests.faults.matrix import ROWS
from tests.faults.rows import Moment


def test_the_page_is_what_the_table_says() -> None:
    assert PATH.read_text() == text(), "python -m tests.faults.document writes it anew"


def test_every_fault_has_a_name_of_its_own_and_every_moment_a_short_case() -> None:
    names = [(row.group, row.name) for row in ROWS]
    assert len(names) == len(set(names))
    assert {moment for row in ROWS for moment in row.short} == set(Moment)
    assert all(row.short <= row.outcomes.keys() for row in ROWS)
