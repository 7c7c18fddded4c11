"""Every fault at every moment. `make faults` plays them all, `make test` a representative part."""

import os

import pytest

from sandbox.datacentre import DataCentre
from storage.database import Database
from tests.faults.fleet import Clock, fleet_of
from tests.faults.matrix import ROWS
from tests.faults.play import play
from tests.faults.rows import Moment, Row

IS_FULL = os.environ.get("MOORING_FAULTS", "") == "all"


def case(row: Row, moment: Moment) -> object:
    """What is not so yet fails until it is mended, and then wants to be taken out of the row."""
    lack = row.lacks.get(moment)
    marks = [pytest.mark.xfail(reason=lack, raises=AssertionError, strict=True)] if lack else []
    return pytest.param(row, moment, id=f"{row.group}: {row.name}, {moment}", marks=marks)


CASES = [
    case(row, moment) for row in ROWS for moment in row.outcomes if IS_FULL or moment in row.short
]


@pytest.mark.req("S2.2", "S2.7", "S0.4")
@pytest.mark.parametrize(("row", "moment"), CASES)
async def test_a_fault_costs_no_session_and_no_message(
    row: Row, moment: Moment, db: Database, datacentre: DataCentre, clock: Clock
) -> None:
    count = 5 if moment is Moment.RECOVERING else 1
    async with fleet_of(count, db, datacentre, clock) as fleet:
        await play(fleet, row, moment)
