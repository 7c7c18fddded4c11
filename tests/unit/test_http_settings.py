"""HTTP_BIND and HTTP_TOKEN: loopback by default, and nothing for strangers without a token."""

import pytest

from bot.http_settings import Address, HttpSettings, address, http_faults, of_worker

TOKEN = "0123456789abcdef"


def settings(**values: str) -> HttpSettings:
    return HttpSettings.model_validate(values)


@pytest.mark.parametrize(
    ("text", "expected", "is_loopback"),
    [
        ("127.0.0.1:9667", Address("127.0.0.1", 9667), True),
        ("127.8.0.1:1", Address("127.8.0.1", 1), True),
        ("LocalHost:9667", Address("localhost", 9667), True),
        ("[::1]:9667", Address("::1", 9667), True),
        ("0.0.0.0:80", Address("0.0.0.0", 80), False),  # noqa: S104 - what is told apart
        ("[::]:80", Address("::", 80), False),
        ("10.0.0.7:65535", Address("10.0.0.7", 65535), False),
        ("localhost.example:80", Address("localhost.example", 80), False),
    ],
)
def test_an_address_and_who_can_reach_it(
    text: str, expected: Address, *, is_loopback: bool
) -> None:
    found = address(text)
    assert found == expected
    assert found.is_loopback is is_loopback
    assert address(str(found)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "9667",
        "127.0.0.1",
        "127.0.0.1:",
        ":9667",
        "::1:9667",
        "h:65536",
        "[x]:1",
        "a b:1",
        "a..b:9667",
        f"{64 * 'x'}:1",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="http_bind"):
        settings(http_bind=text)


def test_the_default_is_loopback_and_empty_is_off() -> None:
    assert http_faults(HttpSettings()) == []
    found = address(HttpSettings().http_bind)
    assert found is not None
    assert found.is_loopback
    assert address("") is None


def test_beyond_this_machine_a_token_is_demanded() -> None:
    (fault,) = http_faults(settings(http_bind="0.0.0.0:9667"))
    assert fault.startswith("HTTP_TOKEN: is missing")
    assert "127.0.0.1:9667" in fault
    assert http_faults(settings(http_bind="0.0.0.0:9667", http_token=TOKEN)) == []


@pytest.mark.parametrize("token", ["short", "with a space in it", "ümläute-ümläute-ü", 201 * "x"])
def test_a_token_that_is_weak_or_can_not_be_sent_is_refused_and_not_quoted(token: str) -> None:
    (fault,) = http_faults(settings(http_token=token))
    assert fault.startswith("HTTP_TOKEN: expected 16 to 200")
    assert token not in fault


def test_the_address_to_call_is_checked_and_not_quoted() -> None:
    assert http_faults(settings(heartbeat_url="https://hc.example/ping/secret")) == []
    (fault,) = http_faults(settings(heartbeat_url="hc.example/ping/secret"))
    assert fault.startswith("HEARTBEAT_URL: expected an address")
    assert "secret" not in fault


def test_each_worker_has_a_port_of_its_own() -> None:
    assert [of_worker("127.0.0.1:9667", n) for n in (1, 2)] == ["127.0.0.1:9668", "127.0.0.1:9669"]
    assert of_worker("[::1]:9667", 1) == "[::1]:9668"
    assert of_worker("", 1) == ""
    assert of_worker("127.0.0.1:0", 3) == "127.0.0.1:0"
    assert of_worker("127.0.0.1:65535", 1) == ""
