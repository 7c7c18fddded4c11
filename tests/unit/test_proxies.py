"""Proxies as operators write them, one line at a time."""

import base64
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage.proxies import Endpoint
from userbot.proxies import (
    BadProxyLine,
    Flaw,
    Parsed,
    parse,
    parse_line,
    parse_many,
    to_uri,
)

KEY = bytes(range(16))
SECRET = KEY.hex()
PASSWORD = "hunter2"

labels = st.from_regex(r"[a-z]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
ipv4 = st.builds(str, st.builds(IPv4Address, st.integers(0, 2**32 - 1)))
ipv6 = st.builds(str, st.builds(IPv6Address, st.integers(0, 2**128 - 1)))
hosts = st.one_of(ipv4, st.lists(labels, min_size=1, max_size=4).map(".".join))
ports = st.integers(1, 65535)
words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Z", "C"]), min_size=1, max_size=30
)
users = words.filter(lambda user: ":" not in user)
any_words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=40)
logins = st.tuples(any_words, any_words).map(lambda pair: pair if pair[0] else ("", ""))
secrets = st.one_of(
    st.binary(min_size=16, max_size=16).map(bytes.hex),
    st.binary(min_size=16, max_size=16).map(lambda key: "dd" + key.hex()),
)
endpoints = st.one_of(
    st.builds(
        lambda host, port, login: Endpoint("socks5", host, port, *login),
        *(hosts | ipv6, ports, logins),
    ),
    st.builds(
        lambda host, port, login: Endpoint("http", host, port, login[0].replace(":", ""), login[1]),
        *(hosts | ipv6, ports, logins.filter(lambda login: login[0].replace(":", "") or not login[1])),
    ),
    st.builds(
        lambda host, port, login: Endpoint("socks4", host, port, login[0]),
        *(hosts | ipv6, ports, logins),
    ),
    st.builds(
        lambda host, port, secret: Endpoint("mtproto", host, port, password=secret),
        *(hosts | ipv6, ports, secrets),
    ),
)  # fmt: skip


def is_short(endpoint: Endpoint) -> bool:
    return max(len(endpoint.username.encode()), len(endpoint.password.encode())) <= 255


@pytest.mark.req("S0.3")
@pytest.mark.parametrize(
    ("line", "endpoint"),
    [
        ("203.0.113.7:1080", Endpoint("socks5", "203.0.113.7", 1080)),
        ("  203.0.113.7:1080\n", Endpoint("socks5", "203.0.113.7", 1080)),
        ("\ufeff203.0.113.7:1080\r", Endpoint("socks5", "203.0.113.7", 1080)),
        ("\u200b203.0.113.7:1080", Endpoint("socks5", "203.0.113.7", 1080)),
        ("203.0.113.7:1080 # the old one", Endpoint("socks5", "203.0.113.7", 1080)),
        ("203.0.113.7:1080\t#", Endpoint("socks5", "203.0.113.7", 1080)),
        ("203.0.113.7:1:u:p", Endpoint("socks5", "203.0.113.7", 1, "u", "p")),
        ("203.0.113.7:1:u:p#1", Endpoint("socks5", "203.0.113.7", 1, "u", "p#1")),
        ("203.0.113.7:65535:u:p:with:colons", Endpoint("socks5", "203.0.113.7", 65535, "u", "p:with:colons")),
        ("203.0.113.7:1080:u:p%41@host", Endpoint("socks5", "203.0.113.7", 1080, "u", "p%41@host")),
        ("203.0.113.7:1080:u:p@host:99", Endpoint("socks5", "203.0.113.7", 1080, "u", "p@host:99")),
        ("203.0.113.7:1080:me@mail.example:p", Endpoint("socks5", "203.0.113.7", 1080, "me@mail.example", "p")),
        ("Gate.Example.com:1080", Endpoint("socks5", "gate.example.com", 1080)),
        ("localhost:1080", Endpoint("socks5", "localhost", 1080)),
        ("203.0.113.7:1080:brd-customer-1-zone-x-ip-9:päß", Endpoint("socks5", "203.0.113.7", 1080, "brd-customer-1-zone-x-ip-9", "päß")),
        ("[2001:DB8::1]:1080", Endpoint("socks5", "2001:db8::1", 1080)),
        ("[2001:db8:0:0::1]:1080:u:p", Endpoint("socks5", "2001:db8::1", 1080, "u", "p")),
        ("u:p@[2001:db8::1]:1080", Endpoint("socks5", "2001:db8::1", 1080, "u", "p")),
        ("user:pass@gate.example.com:1080", Endpoint("socks5", "gate.example.com", 1080, "user", "pass")),
        ("u:p@ss:w@gate.example.com:1080", Endpoint("socks5", "gate.example.com", 1080, "u", "p@ss:w")),
        ("u:p%40ss%2F@gate.example.com:1080", Endpoint("socks5", "gate.example.com", 1080, "u", "p@ss/")),
        ("u:100%@gate.example.com:1080", Endpoint("socks5", "gate.example.com", 1080, "u", "100%")),
        ("u@gate.example.com:1080", Endpoint("socks5", "gate.example.com", 1080, "u")),
    ],
)  # fmt: skip
def test_a_line_without_a_scheme_is_read_as_it_is_meant_and_its_kind_is_a_guess(
    line: str, endpoint: Endpoint
) -> None:
    assert parse_line(line) == Parsed(endpoint, is_guess=True)
    assert parse(line) == endpoint


@pytest.mark.req("S0.3")
@pytest.mark.parametrize(
    ("line", "endpoint"),
    [
        ("socks5://203.0.113.7:1080", Endpoint("socks5", "203.0.113.7", 1080)),
        ("SOCKS5://203.0.113.7:1080/", Endpoint("socks5", "203.0.113.7", 1080)),
        ("socks5h://u:p@gate.example.com:1080", Endpoint("socks5", "gate.example.com", 1080, "u", "p")),
        ("socks5://203.0.113.7:1080:u:p", Endpoint("socks5", "203.0.113.7", 1080, "u", "p")),
        ("socks5://u%3Ax:p%20p@[::1]:1080", Endpoint("socks5", "::1", 1080, "u:x", "p p")),
        ("socks5://u:p/?#@203.0.113.7:1080", Endpoint("socks5", "203.0.113.7", 1080, "u", "p/?#")),
        ("socks4://203.0.113.7:1080", Endpoint("socks4", "203.0.113.7", 1080)),
        ("socks4a://u@203.0.113.7:1080", Endpoint("socks4", "203.0.113.7", 1080, "u")),
        ("http://u:p@203.0.113.7:3128", Endpoint("http", "203.0.113.7", 3128, "u", "p")),
        ("http://u:@203.0.113.7:3128", Endpoint("http", "203.0.113.7", 3128, "u")),
        ("tg://socks?server=203.0.113.7&port=1080", Endpoint("socks5", "203.0.113.7", 1080)),
        ("tg://socks?server=::1&port=1080&user=a%26b&pass=c+d", Endpoint("socks5", "::1", 1080, "a&b", "c+d")),
        ("https://t.me/socks?server=gate.example.com&port=1080&user=u&pass=p", Endpoint("socks5", "gate.example.com", 1080, "u", "p")),
        (f"tg://proxy?server=203.0.113.7&port=443&secret={SECRET}", Endpoint("mtproto", "203.0.113.7", 443, "", SECRET)),
        (f"tg:proxy?server=203.0.113.7&port=443&secret={SECRET.upper()}", Endpoint("mtproto", "203.0.113.7", 443, "", SECRET)),
        (f"https://t.me/proxy?server=203.0.113.7&port=443&secret=DD{SECRET}", Endpoint("mtproto", "203.0.113.7", 443, "", "dd" + SECRET)),
        (f"t.me/proxy?port=443&secret={SECRET}&server=p.example", Endpoint("mtproto", "p.example", 443, "", SECRET)),
        (f"http://telegram.me/proxy?server=p.example&port=443&secret={SECRET}", Endpoint("mtproto", "p.example", 443, "", SECRET)),
    ],
)  # fmt: skip
def test_a_line_that_names_its_kind_is_no_guess(line: str, endpoint: Endpoint) -> None:
    assert parse_line(line) == Parsed(endpoint)


@pytest.mark.parametrize("prefix", [b"", b"\xdd"])
@pytest.mark.parametrize("key", [KEY, b"\xdd" * 16, b"\xfb\xff" * 8])
def test_a_secret_is_read_in_hex_and_in_both_forms_of_base64(key: bytes, prefix: bytes) -> None:
    data = prefix + key
    plain, url = base64.b64encode(data).decode(), base64.urlsafe_b64encode(data).decode()
    for text in (
        data.hex(),
        plain,
        plain.replace("=", "%3D"),
        plain.rstrip("="),
        url,
        url.strip("="),
    ):
        link = f"tg://proxy?server=203.0.113.7&port=443&secret={text}"
        assert parse(link).password == data.hex()  # fmt: skip


@pytest.mark.parametrize(
    ("line", "flaw"),
    [
        ("", Flaw.EMPTY),
        ("   ", Flaw.EMPTY),
        ("# 203.0.113.7:1080", Flaw.EMPTY),
        ("x" * 5000, Flaw.TOO_LONG),
        ("203.0.113.7", Flaw.NO_PORT),
        ("socks5://203.0.113.7", Flaw.NO_PORT),
        ("u:p@203.0.113.7", Flaw.NO_PORT),
        ("203.0.113.7:", Flaw.PORT),
        ("203.0.113.7:http", Flaw.PORT),
        ("1.2.3.4:١٠٨٠", Flaw.PORT),
        ("203.0.113.7:0", Flaw.PORT_RANGE),
        ("203.0.113.7:65536", Flaw.PORT_RANGE),
        ("socks5://203.0.113.7:1080/path", Flaw.PORT),
        ("socks5://u:p@203.0.113.7:1080/path", Flaw.AFTER_PORT),
        ("203.0.113.7:1080:user", Flaw.NO_PASSWORD),
        ("203.0.113.7:1080:user:", Flaw.FORM),
        ("203.0.113.7:1080:user:pass word", Flaw.FORM),
        ("user:pass:203.0.113.7:1080", Flaw.ORDER),
        ("256.0.113.7:1080", Flaw.IPV4),
        ("203.0.113:1080", Flaw.IPV4),
        ("203.000.113.007:1080", Flaw.IPV4),
        ("2001:db8::1:1080", Flaw.IPV6),
        ("[2001:db8::1:1080", Flaw.IPV6),
        ("[2001:db8::1]1080", Flaw.IPV6),
        ("[fe80::1%eth0]:1080", Flaw.IPV6),
        ("[203.0.113.7]:1080", Flaw.IPV6),
        ("[2001:db8::1]", Flaw.NO_PORT),
        (":1080", Flaw.NO_HOST),
        ("-a.example:1080", Flaw.HOST),
        ("a..example:1080", Flaw.HOST),
        ("über.example:1080", Flaw.HOST),
        (f"{'a' * 64}.example:1080", Flaw.HOST),
        ("ftp://203.0.113.7:1080", Flaw.SCHEME),
        ("https://203.0.113.7:1080", Flaw.TLS),
        ("socks4://u:p@203.0.113.7:1080", Flaw.SOCKS4_PASSWORD),
        ("socks5://:p@203.0.113.7:1080", Flaw.NO_USER),
        ("http://a%3Ab:p@203.0.113.7:1080", Flaw.USER_COLON),
        ("http://a%0D%0Ab:p@203.0.113.7:1080", Flaw.LOGIN_CHARACTERS),
        ("socks5://a%FF:p@203.0.113.7:1080", Flaw.LOGIN_CHARACTERS),
        ("203.0.113.7:1080:u:\udcff", Flaw.LOGIN_CHARACTERS),
        (f"203.0.113.7:1080:u:{'ä' * 128}", Flaw.LOGIN_TOO_LONG),
        ("https://t.me/somebody", Flaw.LINK),
        ("tg://resolve?domain=x", Flaw.LINK),
        ("tg://proxy?port=443&secret=" + SECRET, Flaw.NO_HOST),
        ("tg://proxy?server=p.example&secret=" + SECRET, Flaw.NO_PORT),
        ("tg://proxy?server=p.example&port=443", Flaw.NO_SECRET),
        ("tg://proxy?server=p.example&port=443&secret=abc", Flaw.SECRET),
        ("tg://proxy?server=p.example&port=443&secret=cc" + SECRET, Flaw.SECRET),
        ("tg://proxy?server=p.example&port=443&secret=é" + SECRET, Flaw.SECRET),
        ("tg://proxy?server=p.example&port=443&secret=AAAAA", Flaw.SECRET),
        (f"tg://proxy?server=p.example&port=443&secret=ee{SECRET}{b'a.example'.hex()}", Flaw.FAKE_TLS),
        ("tg://proxy?server=p.example&port=443&secret=7gABAgMEBQYHCAkKCwwNDg9hLmV4YW1wbGU", Flaw.FAKE_TLS),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_line_is_said(line: str, flaw: Flaw) -> None:
    with pytest.raises(BadProxyLine) as caught:
        parse(line)
    assert caught.value.reason is flaw
    assert str(caught.value) == flaw.value


@pytest.mark.parametrize("first", ["dd", "ee"])
def test_sixteen_bytes_may_begin_with_anything(first: str) -> None:
    secret = first + SECRET[2:]
    assert parse(f"tg://proxy?server=p.example&port=443&secret={secret}").password == secret


@given(host=hosts, port=ports, login=st.none() | st.tuples(users, words))
def test_what_was_written_comes_back(host: str, port: int, login: tuple[str, str] | None) -> None:
    line = f"{host}:{port}" + (f":{login[0]}:{login[1]}" if login else "")
    user, password = login or ("", "")
    endpoint = parse(line)
    assert endpoint == Endpoint("socks5", host, port, user, password)
    assert endpoint.name == f"{host}:{port}"


@given(endpoint=endpoints.filter(is_short))
def test_a_proxy_that_was_written_out_is_read_back(endpoint: Endpoint) -> None:
    assert parse_line(to_uri(endpoint)) == Parsed(endpoint)


@pytest.mark.parametrize(
    "line",
    [
        "203.0.113.7:1080:user:hunter2",
        f"tg://proxy?server=203.0.113.7&port=443&secret={SECRET}",
    ],
)
def test_a_password_is_not_in_what_a_log_would_print(line: str) -> None:
    endpoint = parse(line)
    assert endpoint.password
    for printed in (repr(parse_line(line)), endpoint.name, repr(parse_many(line))):
        assert endpoint.password not in printed


pieces = st.sampled_from(
    (
        *(
            "socks5://",
            "http://",
            "tg://proxy?",
            "t.me/socks?",
            "server=",
            "port=",
            "secret=",
            "&",
        ),
        *(":", "@", "[", "]", "1.2.3.4", "::1", "1080", "99999", "u", PASSWORD, "%", "%zz", "%FF"),
        *("#", " ", "ee", "dd", SECRET, "\ufeff", "/", "?", "\x00", "é", "\ud800"),
    )
)


@given(
    line=st.text(max_size=300)
    | st.from_regex(r"[0-9a-z.:\-]{0,40}", fullmatch=True)
    | st.lists(pieces, max_size=14).map("".join)
)
@example("²:²")
@example("]:")
@example("[]:1")
@example("u:p@[:1")
@example("u:p@::1")
def test_any_text_is_a_proxy_or_a_bad_line_whose_reason_repeats_nothing(line: str) -> None:
    answer = answer_to(line)
    if isinstance(answer, Endpoint):
        assert answer.host
        assert 1 <= answer.port <= 65535
        assert parse(to_uri(answer)) == answer
    else:
        assert isinstance(answer.reason, Flaw)
        assert str(answer) == answer.reason.value


def answer_to(line: str) -> Endpoint | BadProxyLine:
    try:
        return parse(line)
    except BadProxyLine as exc:
        return exc


def test_no_reason_has_a_place_for_what_was_typed() -> None:
    assert not any("{" in flaw or "%" in flaw for flaw in Flaw)
