"""Reply markups, checked as Telegram checks them.

Source: `get_reply_markup` of telegram-bot-api and `ReplyMarkup.cpp` of TDLib. Of the inline buttons
only callbacks and links are known here; the others are refused.
"""

from typing import Any

from sandbox.botapi.errors import bad_request
from sandbox.botapi.links import checked_link
from sandbox.botapi.parameters import Parameters

MAX_BUTTONS = 100
_BOOLEANS = {
    "resize_keyboard": "ReplyKeyboardMarkup",
    "one_time_keyboard": "ReplyKeyboardMarkup",
    "is_persistent": "ReplyKeyboardMarkup",
    "remove_keyboard": "ReplyKeyboardRemove",
    "force_reply": "reply markup",
    "selective": "reply markup",
}
_NOT_HERE = (
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)


def reply_markup(parameters: Parameters) -> dict[str, Any] | None:
    """The checked markup, only its known fields; None where it asks for nothing."""
    raw = parameters.parsed("reply_markup", "can't parse reply keyboard markup JSON object")
    if raw is None:
        return None
    if not isinstance(raw, dict):
        raise bad_request("object expected as reply markup")
    order = _order(raw)
    return _keyboard(raw) or order


def inline_markup(parameters: Parameters) -> dict[str, Any] | None:
    """The same for an edit, which takes no other keyboard."""
    markup = reply_markup(parameters)
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return markup


def _keyboard(raw: dict[str, Any]) -> dict[str, Any] | None:
    """A markup with buttons in it; empty rows are dropped, and with no row left it is none."""
    if keyboard := _rows(raw, "keyboard", "ReplyKeyboardMarkup"):
        rows = [[_reply_button(button) for button in row] for row in keyboard]
        return {"keyboard": rows}
    if inline := _rows(raw, "inline_keyboard", "InlineKeyboardMarkup"):
        if sum(map(len, inline)) > MAX_BUTTONS:
            raise bad_request("reply markup is too long")
        return {"inline_keyboard": [[_inline_button(button) for button in row] for row in inline]}
    return None


def _order(raw: dict[str, Any]) -> dict[str, Any] | None:
    """A markup that tells the app to do something. Its switches are checked whatever it is."""
    for name, owner in _BOOLEANS.items():
        if not isinstance(raw.get(name, False), bool):
            raise bad_request(f'field "{name}" of the {owner} must be of the type Boolean')
    if raw.get("remove_keyboard"):
        return {"remove_keyboard": True}
    if raw.get("force_reply"):
        placeholder = raw.get("input_field_placeholder")
        extra = {"input_field_placeholder": str(placeholder)[:64]} if placeholder else {}
        return {"force_reply": True, **extra}
    return None


def _rows(raw: dict[str, Any], name: str, owner: str) -> list[list[Any]]:
    """The rows with a button in them."""
    rows = raw.get(name, [])
    if not isinstance(rows, list):
        raise bad_request(f'field "{name}" of the {owner} must be an Array')
    if not all(isinstance(row, list) for row in rows):
        raise bad_request(f'field "{name}" of the {owner} must be an Array of Arrays')
    return [row for row in rows if row]


def _reply_button(button: object) -> dict[str, Any]:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict):
        raise bad_request(
            "can't parse keyboard button: KeyboardButton must be a String or an Object"
        )
    text = _string(button, "text", "keyboard button", is_required=True)
    if not text:
        raise bad_request("keyboard button text must be non-empty")
    return {"text": text}


def _inline_button(button: object) -> dict[str, Any]:
    kind = "inline keyboard button"
    if not isinstance(button, dict):
        raise bad_request(f"can't parse {kind}: InlineKeyboardButton must be an Object")
    text = _string(button, "text", kind, is_required=True)
    if not text.strip():
        raise bad_request(f"{kind} text must be non-empty")
    if url := _string(button, "url", kind):
        return {"text": text, "url": _button_url(url)}
    data = _string(button, "callback_data", kind)
    if data:
        if len(data.encode("utf-8", "surrogatepass")) > 64:
            raise bad_request("BUTTON_DATA_INVALID")
        return {"text": text, "callback_data": data}
    if "callback_data" in button:
        raise bad_request("BUTTON_DATA_INVALID")
    if any(name in button for name in _NOT_HERE):
        raise bad_request("BUTTON_TYPE_INVALID")
    raise bad_request(f"can't parse {kind}: Text buttons are unallowed in the inline keyboard")


def _button_url(url: str) -> str:
    """The link as Telegram keeps it. TDLib names the reason, the server only says it is invalid."""
    if "://" in url and not url.lower().startswith(("http://", "https://", "tg://", "ton://")):
        raise bad_request(
            f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol"
        )
    if len(url) > 2048 or any(character.isspace() for character in url):
        raise bad_request("BUTTON_URL_INVALID")
    link = checked_link(url)
    if link is None:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return link


def _string(button: dict[str, Any], name: str, kind: str, *, is_required: bool = False) -> str:
    value = button.get(name)
    if value is None:
        if is_required:
            raise bad_request(f"can't parse {kind}: Can't find field \"{name}\"")
        return ""
    if not isinstance(value, str):
        raise bad_request(f'can\'t parse {kind}: Field "{name}" must be of type String')
    return value
