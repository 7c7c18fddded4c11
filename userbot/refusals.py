"""Telegram's refusals of a message, in the operator's words."""

from telethon import errors as tl

_WORDS: dict[type[BaseException], str] = {
    tl.UsernameNotOccupiedError: "nobody has that username",
    tl.UsernameInvalidError: "that username is not valid",
    tl.PhoneNotOccupiedError: "no Telegram account has that phone number, or it is hidden",
    tl.PeerIdInvalidError: "the account does not know that chat",
    tl.ChatWriteForbiddenError: "the account may not write there",
    tl.ChatAdminRequiredError: "only admins may write there",
    tl.UserIsBlockedError: "the account has blocked that user",
    tl.YouBlockedUserError: "the account has blocked that user",
    tl.UserBannedInChannelError: "Telegram limits this account's messages in groups",
    tl.ChannelPrivateError: "the account is not a member there",
    tl.InputUserDeactivatedError: "that user's account was deleted",
    tl.PeerFloodError: "Telegram lets this account write only to its contacts for now",
    tl.FrozenMethodInvalidError: "Telegram has frozen the account",
    tl.MessageTooLongError: "the text is too long",
    tl.MessageEmptyError: "the text is empty",
}

# The bot may be able to do what this account can't.
_DETOURS: tuple[type[BaseException], ...] = (
    tl.PeerIdInvalidError,
    tl.ChatWriteForbiddenError,
    tl.ChatAdminRequiredError,
    tl.UserBannedInChannelError,
    tl.ChannelPrivateError,
    tl.PeerFloodError,
    tl.FrozenMethodInvalidError,
)


def refusal_in_words(error: Exception) -> str:
    """Why Telegram did not take the message."""
    error = _told(error)
    if words := _WORDS.get(type(error)):
        return words
    if isinstance(error, tl.FloodWaitError | tl.FloodPremiumWaitError):
        return f"Telegram makes the account wait {error.seconds} s"
    if isinstance(error, tl.SlowModeWaitError):
        return f"slow mode there: {error.seconds} s to wait"
    if isinstance(error, tl.ServerError):
        return "Telegram has a fault of its own"
    if isinstance(error, tl.RPCError):
        return f"Telegram refuses it ({error.message})"
    is_unknown_peer = isinstance(error, ValueError)
    not_understood = "Telegram's answer was not understood"
    return "the account knows no such user or chat" if is_unknown_peer else not_understood


def wants_detour(error: Exception) -> bool:
    """Whether the bot may succeed where the account was refused for good."""
    return isinstance(_told(error), (*_DETOURS, ValueError))


def _told(error: Exception) -> Exception:
    """What Telegram said: Telethon hides it behind a ValueError when a name is resolved."""
    cause = error.__cause__
    return cause if isinstance(error, ValueError) and isinstance(cause, tl.RPCError) else error
