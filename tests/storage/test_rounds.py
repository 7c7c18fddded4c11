"""One order for many accounts, and what was searched for."""

from storage import commands, operators, rounds, searches
from storage.database import Database
from storage.rounds import Part
from tests.storage.fleet import Clock, add_account


async def test_a_round_tells_how_far_it_is_and_other_orders_are_no_part_of_it(
    db: Database, clock: Clock
) -> None:
    async with db.transaction() as tx:
        one, two, three = [await add_account(tx, n) for n in (1, 2, 3)]
        await commands.order(tx, "stop", account_id=three, ordered_by=7)
    clock.forward(1)
    async with db.transaction() as tx:
        first = await rounds.order(tx, "stop", [one, two], by=7, args={"force": True})
        await commands.order(tx, "start", account_id=three, ordered_by=7)
    clock.forward(1)
    async with db.transaction() as tx:
        await commands.order(tx, "stop", account_id=three, ordered_by=7)
        begun = await rounds.get(tx, first)
        assert begun
        assert (begun.kind, begun.done, begun.is_over) == ("stop", 0, False)
        assert begun.parts == [Part(one, None), Part(two, None)]
        taken = await commands.take(tx)
        assert [c.args for c in taken if c.account_id in {one, two}] == 2 * [{"force": True}]
        await commands.finish(tx, first, {"state": "STOPPED"})
        half = await rounds.get(tx, first)
        assert half
        assert half.parts == [Part(one, {"state": "STOPPED"}), Part(two, None)]
        await commands.leave(tx)
        (again,) = [c for c in await commands.take(tx) if c.account_id == two]
        await commands.finish(tx, again.id, {"state": "STOPPED"})
        over = await rounds.get(tx, first)
        assert over
        assert over.is_over
        assert await rounds.get(tx, 10**9) is None


async def test_who_has_that_order_before_them_gets_no_second_one(
    db: Database, clock: Clock
) -> None:
    """Two presses, or two operators, at once."""
    async with db.transaction() as tx:
        one, two, three = [await add_account(tx, n) for n in (1, 2, 3)]
        first = await rounds.order(tx, "reconnect", [one, two], by=7)
    clock.forward(1)
    async with db.transaction() as tx:
        assert await rounds.order(tx, "reconnect", [one, two], by=8) == first
        more = await rounds.order(tx, "reconnect", [one, two, three], by=8)
        assert more > first
        found = await rounds.get(tx, more)
        assert found
        assert found.parts == [Part(three, None)]
        assert await rounds.order(tx, "stop", [one], by=8) > more, "another order"
        for command in await commands.take(tx):
            await commands.finish(tx, command.id, {"state": "ONLINE"})
        again = await rounds.order(tx, "reconnect", [one], by=7)
        assert again > more


async def test_what_was_searched_for_is_remembered_for_a_while(db: Database) -> None:
    async with db.transaction() as tx:
        await operators.change_settings(tx, 7, {"else": 1})
        key = await searches.remember(tx, 7, "анна <b>")
        assert len(key) == 10
        assert await searches.text_of(tx, key) == "анна <b>"
        assert await searches.remember(tx, 8, "анна <b>") == key, "whoever searches"
        assert await searches.text_of(tx, "0" * 10) is None
        for n in range(searches.KEPT):
            await searches.remember(tx, 7, f"text {n}")
        assert await searches.text_of(tx, key) == "анна <b>", "the other operator's"
        gone = await searches.remember(tx, 7, "text 0")
        await searches.remember(tx, 7, "one more")
        assert await searches.text_of(tx, gone) == "text 0", "it was used again"
        kept = await operators.settings_of(tx, 7)
        assert (kept["else"], len(kept["searches"])) == (1, searches.KEPT)
