"""A proxy whose traffic leaves in another country is an alert, and nothing more."""

import asyncio

import pytest

from storage import proxies
from storage.proxies import Proxy
from tests.e2e.harness import Mooring
from tests.e2e.telegram import Telegram
from tests.timing import limit


async def exits(mooring: Mooring) -> Proxy:
    assert mooring.app
    async with mooring.app.database.read() as tx:
        (proxy,) = await proxies.page(tx)
    return proxy


@pytest.mark.req("S0.1", "C4")
async def test_another_exit_country_is_told_and_when_it_is_the_old_one_again(
    mooring: Mooring, telegram: Telegram
) -> None:
    alice = await telegram.person("Alice")
    mooring.settings = mooring.settings.model_copy(update={"ping_every": 1.0})
    (number,) = await mooring.start_with(alice)
    assert mooring.app
    place = f"proxies/{mooring.proxy['id']}/country"
    with mooring.app.database.wakeups.subscribe(proxies.CHANGED) as changed:
        async with asyncio.timeout(limit(20)):
            while (await exits(mooring)).first_exit is None:
                await changed.wait(1)
    home = (await exits(mooring)).first_exit
    assert home == "nl", "what the data centre says by itself"

    await telegram.post(place, country="DE")
    await telegram.post("connections/cut", user=alice["id"])
    told = await mooring.chat.shows("its traffic comes out in another country now: NL → DE")
    assert mooring.proxy["host"] in told.text
    proxy = await exits(mooring)
    assert (proxy.exit_country, proxy.accounts) == ("de", 1)
    await mooring.chat.press("Proxy")
    await mooring.chat.shows("Here since")

    await telegram.post(place, country="NL")
    await telegram.post("connections/cut", user=alice["id"])
    await mooring.chat.shows("comes out in the same country as at first again", "NL → DE")
    await mooring.until_state(number, "ONLINE")
