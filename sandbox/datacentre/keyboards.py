"""Reply markup as the Bot API writes it, to TL: core.telegram.org/bots/api#inlinekeyboardmarkup."""

from typing import Any

from telethon.tl import types

from sandbox.datacentre.tl import TL


def to_tl(markup: dict[str, Any] | None) -> TL:
    """TL reply markup, or None."""
    match markup or {}:
        case {"inline_keyboard": rows}:
            return types.ReplyInlineMarkup(
                [types.KeyboardInlineButtonRow([_inline(b) for b in row]) for row in rows]
            )
        case {"keyboard": rows, **options}:
            return types.ReplyKeyboardMarkup(
                [types.KeyboardButtonRow([_reply(b) for b in row]) for row in rows],
                resize=options.get("resize_keyboard"),
                single_use=options.get("one_time_keyboard"),
                placeholder=options.get("input_field_placeholder"),
            )
        case {"remove_keyboard": True}:
            return types.ReplyKeyboardHide()
        case {"force_reply": True}:
            return types.ReplyKeyboardForceReply()
        case _:
            return None


def has_callback(markup: dict[str, Any] | None, data: str) -> bool:
    """Whether a message with that markup has a callback button with that data."""
    rows = (markup or {}).get("inline_keyboard", ())
    return any(button.get("callback_data") == data for row in rows for button in row)


def _inline(button: dict[str, Any]) -> TL:
    match button:
        case {"callback_data": str(data)}:
            kind = types.InlineButtonTypeCallback(data.encode())
        case {"url": str(url)}:
            kind = types.InlineButtonTypeUrl(url)
        case {"web_app": {"url": str(url)}}:
            kind = types.InlineButtonTypeWebView(url)
        case {"copy_text": {"text": str(text)}}:
            kind = types.InlineButtonTypeCopy(text)
        case {"switch_inline_query": str(query)}:
            kind = types.InlineButtonTypeSwitchInline(query)
        case {"switch_inline_query_current_chat": str(query)}:
            kind = types.InlineButtonTypeSwitchInline(query, same_peer=True)
        case _:
            kind = types.InlineButtonTypeDisabled()
    return types.KeyboardInlineButton(button.get("text", ""), kind)


def _reply(button: dict[str, Any] | str) -> TL:
    """A plain button may be written as its text alone."""
    text = button if isinstance(button, str) else button.get("text", "")
    kind = types.ButtonTypeDefault()
    if isinstance(button, dict) and button.get("request_contact"):
        kind = types.ButtonTypeRequestPhone()
    return types.KeyboardButton(text, kind)
