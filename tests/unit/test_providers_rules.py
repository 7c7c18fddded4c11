"""Countries, chains, money and the daily limit: pure rules, and every fault named with its place."""

from decimal import Decimal
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from userbot.plan import country_of
from userbot.providers import fallbacks, money
from userbot.providers.countries import COUNTRIES, NoSuchCountry, country_code
from userbot.providers.fallbacks import BadFallbacks
from userbot.providers.spending import (
    Level,
    May,
    level,
    may_buy,
)

CHAINS = {
    "be": "nl fr de gb us",
    "bd": "in sg my gb us",
    "ng": "za ke eg gb us",
}


@pytest.fixture(scope="module")
def shipped() -> fallbacks.Fallbacks:
    return fallbacks.load()


@pytest.mark.parametrize(("country", "chain"), CHAINS.items())
def test_the_chains_that_are_asked_for(
    shipped: fallbacks.Fallbacks, country: str, chain: str
) -> None:
    assert shipped.chain(country) == shipped.chain(country.upper()) == tuple(chain.split())


def test_every_country_has_a_chain_that_ends_where_there_are_some(
    shipped: fallbacks.Fallbacks,
) -> None:
    for country in COUNTRIES:
        chain = shipped.chain(country)
        assert len(chain) >= 3, country
        assert len(set(chain)) == len(chain), country
        assert country not in chain
        assert set(chain) <= COUNTRIES, country
        assert {"gb", "us"} - {country} <= set(chain), country


def test_there_are_249_countries_and_kosovo() -> None:
    assert len(COUNTRIES) == 250


def test_every_number_has_a_country_with_a_chain(shipped: fallbacks.Fallbacks) -> None:
    for region in phonenumbers.SUPPORTED_REGIONS:
        assert shipped.chain(region)
        number = phonenumbers.example_number(region)
        assert number is not None
        found = country_of(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
        assert found is None or shipped.chain(found)


@pytest.mark.parametrize("wrong", ["", "b", "zz", "bel", "b1", "Belgium", "be "])
def test_what_is_no_country_is_quoted(wrong: str) -> None:
    if wrong.strip() == "be":
        assert country_code(wrong) == "be"
        return
    with pytest.raises(NoSuchCountry, match=f"{wrong!r} is no country"):
        country_code(wrong)


def test_the_united_kingdom_may_be_written_as_people_do() -> None:
    assert country_code("UK") == "gb"


def test_a_file_of_the_operator_replaces_the_chains_that_it_names(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[chains]\nbe = ["LU", "uk"]\nUS = []\n')
    loaded = fallbacks.load(own)
    assert loaded.chain("be") == ("lu", "gb")
    assert loaded.chain("us") == ()
    assert loaded.chain("bd") == tuple(CHAINS["bd"].split())


WRONG = [
    ("[chains]\nbe = nl", "line 2"),
    ("be = ['nl']", "expected a table [chains]"),
    ("chains = 1", "expected a table [chains]"),
    ("[chains]\n[other]", "other is not known here"),
    ("[chains]\nzz = ['nl']", "zz: 'zz' is no country"),
    ("[chains]\nbe = ['nl', 'zz']", "be: 'zz' is no country"),
    ("[chains]\nbe = 'nl'", "be: expected a list of countries"),
    ("[chains]\nbe = [1]", "be: expected a list of countries"),
    ("[chains]\nbe = ['nl', 'NL']", "be: nl is there twice"),
    ("[chains]\nbe = ['BE']", "be: a country can't stand in for itself"),
    ("[chains]\ngb = ['ie']\nuk = ['fr']", "uk: gb has a chain already"),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_a_wrong_file_of_chains_is_named_with_the_place(
    tmp_path: Path, text: str, words: str
) -> None:
    own = tmp_path / "own.toml"
    own.write_text(text)
    with pytest.raises(BadFallbacks) as caught:
        fallbacks.load(own)
    (fault,) = caught.value.faults
    assert fault.startswith(f"{own}: ")
    assert words in fault


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[chains]\nzz = []\nbe = 1\nfr = ['de']\n")
    with pytest.raises(BadFallbacks) as caught:
        fallbacks.load(own)
    assert len(caught.value.faults) == 2


def test_a_file_of_chains_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFallbacks, match="nowhere: can't be read: No such file"):
        fallbacks.load(tmp_path / "nowhere")
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    with pytest.raises(BadFallbacks, match="is not text in UTF-8"):
        fallbacks.load(binary)


@given(st.integers(0, 100_000_000))
def test_an_amount_is_exact_in_both_directions(cents: int) -> None:
    value = money.from_cents(cents)
    assert money.in_cents(value) == cents
    assert money.amount(str(value)) == value
    assert money.amount(f" {value:f} ") == value


@pytest.mark.parametrize(
    "wrong", ["", "abc", "1,50", "-1", "-0", "NaN", "Infinity", "1e9", "0.001", "1_0 0"]
)
def test_what_is_no_amount_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        money.amount(wrong)


THREE = Decimal("3.00")


def test_nothing_is_bought_without_a_limit_and_a_price() -> None:
    assert may_buy(None, Decimal(0), THREE) is May.NO_LIMIT
    assert may_buy(Decimal(100), Decimal(0), None) is May.NO_PRICE
    assert may_buy(None, Decimal(0), None) is May.NO_PRICE
    assert may_buy(Decimal(0), Decimal(0), THREE) is May.OVER_LIMIT


def test_what_is_free_may_always_be_had() -> None:
    assert may_buy(None, Decimal(0), Decimal(0)) is May.BUY
    assert may_buy(Decimal(1), Decimal(9), Decimal(0)) is May.BUY


def test_the_limit_may_be_reached_and_not_passed() -> None:
    assert may_buy(Decimal(9), Decimal(6), THREE) is May.BUY
    assert may_buy(Decimal(9), Decimal("6.01"), THREE) is May.OVER_LIMIT


def test_alerts_go_out_at_80_percent_and_at_the_end_once_each() -> None:
    limit = Decimal(10)
    assert level(limit, Decimal("7.99")) is Level.LOW
    assert level(limit, Decimal(8)) is Level.NEAR
    assert level(limit, Decimal(10)) is Level.REACHED
    assert level(limit, Decimal(8), THREE) is Level.REACHED
    assert level(None, Decimal(8)) is Level.LOW
    assert level(Decimal(0), Decimal(0)) is Level.LOW
    assert level(Decimal(0), Decimal(0), THREE) is Level.REACHED


amounts = st.integers(0, 2000).map(money.from_cents)


@given(amounts, st.lists(st.integers(1, 500).map(money.from_cents)))
def test_the_limit_holds_whatever_is_wanted(limit: Decimal, wanted: list[Decimal]) -> None:
    spent = Decimal(0)
    for price in wanted:
        if may_buy(limit, spent, price) is May.BUY:
            spent += price
            assert spent <= limit
        else:
            assert level(limit, spent, price) is Level.REACHED
