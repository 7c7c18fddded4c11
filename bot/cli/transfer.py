"""Carries out `mooring account import` and `export`."""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from bot.cli import asking, proxy_lines
from bot.cli.asking import NotAnswered
from bot.cli.common import FAILED, OK, opened, say
from bot.cli.existing import stored
from bot.cli.sources import open_source
from bot.cli.takeover import SIZES
from bot.settings import Settings
from storage.accounts import Identity
from storage.proxies import Endpoint
from userbot.exporting import ExportRefused, check, export
from userbot.foreign import BadSession, ForeignSession, ImportRefused
from userbot.importing import read, take_over
from userbot.proxies import BadProxyLine
from userbot.targets import BadPhone, parse_phone
from userbot.telegram import identity


async def import_(settings: Settings, arguments: argparse.Namespace) -> int:
    try:
        endpoint = _proxy(arguments)
        phone = parse_phone(arguments.phone) if arguments.phone else None
        made = read(open_source(arguments.source), asking.passphrase)
        phone = _phone(made, phone)
        presented = _identity(made, settings, arguments)
        return await _store(settings, arguments, made, phone, presented, endpoint)
    except (BadPhone, BadProxyLine, ImportRefused, NotAnswered) as exc:
        say(f"Not imported: {exc}.")
        return FAILED


def _proxy(arguments: argparse.Namespace) -> Endpoint | None:
    """The one that is named; None: one of the list. Raises `BadSession`, `BadProxyLine`."""
    source: str | None = arguments.proxy
    if not source:
        return None
    if source == arguments.source == proxy_lines.STDIN:
        raise BadSession("standard input can't be the session and the proxy: use a file for one")
    try:
        return proxy_lines.the_one(source)
    except proxy_lines.NotOne as exc:
        raise BadSession(f"--proxy {exc}") from None


async def _store(
    settings: Settings,
    arguments: argparse.Namespace,
    made: ForeignSession,
    phone: str,
    presented: Identity,
    endpoint: Endpoint | None,
) -> int:
    is_only_copy = arguments.nothing_else_uses_it
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with opened(settings) as database:
        imported = await take_over(
            database,
            made,
            phone=phone,
            identity=presented,
            endpoint=endpoint,
            is_only_copy=is_only_copy,
            fewer_than=settings.fewer_than,
            without_proxy=arguments.without_proxy,
        )
    state = "starts now, or with the next run" if is_only_copy else "is stopped"
    way = f"behind {imported.proxy_name}" if imported.proxy_name else "without a proxy"
    say(f"Imported as #{imported.number} {way}; it {state}.")
    say(_presented(presented, is_told=made.identity is not None or bool(_given(arguments))))
    return OK


def _phone(made: ForeignSession, given: str | None) -> str:
    """The account's number: an export knows it, for anything else it must be given."""
    if made.phone and given and made.phone != given:
        raise BadSession("this export is of another number than --phone")
    phone = made.phone or given
    if phone is None:
        raise BadSession("--phone is missing: this session does not know its number")
    return phone


def _given(arguments: argparse.Namespace) -> dict[str, Any]:
    """The identity options that were used."""
    named = {name: getattr(arguments, name) for name in ("api_id", *SIZES)}
    return {name: value for name, value in named.items() if value is not None}


def _identity(made: ForeignSession, settings: Settings, arguments: argparse.Namespace) -> Identity:
    """What the account presents itself with, from now on. Raises `BadSession`, `NotAnswered`."""
    given = _given(arguments)
    if made.identity is not None:
        if given:
            raise BadSession("this export knows its API id and device; leave those options out")
        return made.identity
    for name, limit in SIZES.items():
        value = given.get(name, "-")
        if not value.strip() or len(value) > limit or not value.isprintable():
            raise BadSession(f"--{name.replace('_', '-')} has to have 1 to {limit} characters")
    ours = identity(settings.api_id, settings.api_hash.get_secret_value())
    return replace(ours, **given, api_hash=_api_hash(ours, given.get("api_id", ours.api_id)))


def _api_hash(ours: Identity, api_id: int) -> str:
    if not 0 < api_id < 2**31:
        raise BadSession(f"--api-id {api_id} is no API id")
    return ours.api_hash if api_id == ours.api_id else asking.api_hash(api_id)


def _presented(shown: Identity, *, is_told: bool) -> str:
    line = (
        f"It presents itself as api_id {shown.api_id}, {shown.device_model}, "
        f"{shown.system_version}, {shown.app_version}, "
        f"{shown.lang_code}/{shown.system_lang_code}."
    )
    if not is_told:
        line += (
            " If another program made the session, that program's --api-id and device should be "
            "given."
        )
    return line


async def export_(settings: Settings, arguments: argparse.Namespace) -> int:
    number, out = arguments.number, arguments.out
    try:
        async with stored(settings) as database:
            await check(database, number)
            passphrase = asking.new_passphrase()
            if out == "-":
                sys.stdout.write(await export(database, number, passphrase))
            else:
                with _NewFile(Path(out)) as file:
                    file.write(await export(database, number, passphrase))
    except (ExportRefused, NotAnswered) as exc:
        say(f"Not exported: {exc}.")
        return FAILED
    say(
        f"Exported #{number}. It stays stopped: it must not be started here while the exported "
        "session is used elsewhere, two live copies kill it for good."
    )
    return OK


class _NewFile:
    """A file that is ours alone (0600), made now: it is on disk whole, or there is none."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            self._file = os.fdopen(os.open(self._path, flags, 0o600), "w")
        except FileExistsError:
            raise ExportRefused(f"{self._path} is there already") from None
        except OSError as exc:
            raise ExportRefused(f"{self._path} can't be made: {exc.strerror}") from None
        return self

    def write(self, text: str) -> None:
        self._file.write(text)
        self._file.flush()
        os.fsync(self._file.fileno())

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._file.close()
        if kind is not None:
            self._path.unlink()
