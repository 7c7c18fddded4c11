"""Telegram's refusals of a message, in the operator's words."""

import re

from telethon import errors as tl

_WORDS: dict[type[BaseException], str] = {
    tl.UsernameNotOccupiedError: "nobody has that username",
    tl.UsernameInvalidError: "that username is not valid",
    tl.PhoneNotOccupiedError: "no Telegram account has that phone number, or it is hidden",
    tl.PeerIdInvalidError: "the account does not know that chat",
    tl.ChatWriteForbiddenError: "the account may not write there",
    tl.ChatAdminRequiredError: "only admins may write there",
    tl.UserIsBlockedError: "that user has blocked the account",
    tl.YouBlockedUserError: "the account has blocked that user",
    tl.UserBannedInChannelError: "Telegram limits this account's messages in groups",
    tl.ChannelPrivateError: "the account is not a member there",
    tl.InputUserDeactivatedError: "that user's account was deleted",
    tl.PeerFloodError: "Telegram lets this account write only to its contacts for now",
    tl.FrozenMethodInvalidError: "Telegram has frozen the account",
    tl.MessageTooLongError: "the text is too long",
    tl.MessageEmptyError: "the text is empty",
    tl.ChannelInvalidError: "the account does not know that chat",
    tl.ChatIdInvalidError: "the account does not know that chat",
    tl.ChatForbiddenError: "the account is not a member there",
    tl.ChatRestrictedError: "Telegram has restricted that chat",
    tl.ChatGuestSendForbiddenError: "only members may write there",
    tl.UserPrivacyRestrictedError: "that user's privacy settings forbid it",
    tl.MsgIdInvalidError: "the message to reply to is not there",
    tl.TopicDeletedError: "that topic was deleted",
    tl.VoiceMessagesForbiddenError: "that user takes no voice messages",
    tl.ChatSendMediaForbiddenError: "no media may be sent there",
    tl.ChatSendPhotosForbiddenError: "no photos may be sent there",
    tl.ChatSendVoicesForbiddenError: "no voice messages may be sent there",
    tl.ChatSendPlainForbiddenError: "no text may be sent there",
    tl.MediaCaptionTooLongError: "the caption is too long",
    tl.PhotoInvalidDimensionsError: "the photo is too wide, too high or too narrow",
    tl.PhotoSaveFileInvalidError: "Telegram can't read that photo",
    tl.ImageProcessFailedError: "Telegram can't read that photo",
    tl.MessageIdInvalidError: "the message is not there any more",
    tl.MessageAuthorRequiredError: "only its author may change that message",
    tl.MessageEditTimeExpiredError: "the message is too old to be changed",
    tl.MessageDeleteForbiddenError: "the account may not delete that message",
}
_BY_NAME = {
    "PRIVACY_PREMIUM_REQUIRED": "that user takes messages from Premium accounts and contacts only",
    "ALLOW_PAYMENT_REQUIRED": "that user takes messages for Telegram Stars only",
    "REPLY_MESSAGE_ID_INVALID": "the message to reply to is not there",
    "TOPIC_CLOSED": "that topic is closed",
    "CHAT_SEND_DOCS_FORBIDDEN": "no files may be sent there",
}
"""What Telethon has no class for."""
_UPLOADS = (
    tl.FileReferenceExpiredError,
    tl.FileReferenceEmptyError,
    tl.FileReferenceInvalidError,
    tl.FilerefUpgradeNeededError,
)

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
_OF_ITEM = re.compile(r"FILE_REFERENCE_[0-9]+_(EXPIRED|INVALID)")


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
        return _BY_NAME.get(error.message) or f"Telegram refuses it ({error.message})"
    is_unknown_peer = isinstance(error, ValueError)
    not_understood = "Telegram's answer was not understood"
    return "the account knows no such user or chat" if is_unknown_peer else not_understood


def wants_detour(error: Exception) -> bool:
    """Whether the bot may succeed where the account was refused for good."""
    return isinstance(_told(error), (*_DETOURS, ValueError))


def wants_upload(error: Exception) -> bool:
    """Whether Telegram has forgotten the uploaded file, so that it has to be uploaded again."""
    # Of an album Telegram says which item it is: FILE_REFERENCE_2_EXPIRED, a name without a class.
    is_of_item = isinstance(error, tl.RPCError) and _OF_ITEM.fullmatch(error.message or "")
    return isinstance(error, _UPLOADS) or bool(is_of_item)


def _told(error: Exception) -> Exception:
    """What Telegram said: Telethon hides it behind a ValueError when a name is resolved."""
    cause = error.__cause__
    return cause if isinstance(error, ValueError) and isinstance(cause, tl.RPCError) else error
