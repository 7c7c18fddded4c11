"""A `.env`: read as the settings read it, and its text made anew."""

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic_settings import DotEnvSettingsSource

from bot.settings import Settings

TEMPLATE = """\
# Settings of Mooring, made by `mooring init`. .env.example explains every other one.

# The control bot's token, from @BotFather.
BOT_TOKEN=
# The application's id and hash, from https://my.telegram.org -> API development tools.
API_ID=
API_HASH=
# Telegram user ids of further operators, separated by commas; `mooring invite` lets people in too.
ADMIN_IDS=
# Where alerts go: a chat id. Empty: to the owner.
ADMIN_CHAT_ID=
"""


def values_of(path: Path) -> dict[str, str]:
    """What such a file sets; what it leaves empty is left out."""
    found = DotEnvSettingsSource(Settings, env_file=path).env_vars
    return {name.upper(): value for name, value in found.items() if value}


def with_values(text: str, values: Mapping[str, str]) -> str:
    """The text with these set; all else, comments included, stays as it is."""
    for name, value in values.items():
        line = re.compile(rf"^[ \t]*(?:export[ \t]+)?{name}[ \t]*=.*$", re.MULTILINE)
        new = f"{name}={value}"
        text, count = line.subn(new.replace("\\", r"\\"), text)
        if not count:
            text = f"{text.rstrip()}\n{new}\n"
    return text
