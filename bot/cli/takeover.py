"""`mooring account import` and `export`: take an account over, and out."""

import argparse
from typing import Any

from bot.cli import asking, proxy_lines
from bot.settings import Settings

SIZES = {
    "device_model": 255,
    "system_version": 64,
    "app_version": 64,
    "lang_code": 16,
    "system_lang_code": 16,
}
"""What an account presents itself with besides its API id, and how long it may be."""


def add_to(acts: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    _add_import(acts)
    exporting = acts.add_parser(
        "export", help="write the session of a stopped account, sealed with a passphrase"
    )
    exporting.add_argument("number", type=int, help="the account's number")
    exporting.add_argument(
        "--out", required=True, metavar="FILE", help="a new file, or - for standard output"
    )
    exporting.set_defaults(act=_export)


def _add_import(acts: Any) -> None:  # noqa: ANN401 - see above
    importing = acts.add_parser(
        "import",
        help="take over a session made elsewhere",
        description="Takes over a session made elsewhere. It stays stopped until you confirm "
        "that nothing else uses it: two live copies kill a session for good.",
    )
    importing.add_argument(
        "source",
        metavar="SOURCE",
        help="Telethon's .session file, a file with a StringSession or with an export of "
        "Mooring's, - for standard input, or the StringSession itself",
    )
    importing.add_argument("--phone", help="the account's number, with +; an export knows it")
    way = importing.add_mutually_exclusive_group()
    way.add_argument(
        "--proxy",
        metavar=proxy_lines.FORMS,
        help=f"{proxy_lines.HELP}. Without it, the least loaded of the list",
    )
    way.add_argument(
        "--without-proxy",
        action="store_true",
        help="it connects from this machine's own address, as nothing else ever does",
    )
    importing.add_argument(
        "--nothing-else-uses-it",
        action="store_true",
        help="you are sure that no other program uses this session: start it",
    )
    program = importing.add_argument_group(
        "the program that made the session",
        f"An account keeps these for good. The API hash is never an argument: {asking.API_HASH}, "
        "or it is asked for.",
    )
    program.add_argument("--api-id", type=int)
    for name in SIZES:
        program.add_argument(f"--{name.replace('_', '-')}")
    importing.set_defaults(act=_import)


# Telethon takes half a second to import, and no other command of accounts needs it.


async def _import(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.cli import transfer  # noqa: PLC0415 - see above

    return await transfer.import_(settings, arguments)


async def _export(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.cli import transfer  # noqa: PLC0415 - see above

    return await transfer.export_(settings, arguments)
