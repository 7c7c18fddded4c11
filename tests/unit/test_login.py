"""What Telegram says during a login, as outcomes and as operators see them."""

import re
import struct
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import segno
from telethon import errors as tl
from telethon.tl import types

from bot.handlers.login.keypad import MOST_DIGITS, Typed
from bot.handlers.login.passwords import is_command
from bot.qr_picture import PIXELS, QUIET, png
from bot.texts import Texts
from bot.views import login, login_errors
from bot.views.view import View
from userbot import login_answers
from userbot.login_answers import code_sent, password_asked, refusal

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
SENT = types.auth
HANDLERS = Path(__file__).parents[2] / "bot" / "handlers"


def labels(view: View) -> list[list[str]]:
    assert view.keyboard
    return [[button.text for button in row] for row in view.keyboard.inline_keyboard]


def keypad(t: Texts, kind: object, next_type: object = None, timeout: int | None = None) -> View:
    sent = SENT.SentCode(kind, "hash", next_type=next_type, timeout=timeout)
    outcome = code_sent(7, sent, NOW)
    return login.keypad(t, 7, {"phone": "••00", **outcome}, 0, NOW)


@pytest.mark.parametrize(
    ("kind", "words", "keys"),
    [
        (SENT.SentCodeTypeApp(5), "other devices", 5),
        (SENT.SentCodeTypeSms(6), "by SMS", 6),
        (SENT.SentCodeTypeFirebaseSms(6), "by SMS", 6),
        (SENT.SentCodeTypeCall(5), "calls the number and says it", 5),
        (SENT.SentCodeTypeFlashCall("+7900*******"), "hangs up. The code is all digits", 4),
        (SENT.SentCodeTypeMissedCall("+7900", 4), "the last 4 digits", 4),
        (SENT.SentCodeTypeEmailCode("a*@b.c", 6), "by e-mail to a*@b.c", 6),
        (SENT.SentCodeTypeFragmentSms("https://fragment.com/x", 5), "It is on Fragment", 5),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_way_that_a_code_takes_has_its_words_and_its_length(
    t: Texts, kind: object, words: str, keys: int
) -> None:
    view = keypad(t, kind)
    assert words in view.text
    assert view.text.count("○") == keys


@pytest.mark.parametrize("kind", [SENT.SentCodeTypeSmsWord("a"), SENT.SentCodeTypeSmsPhrase("a")])
def test_a_code_of_words_gets_no_keys_but_other_ways(t: Texts, kind: object) -> None:
    view = keypad(t, kind, SENT.CodeTypeCall())
    assert "I can only take digits" in view.text
    assert labels(view) == [["📞 Say it by a call"], ["📷 QR code instead"], ["✖️ Cancel"]]


def test_every_way_that_telethon_knows_is_known() -> None:
    kinds = {name for name in dir(SENT) if name.startswith("SentCodeType")}
    known = {kind.__name__ for kind in login_answers._VIA}
    assert kinds - known == {"SentCodeTypeSetUpEmailRequired"}
    nexts = {name for name in dir(SENT) if name.startswith("CodeType")}
    assert nexts == {kind.__name__ for kind in login_answers._NEXT}


def test_a_code_whose_length_nobody_knows_ends_by_a_key(t: Texts) -> None:
    view = login.keypad(t, 7, {"phone": "••00", "via": "other", "length": 0}, 3, NOW)
    assert "● ● ●" in view.text
    assert ["✅ That is all"] in labels(view)


def test_fragment_is_a_link(t: Texts) -> None:
    view = keypad(t, SENT.SentCodeTypeFragmentSms("https://fragment.com/x", 5))
    assert view.keyboard
    links = [button.url for row in view.keyboard.inline_keyboard for button in row if button.url]
    assert links == ["https://fragment.com/x"]


@pytest.mark.parametrize(
    ("pending", "words"), [(None, "that takes 7 d 0 h"), (NOW + timedelta(days=2), "2 d 0 h")]
)
def test_the_reset_of_an_e_mail_address_has_its_time(
    t: Texts, pending: datetime | None, words: str
) -> None:
    week = 7 * 86400
    kind = SENT.SentCodeTypeEmailCode(
        "a*@b.c", 6, reset_available_period=week, reset_pending_date=pending
    )
    assert words in keypad(t, kind).text


def test_the_next_way_says_when_telegram_allows_it(t: Texts) -> None:
    view = keypad(t, SENT.SentCodeTypeApp(5), SENT.CodeTypeMissedCall(), 90)
    assert ["📞 Call and hang up (in 1 min 30 s)"] in labels(view)


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (SENT.SentCode(SENT.SentCodeTypeSetUpEmailRequired(), "hash"), "email_setup"),
        (
            SENT.SentCodePaymentRequired("product", "hash", "a@b.c", "help", 0, "USD", 100),
            "payment_required",
        ),
    ],
)
def test_what_telegram_wants_before_any_code_offers_the_picture(
    t: Texts, sent: object, error: str
) -> None:
    outcome = code_sent(7, sent, NOW)
    assert outcome == {"error": error}
    assert ["📷 QR code"] in labels(login_errors.error(t, outcome, "#7 Alice"))


def test_a_password_that_is_being_reset_says_when(t: Texts) -> None:
    algo = types.PasswordKdfAlgoUnknown()
    secure = types.SecurePasswordKdfAlgoUnknown()
    asked = types.account.Password(
        algo, secure, b"", hint="my <dog>", pending_reset_date=NOW + timedelta(days=6)
    )
    view = login.ask_password(t, 7, {"phone": "••00", **password_asked(7, asked, NOW)})
    assert "Hint: my &lt;dog&gt;" in view.text
    assert "It is off in 6 d 0 h" in view.text


@pytest.mark.parametrize("error", sorted(login_answers.ERRORS))
def test_each_error_has_a_way_out(t: Texts, error: str) -> None:
    view = login_errors.error(t, {"error": error, "account": 7, "spare": 8}, "#7 Alice")
    assert labels(view)[-1] == [t("button-back")]


@pytest.mark.parametrize(
    ("error", "of_nobody", "of_an_account"),
    [
        ("internal", "button-add-account", "button-log-in"),
        ("restart", "button-add-account", "button-new-code"),
        ("no_account", "button-add-account", "button-log-in"),
        ("gone", "button-add-account", "button-add-account"),
        ("flood", "button-back", "button-account"),
        ("no_connection", "button-add-account", "button-proxy"),
    ],
)
def test_what_can_be_begun_anew_has_the_button_for_it(
    t: Texts, error: str, of_nobody: str, of_an_account: str
) -> None:
    for account, proxy_id, wanted in ((None, None, of_nobody), (7, 1, of_an_account)):
        outcome = {"error": error, "account": account}
        view = login_errors.error(t, outcome, "#7 Alice", proxy_id=proxy_id)
        assert t(wanted) in [label for row in labels(view) for label in row]


def test_a_forgotten_account_is_not_named_by_a_button_to_its_card(t: Texts) -> None:
    outcome = {"error": "flood", "account": 7, "seconds": 60}
    view = login_errors.error(t, outcome, "#7 Alice", is_forgotten=True)
    assert labels(view) == [[t("button-back")]]


@pytest.mark.parametrize(
    ("raised", "error"),
    [
        (tl.PhoneNumberBannedError, "phone_banned"),
        (tl.PhoneNumberUnoccupiedError, "no_account"),
        (tl.PhoneCodeExpiredError, "code_expired"),
        (tl.SrpPasswordChangedError, "password_changed"),
        (tl.PhonePasswordProtectedError, "password_protected"),
        (tl.UpdateAppToLoginError, "update_app"),
        (tl.SmsCodeCreateFailedError, "sms_failed"),
        (tl.UserDeactivatedError, "deleted"),
    ],
)
def test_telegrams_refusals_are_told_apart(raised: type[tl.RPCError], error: str) -> None:
    assert refusal(raised(request=None)) == {"error": error}


def test_digits_end_at_a_limit_and_are_erased_one_by_one() -> None:
    typed = Typed()
    for _ in range(MOST_DIGITS + 5):
        digits = typed.press(1, "4")
    assert digits == "4" * MOST_DIGITS
    assert typed.press(1, login.ERASE) == "4" * (MOST_DIGITS - 1)
    typed.clear(1)
    assert typed.press(1, login.END) == ""


def test_every_command_is_told_from_a_password_that_begins_with_a_slash() -> None:
    written = "\n".join(path.read_text() for path in HANDLERS.rglob("*.py"))
    commands = set(re.findall(r'Command\(\s*"(\w+)"', written)) | {"start"}
    assert len(commands) > 15
    assert [name for name in sorted(commands) if not is_command(f"/{name}")] == []
    assert is_command("/send@mooring_bot")
    assert not is_command("/sender's secret")
    assert not is_command("/hunter2")


def test_the_picture_is_the_code_of_the_address_in_black_on_white() -> None:
    address = "tg://login?token=" + "Ab-_" * 11
    expected = [list(row) for row in segno.make_qr(address, error="m").matrix]
    assert modules(png(address)) == [[int(bool(cell)) for cell in row] for row in expected]


def modules(picture: bytes) -> list[list[int]]:
    """The dark modules of a PNG of one bit a pixel, as segno draws it."""
    width, height, depth, kind = struct.unpack_from(">IIBB", picture, 16)
    assert (depth, kind) in {(1, 0), (1, 3)}
    begin = picture.index(b"IDAT") + 4
    (length,) = struct.unpack_from(">I", picture, begin - 8)
    raw = zlib.decompress(picture[begin : begin + length])
    stride = 1 + (width + 7) // 8
    lines: list[bytes] = []
    for at in range(height):
        how, line = raw[at * stride], raw[at * stride + 1 : (at + 1) * stride]
        assert how in {0, 2}
        if how == 2:  # the difference to the line above
            line = bytes((a + b) % 256 for a, b in zip(line, lines[-1], strict=True))
        lines.append(line)
    middle = range(QUIET * PIXELS + PIXELS // 2, width - QUIET * PIXELS, PIXELS)
    light = lines[0][0] >> 7
    return [[int((lines[y][x // 8] >> (7 - x % 8)) & 1 != light) for x in middle] for y in middle]
