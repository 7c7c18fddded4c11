"""`mooring account`: take over a session that was made elsewhere."""

import argparse
from typing import Any

from bot.cli.common import FAILED, OK, opened, say
from bot.settings import Settings
from storage.datadir import hold
from userbot.importing import AlreadyKnown, BadSession, import_string
from userbot.proxies import BadProxyLine, parse
from userbot.targets import BadPhone, parse_phone
from userbot.telegram import identity


def add_to(commands: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    account = commands.add_parser("account", help="take over an account")
    acts = account.add_subparsers(required=True, metavar="act")
    importing = acts.add_parser(
        "import", help="take over a session made elsewhere (a Telethon StringSession)"
    )
    importing.add_argument("--phone", required=True, help="the account's number, with +")
    importing.add_argument("--proxy", required=True, help="ip:port or ip:port:user:password")
    importing.add_argument(
        "--nothing-else-uses-it",
        action="store_true",
        help="you are sure that no other program uses this session: start it. "
        "Two live copies kill a session for good; without this it stays stopped.",
    )
    importing.add_argument(
        "session", type=argparse.FileType("r"), help="a file with the session, or - for stdin"
    )
    importing.set_defaults(act=_import)


async def _import(settings: Settings, arguments: argparse.Namespace) -> int:
    try:
        phone = parse_phone(arguments.phone)
        endpoint = parse(arguments.proxy)
        text = arguments.session.read()
    except (BadPhone, BadProxyLine) as exc:
        say(f"Not imported: {exc.reason}.")
        return FAILED
    except UnicodeDecodeError:
        say(
            "Not imported: this file is not text. A StringSession is wanted; Telethon's own "
            ".session files are not read yet."
        )
        return FAILED
    with hold(settings.data_dir):
        async with opened(settings) as database:
            try:
                number = await import_string(
                    database,
                    text,
                    phone=phone,
                    identity=identity(settings.api_id, settings.api_hash.get_secret_value()),
                    endpoint=endpoint,
                    is_only_copy=arguments.nothing_else_uses_it,
                )
            except (BadSession, AlreadyKnown) as exc:
                say(f"Not imported: {exc}.")
                return FAILED
    state = "starts with the next run" if arguments.nothing_else_uses_it else "is stopped"
    say(f"Imported as #{number} behind {endpoint.name}; it {state}.")
    return OK
