"""Targets and phone numbers as operators write them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from userbot.targets import (
    BadPhone,
    BadTarget,
    MessageLink,
    hidden,
    parse_message_link,
    parse_phone,
    parse_target,
)

NUMBER = "+442079460000"


@pytest.mark.parametrize(
    "written",
    [
        "+44 20 7946 0000",
        " +442079460000 ",
        "0044 20 7946 0000",
        "+44 (20) 7946-0000",
        "+44.20.7946.0000",
        "+44\u00a020\u00a07946\u00a00000",
    ],
)
def test_a_number_has_one_form_however_it_is_written(written: str) -> None:
    assert parse_phone(written) == NUMBER
    assert parse_target(written if written.strip().startswith("+") else NUMBER) == NUMBER


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "only digits"),
        ("+", "only digits"),
        ("++442079460000", "only digits"),
        ("+44 20 CALL ME", "only digits"),
        ("+٤٤٢٠٧٩٤٦٠٠٠٠", "only digits"),
        ("442079460000", "country code is missing"),
        ("+123456", "7 to 15"),
        ("+1234567890123456", "7 to 15"),
        ("+0442079460000", "does not start with 0"),
    ],
)
def test_what_is_wrong_with_a_number_is_said(written: str, reason: str) -> None:
    with pytest.raises(BadPhone, match=reason):
        parse_phone(written)


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("me", "me"),
        (" ME ", "me"),
        ("@durov", "@durov"),
        ("@Some_Body1", "@Some_Body1"),
        ("t.me/durov", "@durov"),
        ("https://t.me/durov/", "@durov"),
        ("http://www.telegram.me/durov", "@durov"),
        ("777000", "777000"),
        ("-1001234567890", "-1001234567890"),
        (NUMBER, NUMBER),
    ],
)
def test_a_target_has_one_form(written: str, target: str) -> None:
    assert parse_target(written) == target


@pytest.mark.parametrize(
    "written",
    ["", "durov", "@", "@abc", "@1abc", "@a b c d", f"@{'a' * 33}", "t.me/", "t.me/+AbCdEf",
     "https://example.com/durov", "@ü_user", "--5", "+44"],
)  # fmt: skip
def test_what_names_nobody_is_refused_with_a_reason(written: str) -> None:
    with pytest.raises(BadTarget) as caught:
        parse_target(written)
    assert caught.value.reason


@given(text=st.text(max_size=60) | st.from_regex(r"[+@0-9a-z._ /:\-]{0,40}", fullmatch=True))
@example("²")
@example("+²²²²²²²")
def test_any_text_is_a_target_or_a_bad_one_and_a_target_stays_one(text: str) -> None:
    try:
        target = parse_target(text)
    except BadTarget:
        return
    assert parse_target(target) == target


@given(text=st.text(max_size=40) | st.from_regex(r"[+0-9 ().\-]{0,30}", fullmatch=True))
def test_any_text_is_a_number_or_a_bad_one_and_a_number_stays_one(text: str) -> None:
    try:
        phone = parse_phone(text)
    except BadPhone:
        return
    assert parse_phone(phone) == phone
    assert phone.isascii()
    assert 8 <= len(phone) <= 16


def test_a_hidden_number_shows_its_last_two_digits() -> None:
    assert hidden(NUMBER) == "••00"


@pytest.mark.parametrize(
    ("link", "target", "message_id"),
    [
        ("https://t.me/c/1234567890/45", "-1001234567890", 45),
        ("t.me/c/1234567890/7/45", "-1001234567890", 45),
        ("https://t.me/some_group/45", "@some_group", 45),
        ("telegram.me/some_group/7/45?single", "@some_group", 45),
    ],
)
def test_a_link_to_a_message_names_its_chat_and_the_message(
    link: str, target: str, message_id: int
) -> None:
    assert parse_message_link(link) == MessageLink(target, message_id)
    assert parse_target(link) == target


@pytest.mark.parametrize("word", ["https://t.me/some_group", "@some_group", "t.me/c/12", "me", ""])
def test_what_links_to_no_message_is_told_apart(word: str) -> None:
    assert parse_message_link(word) is None


@pytest.mark.parametrize("link", ["https://t.me/+AbCdEf-12_3", "t.me/joinchat/AAAA-bb"])
def test_an_invitation_is_no_target(link: str) -> None:
    with pytest.raises(BadTarget, match="join with the account first"):
        parse_target(link)
