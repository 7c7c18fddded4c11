"""What Telegram answers during a login, as outcomes for the chat."""

from typing import Any

from telethon import errors as tl
from telethon.tl import types

Outcome = dict[str, Any]
"""JSON: either `step` (`code`, `password`, `done`, `cancelled`) with its facts, or `error`."""


def code_sent(account_id: int, sent: Any) -> Outcome:  # noqa: ANN401 - Telethon is untyped
    """Where the code went, how long it is, and whether there is another way."""
    return {
        "step": "code",
        "account": account_id,
        "via": _VIA.get(type(sent.type), "other"),
        "length": getattr(sent.type, "length", 5),
        "can_resend": sent.next_type is not None,
    }


_VIA = {
    types.auth.SentCodeTypeApp: "app",
    types.auth.SentCodeTypeSms: "sms",
    types.auth.SentCodeTypeCall: "call",
    types.auth.SentCodeTypeFlashCall: "call",
    types.auth.SentCodeTypeMissedCall: "call",
    types.auth.SentCodeTypeEmailCode: "email",
    types.auth.SentCodeTypeFragmentSms: "fragment",
}

_REFUSALS: dict[type[BaseException], str] = {
    tl.PhoneCodeInvalidError: "code_invalid",
    tl.PhoneCodeEmptyError: "code_invalid",
    tl.PhoneCodeExpiredError: "code_expired",
    tl.PasswordHashInvalidError: "password_invalid",
    tl.PhoneNumberInvalidError: "phone_invalid",
    tl.PhoneNumberBannedError: "phone_banned",
    tl.PhoneNumberFloodError: "phone_flood",
    tl.PhonePasswordFloodError: "phone_flood",
    tl.PhoneNumberUnoccupiedError: "no_account",
    tl.ApiIdInvalidError: "api_id",
    tl.ApiIdPublishedFloodError: "api_id",
    tl.SendCodeUnavailableError: "no_other_way",
}

HOPELESS = {"phone_invalid", "phone_banned", "no_account"}
"""There is nothing to log in to: a new account's row goes."""


def refusal(error: tl.RPCError) -> Outcome:
    """Telegram's no: a known kind, or its own words."""
    known = _REFUSALS.get(type(error))
    return {"error": known} if known else {"error": "refused", "words": error.message}
