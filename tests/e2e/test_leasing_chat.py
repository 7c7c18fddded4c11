"""Leasing as an operator does it: one more proxy, and another one for one that was lost."""

import pytest

from bot import desk
from storage import traits
from tests.e2e.harness import Mooring
from tests.e2e.leasing import Leasing
from tests.e2e.telegram import Telegram


@pytest.mark.req("S1.6", "C2")
async def test_one_more_is_leased_by_a_press_and_a_wrong_country_answered(
    mooring: Mooring, telegram: Telegram
) -> None:
    async with Leasing.opened(mooring, telegram) as house:
        await mooring.start()
        await mooring.chat.say("/proxies")
        await mooring.chat.shows("None yet")
        await mooring.chat.press("Lease one")
        await mooring.chat.shows("In which country?")
        await mooring.chat.say("Belgium 🙂")
        bad = await mooring.chat.shows("That is no country’s code", "press Cancel")  # noqa: RUF001 - the text has it
        assert bad.labels == ["✖️ Cancel"]
        await mooring.chat.say("be")
        await mooring.chat.shows("Lease one proxy in BE?", "bought at once")
        assert await house.ledger.spent() == 0
        await mooring.chat.press("Lease one in BE")
        card = await mooring.chat.shows("Bought. New accounts get it", "leased", "BE")
        assert "3.00" in card.text
        assert await house.ledger.acts() == [("bought", "be")]

        await house.ledger.sell_out("fr")
        await mooring.chat.say("/proxies")
        await mooring.chat.shows("Proxies", "BE")
        await mooring.chat.press("Lease one")
        await mooring.chat.shows("In which country?")
        await mooring.chat.say("FR")
        await mooring.chat.shows("Lease one proxy in FR?")
        await mooring.chat.press("Lease one in FR")
        await mooring.chat.shows("has none there now")
        await mooring.chat.press("Another country")
        await mooring.chat.shows("In which country?")
        assert len(await house.ledger.acts()) == 1


@pytest.mark.req("S1.6")
async def test_a_purchase_that_nobody_answered_leads_to_the_proxies_and_to_no_second_one(
    mooring: Mooring, telegram: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Leasing.opened(mooring, telegram) as house:
        await mooring.start()
        await mooring.chat.say("/proxies")
        await mooring.chat.press("Lease one")
        await mooring.chat.shows("In which country?")
        await mooring.chat.say("be")
        await mooring.chat.shows("Lease one proxy in BE?")
        monkeypatch.setattr(desk, "OUTCOME_LIMIT_S", 0.0)
        await mooring.chat.press("Lease one in BE")
        late = await mooring.chat.shows("No answer yet: it may have been bought, or still be")
        assert late.labels == ["🌐 Proxies"]
        await house.until_noted("proxy.bought", 1)
        await mooring.chat.press("Proxies")
        await mooring.chat.shows("Proxies: 1", "leased")


@pytest.mark.req("S1.5", "C4")
async def test_of_a_number_that_may_log_in_only_once_an_operator_is_asked_where_to_go(
    mooring: Mooring, telegram: Telegram
) -> None:
    async with Leasing.opened(mooring, telegram) as house:
        (number,) = await house.enrol("be")
        async with house.database.transaction() as tx:
            await traits.set_one_time_phone(tx, number, one_time_phone=True)
        await mooring.start()
        await house.until_connected()
        await house.ledger.sell_out("be")
        await house.withdraw(number)
        await mooring.chat.shows(
            "The provider took", "1 account waits", "you may take one in NL, FR, DE, GB, US"
        )
        assert [a.is_fallback for a in await house.history(number)] == [False]
        await mooring.chat.press("Proxy")
        await mooring.chat.shows("Here since")
        await mooring.chat.press("Take one elsewhere")
        await mooring.chat.shows("In which country?")
        await mooring.chat.say("NL")
        await mooring.chat.shows("Lease one in NL for its accounts?", "come from NL")
        await mooring.chat.press("Lease one in NL")
        await mooring.chat.shows("One account has another proxy now")
        await mooring.chat.shows("was replaced")
        await house.until_connected()
        last = (await house.history(number))[-1]
        assert (last.wanted_country, last.country, last.is_fallback) == ("be", "nl", True)
        assert last.actor == f"operator {mooring.operator['id']}"
        assert await house.hazards() == []
