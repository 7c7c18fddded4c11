"""What each error calls for: over every class that Telethon ships."""

import asyncio
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telethon import errors as tl
from telethon.errors import rpcerrorlist
from telethon.tl import types

from storage.errors import SecretKeyMismatch, StorageFailed
from tests.unit.shipped_errors import BASES, NAMES, REQUEST, SECONDS, SHIPPED, made
from userbot import errors
from userbot.errors import (
    Banned,
    LineError,
    Misconfigured,
    Relogin,
    Restricted,
    Retry,
    SessionGuarded,
    Unknown,
    Verdict,
    Wait,
    classify,
)


def verdicts_of(*kinds: type[BaseException]) -> dict[str, Verdict]:
    return {kind.__name__: classify(made(kind)) for kind in kinds}


def with_verdict(*wanted: type[Verdict]) -> dict[str, Verdict]:
    found = verdicts_of(*SHIPPED)
    return {name: verdict for name, verdict in found.items() if isinstance(verdict, wanted)}


def test_telethon_ships_the_classes_that_these_tests_walk() -> None:
    assert len(SHIPPED) > 500
    assert set(NAMES.values()) <= set(SHIPPED)


@pytest.mark.req("S2.2")
def test_every_error_of_telethon_is_listed_or_falls_under_a_family_with_a_reason() -> None:
    """By class, all of it that can end a line; by family, Telegram's faults and refusals."""
    unlisted = {
        kind for kind in SHIPPED if kind not in errors._LISTED and kind not in errors._WAITS
    }
    faults = {kind for kind in unlisted if issubclass(kind, tl.ServerError)}
    about_a_request = (tl.BadRequestError, tl.ForbiddenError, tl.NotFoundError, tl.AuthKeyError)
    refusals = {kind for kind in unlisted if issubclass(kind, about_a_request)}
    assert unlisted - faults - refusals - BASES == {tl.InvalidBufferError}
    assert set(verdicts_of(*faults).values()) == {Retry()}
    assert set(verdicts_of(*refusals).values()) == {Unknown()}
    not_understood = BASES - {tl.ServerError, tl.TimedOutError}
    assert set(verdicts_of(*not_understood).values()) == {Unknown()}


def test_only_listed_errors_end_a_session() -> None:
    """Nothing that is merely a 401 or a 400 may take an account off its line."""
    assert with_verdict(Relogin, Banned) == {
        "ActiveUserRequiredError": Relogin(),
        "AuthKeyDuplicatedError": Relogin(),
        "AuthKeyInvalidError": Relogin(),
        "AuthKeyPermEmptyError": Relogin(),
        "AuthKeyUnregisteredError": Relogin(),
        "PhoneNumberBannedError": Banned(),
        "SessionExpiredError": Relogin(),
        "SessionPasswordNeededError": Relogin(),
        "SessionRevokedError": Relogin(),
        "UserDeactivatedBanError": Banned(),
        "UserDeactivatedError": Banned(),
        "UserMigrateError": Relogin(),
    }


def test_only_listed_errors_freeze_misconfigure_or_hold_back_an_account() -> None:
    assert with_verdict(Restricted, Misconfigured, Wait) == {
        "ApiIdInvalidError": Misconfigured(),
        "ApiIdPublishedFloodError": Misconfigured(),
        "ConnectionApiIdInvalidError": Misconfigured(),
        "ConnectionAppVersionEmptyError": Misconfigured(),
        "ConnectionDeviceModelEmptyError": Misconfigured(),
        "ConnectionLangPackInvalidError": Misconfigured(),
        "ConnectionLayerInvalidError": Misconfigured(),
        "ConnectionSystemEmptyError": Misconfigured(),
        "ConnectionSystemLangCodeEmptyError": Misconfigured(),
        "FloodPremiumWaitError": Wait(SECONDS),
        "FloodTestPhoneWaitError": Wait(SECONDS),
        "FloodWaitError": Wait(SECONDS),
        "FrozenMethodInvalidError": Restricted(),
        "FrozenParticipantMissingError": Restricted(),
        "InputLayerInvalidError": Misconfigured(),
        "UpdateAppToLoginError": Misconfigured(),
    }


ENDS, ABOUT_A_REQUEST = Relogin(), Unknown()
SUSPICIOUS = {
    # The key and the login.
    "ACTIVE_USER_REQUIRED": ENDS,
    "AUTH_KEY_DUPLICATED": ENDS,  # 406, and no UnauthorizedError
    "AUTH_KEY_INVALID": ENDS,
    "AUTH_KEY_PERM_EMPTY": ENDS,
    "AUTH_KEY_UNREGISTERED": ENDS,
    "SESSION_EXPIRED": ENDS,
    "SESSION_PASSWORD_NEEDED": ENDS,
    "SESSION_REVOKED": ENDS,
    r"USER_MIGRATE_(\d+)": ENDS,
    # The account.
    "PHONE_NUMBER_BANNED": Banned(),  # 400
    "USER_DEACTIVATED": Banned(),  # 401
    "USER_DEACTIVATED_BAN": Banned(),
    "FROZEN_METHOD_INVALID": Restricted(),  # 420, and names no time
    "FROZEN_PARTICIPANT_MISSING": Restricted(),  # 400
    # The application.
    "API_ID_INVALID": Misconfigured(),
    "API_ID_PUBLISHED_FLOOD": Misconfigured(),
    "CONNECTION_API_ID_INVALID": Misconfigured(),
    "UPDATE_APP_TO_LOGIN": Misconfigured(),  # 406
    # Telegram's clock.
    r"FLOOD_WAIT_(\d+)": Wait(SECONDS),
    r"FLOOD_PREMIUM_WAIT_(\d+)": Wait(SECONDS),
    r"FLOOD_TEST_PHONE_WAIT_(\d+)": Wait(SECONDS),
    # Of a chat, an export, a password: not the account's.
    r"SLOWMODE_WAIT_(\d+)": ABOUT_A_REQUEST,
    r"TAKEOUT_INIT_DELAY_(\d+)": ABOUT_A_REQUEST,
    r"2FA_CONFIRM_WAIT_(\d+)": ABOUT_A_REQUEST,
    r"PREVIOUS_CHAT_IMPORT_ACTIVE_WAIT_(\d+)MIN": ABOUT_A_REQUEST,
    "MSG_WAIT_FAILED": ABOUT_A_REQUEST,
    "PEER_FLOOD": ABOUT_A_REQUEST,  # may write to contacts only
    "PHONE_NUMBER_FLOOD": ABOUT_A_REQUEST,
    "PHONE_PASSWORD_FLOOD": ABOUT_A_REQUEST,
    # Sounds like the account, and is the other side or a right that it lacks.
    "CHANNEL_BANNED": ABOUT_A_REQUEST,
    "BANNED_RIGHTS_INVALID": ABOUT_A_REQUEST,
    "INPUT_USER_DEACTIVATED": ABOUT_A_REQUEST,
    "USER_BANNED_IN_CHANNEL": ABOUT_A_REQUEST,
    "BOT_GROUPS_BLOCKED": ABOUT_A_REQUEST,
    "TOPIC_DELETED": ABOUT_A_REQUEST,
    "USER_BLOCKED": ABOUT_A_REQUEST,
    "USER_IS_BLOCKED": ABOUT_A_REQUEST,
    "YOU_BLOCKED_USER": ABOUT_A_REQUEST,
    "USER_DELETED": ABOUT_A_REQUEST,
    "USER_RESTRICTED": ABOUT_A_REQUEST,  # reported as spam: may not create chats
    "CHAT_RESTRICTED": ABOUT_A_REQUEST,
    "CHAT_FORWARDS_RESTRICTED": ABOUT_A_REQUEST,
    "USER_PRIVACY_RESTRICTED": ABOUT_A_REQUEST,
    "BUTTON_USER_PRIVACY_RESTRICTED": ABOUT_A_REQUEST,
    "PIN_RESTRICTED": ABOUT_A_REQUEST,
    "INVITE_REVOKED_MISSING": ABOUT_A_REQUEST,
    # Sounds like the key, and is another one.
    "AUTH_BYTES_INVALID": ABOUT_A_REQUEST,
    "AUTH_RESTART": Retry(),  # 500
    "AUTH_TOKEN_ALREADY_ACCEPTED": ABOUT_A_REQUEST,
    "AUTH_TOKEN_EXCEPTION": ABOUT_A_REQUEST,
    "AUTH_TOKEN_EXPIRED": ABOUT_A_REQUEST,
    "AUTH_TOKEN_INVALID": ABOUT_A_REQUEST,
    "AUTH_TOKEN_INVALID2": ABOUT_A_REQUEST,
    "AUTH_TOKEN_INVALIDX": ABOUT_A_REQUEST,
    "FRESH_CHANGE_PHONE_FORBIDDEN": ABOUT_A_REQUEST,  # 406
    "FRESH_RESET_AUTHORISATION_FORBIDDEN": ABOUT_A_REQUEST,  # 406: no session is reset
    r"SESSION_TOO_FRESH_(\d+)": ABOUT_A_REQUEST,
    "TEMP_AUTH_KEY_ALREADY_BOUND": ABOUT_A_REQUEST,
    "TEMP_AUTH_KEY_EMPTY": ABOUT_A_REQUEST,
    "WEBPUSH_AUTH_INVALID": ABOUT_A_REQUEST,
    "WEBPUSH_KEY_INVALID": ABOUT_A_REQUEST,
    "PRIVACY_KEY_INVALID": ABOUT_A_REQUEST,
    "PUBLIC_KEY_REQUIRED": ABOUT_A_REQUEST,
    # The other ways to another data centre.
    r"FILE_MIGRATE_(\d+)": ABOUT_A_REQUEST,
    r"NETWORK_MIGRATE_(\d+)": ABOUT_A_REQUEST,
    r"PHONE_MIGRATE_(\d+)": ABOUT_A_REQUEST,
    r"STATS_MIGRATE_(\d+)": ABOUT_A_REQUEST,
    # The other 406s.
    "FILEREF_UPGRADE_NEEDED": ABOUT_A_REQUEST,
    "PREMIUM_CURRENTLY_UNAVAILABLE": ABOUT_A_REQUEST,
    "SEND_CODE_UNAVAILABLE": ABOUT_A_REQUEST,
    "STICKERSET_OWNER_ANONYMOUS": ABOUT_A_REQUEST,
    "USERPIC_PRIVACY_REQUIRED": ABOUT_A_REQUEST,
}
_SOUNDS_BAD = re.compile(
    r"(^|_)(AUTH|KEY|SESSION|DEACTIVATED|BANNED|BLOCKED|DELETED|REVOKED|RESTRICTED|FROZEN|MIGRATE"
    r"|FLOOD|WAIT|DELAY|API)(_|$)"
)
_BAD_CODES = (tl.UnauthorizedError, tl.AuthKeyError, tl.FloodError, tl.InvalidDCError)


def test_every_name_that_sounds_like_the_end_was_judged_by_hand() -> None:
    """A new Telethon that knows more such names fails here, until somebody has read them."""
    sounding = {
        name: classify(made(kind))
        for name, kind in NAMES.items()
        if _SOUNDS_BAD.search(name) or issubclass(kind, _BAD_CODES)
    }
    assert sounding == SUSPICIOUS


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        (tl.AuthKeyNotFound, Retry()),  # one transport 404 proves nothing
        (tl.RandomIdDuplicateError, Retry()),  # a ServerError
        (tl.TimedOutError, Retry()),  # 503, and no ServerError
        (tl.TimeoutError, Retry()),
        (tl.TimedoutError, Retry()),
        (tl.ConnectionNotInitedError, Retry()),  # a new line greets anew
        (tl.InputMethodInvalidError, Unknown()),
        (tl.SecurityError, Retry()),
        (tl.CdnFileTamperedError, Unknown()),  # a SecurityError of files
        (tl.BadMessageError, Retry()),
        (tl.InvalidChecksumError, Retry()),
        (tl.ReadCancelledError, Retry()),
        (tl.TypeNotFoundError, Unknown()),
        (tl.MultiError, Unknown()),
    ],
)
def test_the_class_tree_misleads_and_is_not_followed(
    kind: type[Exception], verdict: Verdict
) -> None:
    assert classify(made(kind)) == verdict


@given(wait=st.integers(-5, 10**7))
def test_a_flood_wait_is_kept_to_the_second_and_is_never_nothing(wait: int) -> None:
    for kind in errors._WAITS:
        assert classify(kind(REQUEST, capture=wait)) == Wait(max(1, wait))


@given(code=st.sampled_from([303, 400, 401, 403, 404, 406, 420, 500, -503, 777]), text=st.text())
def test_a_name_that_telethon_does_not_know_ends_nothing(code: int, text: str) -> None:
    """It comes as the bare class of its code."""
    name = f"X{text}"
    error = tl.rpc_message_to_error(types.RpcError(code, name), REQUEST)
    assert classify(error) == (Retry() if code in {500, -503} else Unknown())


LOOKED_UP = sorted(name for name in rpcerrorlist.rpc_errors_dict if name.isupper())
"""Telethon looks names up in capitals, and so never finds its own "Timedout"."""


@given(name=st.sampled_from(LOOKED_UP), code=st.integers(-999, 999))
def test_it_is_the_name_that_counts_and_not_the_code(name: str, code: int) -> None:
    error = tl.rpc_message_to_error(types.RpcError(code, name), REQUEST)
    assert classify(error) == classify(made(NAMES[name]))


@pytest.mark.parametrize("name", ["Timeout", "Timedout", "TIMEOUT", "No workers running"])
def test_a_fault_of_telegrams_is_one_by_whatever_name(name: str) -> None:
    error = tl.rpc_message_to_error(types.RpcError(-503, name), REQUEST)
    assert classify(error) == Retry()


def test_a_guarded_session_asks_for_a_login() -> None:
    assert classify(SessionGuarded()) == Relogin()


def test_a_session_that_the_secret_key_does_not_open_is_a_setting_and_no_dead_key() -> None:
    assert classify(SecretKeyMismatch()) == Misconfigured()


@pytest.mark.parametrize(
    "error",
    [KeyError("x"), ValueError(), MemoryError(), StorageFailed(), asyncio.CancelledError()],
)
def test_anything_else_is_unknown(error: BaseException) -> None:
    assert classify(error) == Unknown()


def test_every_error_of_a_line_is_listed() -> None:
    kinds = {k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, LineError)}
    assert kinds - {LineError} <= set(errors._LISTED)
