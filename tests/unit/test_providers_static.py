"""The operator's own list of proxies as a provider."""

from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.proxies import Endpoint
from userbot.providers import static
from userbot.providers.countries import NoSuchCountry
from userbot.providers.errors import OutOfStock
from userbot.providers.protocol import Provider
from userbot.providers.static import BadList, StaticList

LIST = """\
# Brussels
be,203.0.113.7:1080:user:hunter2
BE , socks5://other:hunter3@203.0.113.7:1080

uk,198.51.100.9:8080
"""


def test_a_list_has_a_country_and_a_proxy_to_a_line() -> None:
    proxies = static.read(LIST)
    assert [proxy.country for proxy in proxies] == ["be", "be", "gb"]
    assert proxies[0].endpoint == Endpoint("socks5", "203.0.113.7", 1080, "user", "hunter2")
    assert len({proxy.id for proxy in proxies}) == 3
    assert "hunter" not in " ".join(proxy.id for proxy in proxies)
    assert "hunter" not in repr(proxies)


WRONG = [
    ("203.0.113.7:1080", "expected country,proxy"),
    ("hunter2,203.0.113.7:1080", "expected country,proxy"),
    ("zz,203.0.113.7:1080", "'zz' is no country"),
    ("be,203.0.113.7", "the port is missing"),
    ("be,", "the line is empty"),
]


@pytest.mark.parametrize(("line", "words"), WRONG)
def test_a_wrong_line_is_named_with_its_number_and_never_quoted(line: str, words: str) -> None:
    with pytest.raises(BadList) as caught:
        static.read(f"\nfr,203.0.113.8:1080\n{line}\n")
    (fault,) = caught.value.faults
    assert fault.startswith("line 3: ")
    assert words in fault
    assert "hunter2" not in fault


def test_all_faults_are_told_at_once_and_so_is_a_proxy_that_comes_twice() -> None:
    with pytest.raises(BadList) as caught:
        static.read(LIST + "be\nfr,203.0.113.7:1080:user:other\n")
    assert [fault.partition(":")[0] for fault in caught.value.faults] == ["line 6", "line 7"]
    assert caught.value.faults[1] == "line 7: the proxy of line 2 again"


def test_a_file_that_can_not_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadList, match="No such file"):
        static.load(tmp_path / "nowhere")
    (tmp_path / "list").write_bytes(b"\xef\xbb\xbfbe,203.0.113.7:1080\r\n")
    assert [proxy.country for proxy in static.load(tmp_path / "list")] == ["be"]


async def test_each_proxy_is_leased_once_and_again_when_it_came_back() -> None:
    provider: Provider = StaticList(static.read(LIST))
    first, second = await provider.lease("be"), await provider.lease("BE")
    assert first.id != second.id
    with pytest.raises(OutOfStock):
        await provider.lease("be")
    await provider.release(first.id)
    await provider.release(first.id)
    assert await provider.lease("be") == first
    assert await provider.list() == static.read(LIST)
    assert await provider.price() == Decimal(0)


async def test_what_accounts_have_already_is_not_leased_again() -> None:
    proxies = static.read(LIST)
    provider = StaticList(proxies, given=[proxies[0].id])
    assert await provider.lease("be") == proxies[1]
    with pytest.raises(OutOfStock) as caught:
        await provider.lease("be")
    assert caught.value.country == "be"
    with pytest.raises(NoSuchCountry):
        await provider.lease("zz")


@given(st.text())
def test_any_text_is_a_list_or_a_list_of_faults(text: str) -> None:
    with suppress(BadList):
        assert all(proxy.country for proxy in static.read(text))
