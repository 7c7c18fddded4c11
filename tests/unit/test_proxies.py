"""Proxies as operators write them."""

from ipaddress import IPv4Address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage.proxies import Endpoint
from userbot.proxies import BadProxyLine, for_telethon, parse

labels = st.from_regex(r"[a-z]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
hosts = st.one_of(
    st.builds(str, st.builds(IPv4Address, st.integers(0, 2**32 - 1))),
    st.lists(labels, min_size=1, max_size=4).map(".".join),
)
words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Z", "C"]), min_size=1, max_size=30
)
users = words.filter(lambda user: ":" not in user)


@pytest.mark.req("S0.3")
@pytest.mark.parametrize(
    ("line", "endpoint"),
    [
        ("203.0.113.7:1080", Endpoint("socks5", "203.0.113.7", 1080)),
        ("  203.0.113.7:1080\n", Endpoint("socks5", "203.0.113.7", 1080)),
        ("203.0.113.7:1:u:p", Endpoint("socks5", "203.0.113.7", 1, "u", "p")),
        ("203.0.113.7:65535:u:p:with:colons", Endpoint("socks5", "203.0.113.7", 65535, "u", "p:with:colons")),
        ("Gate.Example.com:1080", Endpoint("socks5", "gate.example.com", 1080)),
        ("localhost:1080", Endpoint("socks5", "localhost", 1080)),
        ("203.0.113.7:1080:brd-customer-1-zone-x-ip-9:päß", Endpoint("socks5", "203.0.113.7", 1080, "brd-customer-1-zone-x-ip-9", "päß")),
    ],
)  # fmt: skip
def test_a_line_is_read_as_it_is_meant(line: str, endpoint: Endpoint) -> None:
    assert parse(line) == endpoint


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("203.0.113.7", "port is missing"),
        ("203.0.113.7:", "port is not a number"),
        ("203.0.113.7:http", "port is not a number"),
        ("203.0.113.7:0", "between 1 and 65535"),
        ("203.0.113.7:65536", "between 1 and 65535"),
        ("203.0.113.7:1080:user", "no password"),
        ("203.0.113.7:1080:user:", "form"),
        ("203.0.113.7:1080:user:pass word", "form"),
        ("256.0.113.7:1080", "not an IP address"),
        ("203.0.113:1080", "not an IP address"),
        ("-a.example:1080", "host"),
        ("a..example:1080", "host"),
        ("über.example:1080", "host"),
        (f"{'a' * 64}.example:1080", "host"),
        ("socks5://203.0.113.7:1080", "scheme"),
        (":1080", "form"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(line: str, reason: str) -> None:
    with pytest.raises(BadProxyLine, match=reason) as caught:
        parse(line)
    assert caught.value.reason == str(caught.value)


@pytest.mark.parametrize("line", ["203.0.113.7:1080:user:hunter2 x", "203.0.113.7:bad:u:hunter2"])
def test_what_is_wrong_is_said_without_the_password(line: str) -> None:
    with pytest.raises(BadProxyLine) as caught:
        parse(line)
    assert "hunter2" not in caught.value.reason


@given(host=hosts, port=st.integers(1, 65535), login=st.none() | st.tuples(users, words))
def test_what_was_written_comes_back(host: str, port: int, login: tuple[str, str] | None) -> None:
    line = f"{host}:{port}" + (f":{login[0]}:{login[1]}" if login else "")
    user, password = login or ("", "")
    endpoint = parse(line)
    assert endpoint == Endpoint("socks5", host, port, user, password)
    assert endpoint.name == f"{host}:{port}"


def test_a_password_is_not_in_what_a_log_would_print() -> None:
    assert "hunter2" not in repr(parse("203.0.113.7:1080:user:hunter2"))


@given(line=st.text(max_size=300) | st.from_regex(r"[0-9a-z.:\-]{0,40}", fullmatch=True))
@example("1.2.3.4:١٠٨٠")
@example("²:²")
@example("[2001:db8::1]:1080")
def test_any_text_is_a_proxy_or_a_bad_line(line: str) -> None:
    try:
        endpoint = parse(line)
    except BadProxyLine:
        return
    assert endpoint.host
    assert 1 <= endpoint.port <= 65535


def test_names_are_resolved_by_the_proxy() -> None:
    assert for_telethon(Endpoint("socks5", "gate.example.com", 1080)) == {
        "proxy_type": "socks5",
        "addr": "gate.example.com",
        "port": 1080,
        "rdns": True,
        "username": None,
        "password": None,
    }
    with_login = for_telethon(Endpoint("socks5", "203.0.113.7", 1080, "user", "pass"))
    assert (with_login["username"], with_login["password"]) == ("user", "pass")
