"""`mooring init`: from nothing to a bot that has an owner."""

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.cli import first_questions as questions
from bot.cli.asking import NotAnswered, answer
from bot.cli.common import BAD_SETTINGS, FAILED, OK, opened, say
from bot.cli.invite import MINUTES, invitation, show_invitation
from bot.env_file import TEMPLATE, values_of, with_values
from bot.logs import set_up
from bot.settings import BadSettings, Settings, load
from storage.operators import Role
from storage.private import draft_beside, put_in_place

ENV = Path(".env")


def add_to(commands: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    parser = commands.add_parser(
        "init",
        help="the first run: ask for what is needed, write .env, and print the owner's link",
        description="Asks for the bot's token and the API id, checks them, writes .env, makes the "
        "database, and prints a link: whoever opens it within "
        f"{MINUTES} minutes owns this Mooring. What is given by an option or in the environment "
        "(BOT_TOKEN, API_ID, API_HASH) is not asked for; where all of it is given, nothing is.",
    )
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="holds the bot's token")
    parser.add_argument("--api-id", metavar="ID", help="of my.telegram.org")
    parser.add_argument("--api-hash-file", type=Path, metavar="FILE", help="holds the API hash")
    parser.add_argument("--admin-chat", metavar="ID", help="where alerts go; else to the owner")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--env-file", type=Path, metavar="FILE", help="a new file, instead of .env")
    where.add_argument(
        "--keep", action="store_true", help="use the settings that are there; write no file"
    )
    parser.add_argument("--json", action="store_true", help="print the link as JSON")
    parser.set_defaults(act_without_settings=_init)


async def _init(arguments: argparse.Namespace) -> int:
    try:
        given = _given(arguments)
        file = _file(arguments, is_asking=not given.keys() >= questions.NEEDED)
        settings, bot = await (_ask_and_write(file, given) if file else _kept())
    except NotAnswered as exc:
        say(f"Not set up: {exc}. Nothing was written.")
        return FAILED
    except BadSettings as exc:
        for fault in exc.faults:
            say(fault)
        say("Not set up, nothing was written: these settings come from .env or the environment.")
        return BAD_SETTINGS
    set_up(settings.log_level, settings.secrets)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with opened(settings) as database:
        made = await invitation(database, bot=bot, role=Role.OWNER)
    say(f"The database is there. Now start Mooring: mooring run{_with(file)}")
    say(f"While it runs, and within {MINUTES} minutes, open this link and press Start:")
    say("you become the owner. A further link: mooring invite --role owner")
    show_invitation(made, is_json=arguments.json)
    return OK


def _with(file: Path | None) -> str:
    if file is None or file == ENV:
        return ""
    return (
        f"\n(It reads .env where it starts. Give it {file} as EnvironmentFile= in a systemd unit, "
        f"by --env-file {file} in Docker, or rename it to .env.)"
    )


def _given(arguments: argparse.Namespace) -> dict[str, str]:
    """What needs not be asked for. Raises `NotAnswered` where it contradicts itself."""
    named = {
        "BOT_TOKEN": _content(arguments.token_file),
        "API_ID": arguments.api_id,
        "API_HASH": _content(arguments.api_hash_file),
        "ADMIN_CHAT_ID": arguments.admin_chat,
    }
    options = {name: value.strip() for name, value in named.items() if value is not None}
    there = {name: os.environ[name] for name in named if os.environ.get(name)}
    for name in options.keys() & there.keys():
        if options[name] != there[name]:
            raise NotAnswered(f"{name} is set in the environment too, and that always counts")
    return there | options


def _content(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "it is no text"
        raise NotAnswered(f"{path} can't be read: {why}") from None


def _file(arguments: argparse.Namespace, *, is_asking: bool) -> Path | None:
    """The file to write; None where the settings that are there are to be used."""
    if arguments.keep:
        return None
    file: Path = arguments.env_file or ENV
    while file.exists():
        if not is_asking:
            raise NotAnswered(
                f"{file} is there already, and is never overwritten: --keep uses the settings as "
                "they are, --env-file names another file"
            )
        say(f"{file} is there already, and is never overwritten.")
        keeping = "Enter uses it as it is; or name" if file == ENV else "Name"
        named = answer(f"{keeping} another file to write: ")
        if not named and file == ENV:
            return None
        file = Path(named) if named else file
    if not file.absolute().parent.is_dir():
        raise NotAnswered(f"there is no directory {file.absolute().parent}")
    return file


async def _kept() -> tuple[Settings, str]:
    """The settings as they are, and the bot's name. Raises `BadSettings`, `NotAnswered`."""
    settings = load()
    proxy = settings.bot_proxy.get_secret_value() if settings.bot_proxy else None
    way = questions.Way(settings.bot_api_url, proxy)
    bot = await questions.bot_of(settings.bot_token.get_secret_value(), way)
    say(f"The settings are good. The bot is @{bot}.")
    return settings, bot


async def _ask_and_write(file: Path, given: Mapping[str, str]) -> tuple[Settings, str]:
    """Ask for what is not given, check everything, and only then write it."""
    text = _text()
    known = values_of(ENV) | {n: v for n, v in os.environ.items() if v}
    way = questions.Way(known.get("BOT_API_URL"), known.get("BOT_PROXY"))
    values, bot = await questions.ask(given, known, way)
    settings = _write(file, with_values(text or TEMPLATE, values))
    say(f"Wrote {file}; only you can read it.")
    return settings, bot


def _text() -> str:
    """What is in .env; empty where there is none."""
    return ENV.read_text() if ENV.is_file() else ""


def _write(file: Path, text: str) -> Settings:
    """Put it there whole, once it was read as settings. Raises `BadSettings`."""
    draft = draft_beside(file, text)
    try:
        settings = load(draft)
        put_in_place(draft, file)
    except FileExistsError:
        raise NotAnswered(f"{file} was made meanwhile") from None
    finally:
        draft.unlink(missing_ok=True)
    return settings
