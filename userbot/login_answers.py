"""What Telegram answers during a login, as outcomes for the chat."""

from datetime import datetime, timedelta
from typing import Any

from telethon import errors as tl
from telethon.tl import types

Outcome = dict[str, Any]
"""JSON: either `step` (`code`, `password`, `qr`, `done`, `cancelled`, `discarded`) with its facts,
or `error`."""


def code_sent(account_id: int, sent: Any, now: datetime) -> Outcome:  # noqa: ANN401 - Telethon is untyped
    """Where the code went, how long it is, and from when on there is which other way."""
    if isinstance(sent, types.auth.SentCodePaymentRequired):
        return {"error": "payment_required"}
    if isinstance(sent.type, types.auth.SentCodeTypeSetUpEmailRequired):
        return {"error": "email_setup"}
    return {
        "step": "code",
        "account": account_id,
        "via": _VIA.get(type(sent.type), "other"),
        "length": getattr(sent.type, "length", 0),
        "next": _NEXT.get(type(sent.next_type), "other") if sent.next_type else None,
        "resend_at": (now + timedelta(seconds=sent.timeout or 0)).isoformat(),
        **_where(sent.type, now),
    }


def _where(kind: Any, now: datetime) -> Outcome:  # noqa: ANN401 - Telethon is untyped
    """What else Telegram tells of the way that the code took."""
    match kind:
        case types.auth.SentCodeTypeEmailCode():
            return {"where": kind.email_pattern, "reset_s": _reset_s(kind, now)}
        case types.auth.SentCodeTypeMissedCall():
            return {"where": kind.prefix}
        case types.auth.SentCodeTypeFlashCall():
            return {"where": kind.pattern, "length": sum(c.isdigit() for c in kind.pattern)}
        case types.auth.SentCodeTypeFragmentSms():
            return {"url": kind.url}
        case types.auth.SentCodeTypeSmsWord() | types.auth.SentCodeTypeSmsPhrase():
            return {"where": kind.beginning or ""}
        case _:
            return {}


def _reset_s(kind: types.auth.SentCodeTypeEmailCode, now: datetime) -> int | None:
    """How long it takes until the e-mail address is reset, if Telegram offers that."""
    pending: datetime | None = kind.reset_pending_date
    period = kind.reset_available_period
    if pending is not None:
        return max(0, int((pending - now).total_seconds()))
    return None if period is None else int(period)


def password_asked(account_id: int, asked: Any, now: datetime) -> Outcome:  # noqa: ANN401 - Telethon is untyped
    """That two-step verification wants its password."""
    pending = asked.pending_reset_date
    return {
        "step": "password",
        "account": account_id,
        "hint": asked.hint or "",
        "reset_s": max(0, round((pending - now).total_seconds())) if pending else None,
    }


_VIA = {
    types.auth.SentCodeTypeApp: "app",
    types.auth.SentCodeTypeSms: "sms",
    types.auth.SentCodeTypeFirebaseSms: "sms",
    types.auth.SentCodeTypeCall: "call",
    types.auth.SentCodeTypeFlashCall: "flash_call",
    types.auth.SentCodeTypeMissedCall: "missed_call",
    types.auth.SentCodeTypeEmailCode: "email",
    types.auth.SentCodeTypeFragmentSms: "fragment",
    types.auth.SentCodeTypeSmsWord: "word",
    types.auth.SentCodeTypeSmsPhrase: "phrase",
}
_NEXT = {
    types.auth.CodeTypeSms: "sms",
    types.auth.CodeTypeCall: "call",
    types.auth.CodeTypeFlashCall: "flash_call",
    types.auth.CodeTypeMissedCall: "missed_call",
    types.auth.CodeTypeFragmentSms: "fragment",
}
WAYS = {*_VIA.values(), "other"}
"""Every `via` of a code."""
NEXT_WAYS = {*_NEXT.values(), "other"}
"""Every `next` of a code."""

_REFUSALS: dict[type[BaseException], str] = {
    tl.PhoneCodeInvalidError: "code_invalid",
    tl.PhoneCodeEmptyError: "code_invalid",
    tl.CodeInvalidError: "code_invalid",
    tl.CodeEmptyError: "code_invalid",
    tl.PhoneCodeExpiredError: "code_expired",
    tl.PhoneHashExpiredError: "code_expired",
    tl.PhoneCodeHashEmptyError: "code_expired",
    tl.EmailVerifyExpiredError: "code_expired",
    tl.PasswordHashInvalidError: "password_invalid",
    tl.PasswordEmptyError: "password_invalid",
    tl.SrpPasswordChangedError: "password_changed",
    tl.PhoneNumberInvalidError: "phone_invalid",
    tl.PhoneNumberBannedError: "phone_banned",
    tl.UserDeactivatedBanError: "phone_banned",
    tl.UserDeactivatedError: "deleted",
    tl.PhoneNumberFloodError: "phone_flood",
    tl.PhonePasswordFloodError: "phone_flood",
    tl.PhoneNumberUnoccupiedError: "no_account",
    tl.PhoneNumberAppSignupForbiddenError: "no_account",
    tl.PhonePasswordProtectedError: "password_protected",
    tl.ApiIdInvalidError: "api_id",
    tl.ApiIdPublishedFloodError: "api_id",
    tl.SendCodeUnavailableError: "no_other_way",
    tl.SmsCodeCreateFailedError: "sms_failed",
    tl.UpdateAppToLoginError: "update_app",
    tl.AuthRestartError: "restart",
    tl.AuthTokenExpiredError: "qr_expired",
    tl.AuthTokenInvalidError: "qr_expired",
    tl.AuthTokenAlreadyAcceptedError: "qr_expired",
}

ERRORS = {
    *_REFUSALS.values(),
    "already_enrolled",
    "email_setup",
    "flood",
    "gone",
    "internal",
    "interrupted",
    "no_connection",
    "no_proxy",
    "number_taken",
    "other_user",
    "payment_required",
    "qr_timeout",
    "refused",
    "same_user",
}
"""Every `error` of an outcome."""

HOPELESS = {"phone_invalid", "phone_banned", "no_account"}
"""There is nothing to log in to: a new account's row goes."""


def refusal(error: tl.RPCError) -> Outcome:
    """Telegram's no: a known kind, or its own words."""
    known = _REFUSALS.get(type(error))
    return {"error": known} if known else {"error": "refused", "words": error.message}
