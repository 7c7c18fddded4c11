"""`mooring draft`: writes a draft that operators approve in the admin chat."""

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from mimetypes import guess_type
from pathlib import Path
from typing import Any

from bot.cli.common import FAILED, OK, one_of, say
from bot.cli.existing import stored
from bot.cli.ordering import ACTOR
from bot.program_drafts import MAX_BYTES, BadDraft, add_draft
from bot.sending_rules import SendingRules
from bot.settings import Settings
from bot.times import BadTime, TimeFlaw, parse_time, shown, zone_of
from storage import deliveries
from storage.attachments import File
from storage.database import Database
from storage.delivery import Delivery, Fallback, Media

_PHOTOS = {"image/jpeg", "image/png", "image/webp"}
_VOICES = {"audio/ogg", "audio/opus"}
_FLAWS = {
    TimeFlaw.FORM: "that is no time such as 18:30, 'tomorrow 9:00' or '2026-11-23 09:00'",
    TimeFlaw.NONE: "there is no such day or hour",
    TimeFlaw.PAST: "that is past",
    TimeFlaw.FAR: "that is more than a year ahead",
}


def add_to(commands: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    parser = commands.add_parser(
        "draft", help="write a message that operators approve in the admin chat"
    )
    add_options(parser)
    parser.set_defaults(act=_draft)


def add_options(parser: argparse.ArgumentParser) -> None:
    """What a message is made of."""
    parser.add_argument("--account", default="", help="who sends: 7 or +44…; else the best one")
    parser.add_argument("--to", required=True, help="@username, t.me link, +phone, id, or me")
    parser.add_argument("--text", default="", help="the text; - reads it from standard input")
    parser.add_argument(
        "--file", action="append", default=[], type=Path, help="a file to attach; may be repeated"
    )
    parser.add_argument("--at", default="", help="when it goes out: 18:30, tomorrow 9:00")
    parser.add_argument("--silent", action="store_true", help="without sound")
    parser.add_argument("--reply-to", default="", metavar="LINK", help="the message to answer")
    parser.add_argument(
        "--fallback",
        type=one_of(Fallback),
        choices=list(Fallback),
        help="what happens where the account can't send; as set in the chat if not said",
    )
    parser.add_argument("--no-split", action="store_true", help="refuse a text that is too long")


async def _draft(settings: Settings, arguments: argparse.Namespace) -> int:
    try:
        async with stored(settings) as database:
            written = await write(database, settings, arguments)
    except BadDraft as exc:
        say(f"Nothing was written: {exc}.")
        return FAILED
    zone = zone_of(settings.time_zone)
    when = f", for {shown(written.not_before, zone)}" if written.not_before else ""
    say(f"Draft {written.id} as #{written.account_id}{when} waits in the admin chat.")
    sys.stdout.write(f"{written.id}\n")
    return OK


async def write(
    database: Database,
    settings: Settings,
    arguments: argparse.Namespace,
    *,
    is_approved: bool = False,
) -> Delivery:
    """Write what the options say. Raises `BadDraft`."""
    text = sys.stdin.read() if arguments.text == "-" else arguments.text
    delivery_id = await add_draft(
        database,
        origin=ACTOR,
        to=arguments.to,
        text=text.strip(),
        account=arguments.account,
        files=_files(arguments.file),
        at=_time(arguments.at, settings, database.now()),
        is_silent=arguments.silent,
        reply_to=arguments.reply_to,
        fallback=arguments.fallback,
        may_split=not arguments.no_split,
        is_approved=is_approved,
        rules=SendingRules(database, settings.fallback),
    )
    async with database.read() as tx:
        written = await deliveries.get(tx, delivery_id)
    if written is None:
        raise LookupError(f"draft {delivery_id} vanished")
    return written


def _time(text: str, settings: Settings, now: datetime) -> datetime | None:
    try:
        return parse_time(text, now=now, zone=zone_of(settings.time_zone)) if text else None
    except BadTime as exc:
        raise BadDraft(_FLAWS[exc.flaw]) from exc


def _files(paths: Sequence[Path]) -> list[File]:
    return [_file(path) for path in paths]


def _file(path: Path) -> File:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadDraft(f"{path} has more than 20 MB")
        data = path.read_bytes()
    except OSError as exc:
        raise BadDraft(f"{path} can't be read: {exc.strerror}") from exc
    mime_type = guess_type(path.name)[0] or "application/octet-stream"
    return File(_kind(mime_type), data, path.name, mime_type)


def _kind(mime_type: str) -> Media:
    if mime_type in _PHOTOS:
        return Media.PHOTO
    return Media.VOICE if mime_type in _VOICES else Media.DOCUMENT
