"""Key exchanges that fail: only a login makes a key."""

import asyncio

import pytest

from sandbox.datacentre import DataCentre
from sandbox.datacentre.faults.keys import ExchangeEnd
from sandbox.world.people import User
from tests.network.conftest import alice
from tests.network.office import Office
from tests.network.test_enrolment import office, proxy
from tests.sandbox.hazards import assert_no_hazards
from tests.timing import limit

__all__ = ["alice", "office", "proxy"]


@pytest.mark.parametrize("end", ExchangeEnd)
async def test_a_login_goes_on_when_a_key_exchange_fails_twice(
    office: Office, alice: User, datacentre: DataCentre, end: ExchangeEnd
) -> None:
    fault = datacentre.faults.fail_exchange(end, times=2)
    async with asyncio.timeout(limit(60)):
        begun = await office.begin(alice)
        assert fault.struck == 2
        done = await office.enrolments.code(begun["account"], office.code(alice))
        assert done["step"] == "done"
        await office.until_online(begun["account"])
    assert_no_hazards(datacentre)


@pytest.mark.parametrize("end", ExchangeEnd)
async def test_a_login_whose_key_exchanges_all_fail_says_so_and_can_begin_again(
    office: Office, alice: User, datacentre: DataCentre, end: ExchangeEnd
) -> None:
    async with asyncio.timeout(limit(60)):
        with datacentre.faults.fail_exchange(end, times=None):
            assert "error" in await office.begin(alice)
        assert (await office.begin(alice))["step"] == "code"
    assert_no_hazards(datacentre)
