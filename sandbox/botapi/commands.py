"""The command lists of one bot, by scope and language.

Source: core.telegram.org/bots/api#setmycommands and #botcommandscope.
"""

import re

from sandbox.botapi.chats import Json
from sandbox.botapi.errors import bad_request
from sandbox.botapi.parameters import Parameters

MAX_COMMANDS = 100
_NAME = re.compile(r"[a-z0-9_]{1,32}")
_SCOPES: dict[str, tuple[str, ...]] = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}

Key = tuple[str, ...]


class CommandLists:
    """`setMyCommands`, `getMyCommands` and `deleteMyCommands` of one bot."""

    def __init__(self) -> None:
        self._lists: dict[Key, list[Json]] = {}

    def set(self, parameters: Parameters) -> bool:
        raw = parameters.parsed("commands", "can't parse commands JSON object")
        raw = [] if raw is None else raw
        if not isinstance(raw, list):
            raise bad_request("expected an Array of BotCommand")
        commands = [_command(item) for item in raw]
        if len(commands) > MAX_COMMANDS:
            raise bad_request("BOT_COMMANDS_TOO_MUCH")
        self._lists[_key(parameters)] = commands
        return True

    def get(self, parameters: Parameters) -> list[Json]:
        return self._lists.get(_key(parameters), [])

    def delete(self, parameters: Parameters) -> bool:
        self._lists.pop(_key(parameters), None)
        return True

    def shown(self, chat_id: int, user_id: int, *, is_admin: bool = False) -> list[Json]:
        """What an app without a language suggests to that user in that chat.

        The narrowest list counts: core.telegram.org/bots/api#determining-list-of-commands.
        """
        chat, keys = str(chat_id), list[Key]()
        if chat_id > 0:
            keys = [("chat", chat, ""), ("all_private_chats", "")]
        else:
            keys.append(("chat_member", chat, str(user_id), ""))
            if is_admin:
                keys.append(("chat_administrators", chat, ""))
            keys.append(("chat", chat, ""))
            if is_admin:
                keys.append(("all_chat_administrators", ""))
            keys.append(("all_group_chats", ""))
        found = (self._lists.get(key) for key in [*keys, ("default", "")])
        return next((commands for commands in found if commands), [])


def _command(item: object) -> Json:
    if not isinstance(item, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    for name in ("command", "description"):
        if name not in item:
            raise bad_request(f"can't parse BotCommand: Can't find field \"{name}\"")
        if not isinstance(item[name], str):
            raise bad_request(f'can\'t parse BotCommand: Field "{name}" must be of type String')
    command = item["command"].strip().removeprefix("/")
    description = item["description"].strip()
    if not _NAME.fullmatch(command):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": command, "description": description}


def _key(parameters: Parameters) -> Key:
    """Where a list belongs: the scope, what it names, and the language."""
    scope = parameters.parsed("scope", "can't parse BotCommandScope JSON object")
    if scope is None:
        scope = {"type": "default"}
    if not isinstance(scope, dict):
        raise bad_request("can't parse BotCommandScope: BotCommandScope must be an Object")
    kind = scope.get("type")
    if kind not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    for name in _SCOPES[kind]:
        if name not in scope:
            raise bad_request(f"can't parse BotCommandScope: Can't find field \"{name}\"")
    language = parameters.text("language_code")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad_request("LANG_CODE_INVALID")
    return kind, *(str(scope[name]) for name in _SCOPES[kind]), language
