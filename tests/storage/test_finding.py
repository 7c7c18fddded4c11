"""One of many accounts is found by the database: narrowed, searched and counted."""

import asyncio
from collections.abc import Iterable

import pytest
from sqlalchemy import update

from storage import accounts, finding, forgetting, labels, proxies
from storage.accounts import Observed
from storage.database import Database
from storage.finding import Filter
from storage.schema import accounts as table
from storage.tx import Tx
from tests.storage.fleet import add_account, add_proxy


async def add(tx: Tx, number: int, *, state: str = "ONLINE", **columns: object) -> int:
    account_id = await add_account(tx, number)
    await accounts.set_all_observed(tx, {account_id: Observed(state, "", 0, None, tx.now)})
    if columns:
        await tx.execute(update(table).where(table.c.id == account_id).values(columns))
    return account_id


async def found(tx: Tx, wanted: Filter) -> list[int]:
    page = await finding.page(tx, wanted, offset=0, limit=100)
    assert page.total == len(page.found)
    numbers = [account.id for account in page.found]
    assert [c.id for c in await finding.candidates(tx, wanted)] == numbers
    return numbers


async def says(tx: Tx, *words: str) -> list[list[int]]:
    return [await found(tx, Filter(words=each)) for each in words]


async def test_a_page_is_cut_out_of_what_is_wanted_and_tells_how_many_there_are(
    db: Database,
) -> None:
    async with db.transaction() as tx:
        numbers = [await add(tx, n, state="FAILED" if n % 2 else "ONLINE") for n in range(1, 12)]
        odd = Filter({"FAILED"})
        page = await finding.page(tx, odd, offset=2, limit=3)
        assert [a.id for a in page.found] == numbers[4:10:2]
        assert page.total == 6
        beyond = await finding.page(tx, odd, offset=100, limit=3)
        assert (list(beyond.found), beyond.total) == ([], 6)
        assert await found(tx, Filter()) == numbers


async def test_the_forgotten_are_never_among_them(db: Database) -> None:
    async with db.transaction() as tx:
        one, two = await add(tx, 1, label="shop"), await add(tx, 2, label="shop")
        await labels.add_tag(tx, [one, two], "de")
        await forgetting.forget(tx, one)
        for wanted in (Filter(), Filter(words="shop"), Filter(tag="de"), Filter({"ONLINE"})):
            assert await found(tx, wanted) == [two]
        assert await finding.by_state(tx, Filter()) == {"ONLINE": 1}
        assert await labels.tags(tx) == {"de": 1}


async def test_accounts_are_narrowed_by_proxy_country_and_tag_and_all_at_once(
    db: Database,
) -> None:
    async with db.transaction() as tx:
        first, second = await add_proxy(tx, 1), await add_proxy(tx, 2)
        await proxies.set_country(tx, first, "de")
        one = await add(tx, 1, proxy_id=first)
        two = await add(tx, 2, proxy_id=first, country="nl", state="FAILED")
        three = await add(tx, 3, proxy_id=second)
        await labels.add_tag(tx, [one, two], "shop")
        await labels.add_tag(tx, [three], "shop-2")
        assert await found(tx, Filter(proxy_id=first)) == [one, two]
        assert await found(tx, Filter(country="de")) == [one], "its proxy's"
        assert await found(tx, Filter(country="nl")) == [two], "its own comes first"
        assert await found(tx, Filter(tag="shop")) == [one, two]
        assert await found(tx, Filter({"FAILED"}, proxy_id=first, tag="shop")) == [two]
        for nobody in (0, -1, 2**63, 10**30):
            assert await found(tx, Filter(proxy_id=nobody)) == []
        assert await finding.by_proxy(tx) == {first: 2, second: 1}
        assert await finding.by_country(tx) == {"de": 1, "nl": 1}
        assert await finding.by_state(tx, Filter({"FAILED"}, tag="shop")) == {
            "ONLINE": 1,
            "FAILED": 1,
        }


async def test_a_search_looks_at_label_username_and_name(db: Database) -> None:
    async with db.transaction() as tx:
        one = await add(tx, 1, label="Berlin shop", name="Ann Smith", username="ann")
        two = await add(tx, 2, name="Bob Smith", username="bobby_ann")
        assert await says(tx, "berlin", "SMITH", "ann", "@ann", "@bob", "smith ann", "nobody") == [
            [one], [one, two], [one, two], [one], [two], [one, two], [],
        ]  # fmt: skip
        assert await says(tx, "ann shop", "shop bob") == [[one], []], "each word counts"
        await labels.set_label(tx, two, "@")
        assert await found(tx, Filter(words="@")) == [two]


@pytest.mark.parametrize("typed", ["özgür", "ÖZGÜR", "Özgür", "öZGür"])
async def test_the_case_of_letters_beyond_ascii_does_not_matter(db: Database, typed: str) -> None:
    async with db.transaction() as tx:
        names = ("Özgür K.", "özgür", "ÖZGÜR")
        numbers = [await add(tx, n, name=name) for n, name in enumerate(names, start=1)]
        await add(tx, 9, name="Ozgur")
        assert await found(tx, Filter(words=typed)) == numbers


@pytest.mark.parametrize("char", ["%", "_", "\\", "/", "'", '"', "<b>", "🚀", "\u202e\u0628"])
async def test_no_character_of_a_search_means_anything_but_itself(db: Database, char: str) -> None:
    async with db.transaction() as tx:
        one = await add(tx, 1, label=f"a{char}b")
        await add(tx, 2, label="ab")
        await add(tx, 3, label="axb", username="a_b" if char != "_" else None)
        assert await found(tx, Filter(words=f"a{char}b")) == [one]
        assert await found(tx, Filter(words=char)) == [one]


async def test_a_search_finds_the_end_of_a_number_the_whole_of_it_and_the_own_number(
    db: Database,
) -> None:
    async with db.transaction() as tx:
        numbers = [await add(tx, n) for n in (12, 112, 3)]
        one, two, three = numbers
        assert await says(tx, "0012", "12", "+15550000112", "155-50 000112", "••12") == [
            [one], [one, two], [two], [two], [one, two],
        ]  # fmt: skip
        assert three in await found(tx, Filter(words=str(three)))
        assert await says(tx, "+1555", "+", "99999999999999999999999999", "1555") == [[]] * 4


async def counted(tags: Iterable[str], db: Database, account: int) -> labels.Tagged:
    done = labels.Tagged((), ())
    async with db.transaction() as tx:
        for tag in tags:
            done = await labels.add_tag(tx, [account], tag)
    return done


async def test_tags_are_borne_in_one_form_once_and_by_so_many_at_most(
    db: Database, account: int
) -> None:
    async with db.transaction() as tx:
        other = await add_account(tx, 2)
        done = await labels.add_tag(tx, [other, account, account, 999], " Shop ")
        assert done == labels.Tagged((account, other), ())
        assert await labels.add_tag(tx, [account], "SHOP") == labels.Tagged((), (account,))
        named = await accounts.get(tx, account)
        assert named
        assert named.tags == ("shop",)
    assert (await counted((f"t{n}" for n in range(9)), db, account)).changed == (account,)
    assert await counted(["one-more"], db, account) == labels.Tagged((), (), (account,))
    assert (await counted(["shop"], db, account)).same == (account,)
    async with db.transaction() as tx:
        assert (await labels.tags(tx))["shop"] == 2
        gone = await labels.remove_tag(tx, [account, other, 999], "Shop")
        assert gone == labels.Tagged((account, other), (999,))
        assert "shop" not in await labels.tags(tx)
        assert (await labels.add_tag(tx, [account], "one-more")).changed == (account,)


async def test_two_operators_who_tag_at_once_do_not_hinder_each_other(
    db: Database, account: int
) -> None:
    await asyncio.gather(*(counted(["shop", "de"], db, account) for _ in range(4)))
    async with db.read() as tx:
        assert await labels.tags(tx) == {"de": 1, "shop": 1}


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("", "empty"), ("  ", "empty"), ("a b", "form"), ("<b>", "form"), ("🚀", "form"),
        ("a,b", "form"), ("%", "form"), ("x" * 33, "long"), ("a\x00", "form"), ("\u202ea", "form"),
    ],
)  # fmt: skip
def test_what_is_no_tag_says_why(text: str, flaw: str) -> None:
    with pytest.raises(labels.BadTag) as refused:
        labels.parse_tag(text)
    assert refused.value.flaw == flaw


@pytest.mark.parametrize("tag", ["x" * 32, "özgür", "a-b_c", "2026", "\u0628\u062c"])
def test_letters_of_any_script_make_a_tag(tag: str) -> None:
    assert labels.parse_tag(tag.upper()) == tag


async def test_a_label_is_one_trimmed_line_and_may_be_taken_off(
    db: Database, account: int
) -> None:
    async def label() -> str:
        async with db.read() as tx:
            found = await accounts.get(tx, account)
        assert found
        return found.label

    for text, kept in (
        ("  Berlin\n shop\t1 ", "Berlin shop 1"), ("<b>&", "<b>&"), ("🚀" * 64, "🚀" * 64),
        ("\u202eabc\x00", "abc"), ("", ""),
    ):  # fmt: skip
        async with db.transaction() as tx:
            await labels.set_label(tx, account, text)
        assert await label() == kept
    with pytest.raises(labels.BadLabel) as refused:
        async with db.transaction() as tx:
            await labels.set_label(tx, account, "x" * 65)
    assert (refused.value.length, await label()) == (65, "")
