"""What a command asks for. Secrets come from the environment, or are typed where nobody sees them.

Not as arguments: those stand in the shell's history and in every list of processes. Where one is
taken all the same, a warning says so.
"""

import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getpass

from bot.cli.common import say

PASSPHRASE = "MOORING_PASSPHRASE"  # noqa: S105 - the name of a variable
API_HASH = "MOORING_IMPORT_API_HASH"
MIN_LENGTH = 12


class NotAnswered(ValueError):
    """A secret is missing or can't be right; the text says what to do."""


def warn_of_argument(what: str) -> None:
    """Say that a secret was given as an argument, and how it is given instead."""
    say(
        f"Warning: {what} stands in the shell's history now, and others on this machine could "
        "read it in the list of processes. Give it by a file, or by - (standard input)."
    )


def passphrase() -> str:
    """The passphrase that opens an export. Raises `NotAnswered`."""
    return _secret(PASSPHRASE, "Passphrase of the export: ")


def new_passphrase() -> str:
    """A passphrase for an export, typed twice. Raises `NotAnswered`."""
    chosen = _secret(PASSPHRASE, f"Passphrase, at least {MIN_LENGTH} characters: ")
    if len(chosen) < MIN_LENGTH:
        raise NotAnswered(f"the passphrase has to have at least {MIN_LENGTH} characters")
    if PASSPHRASE not in os.environ and _typed("The same again: ") != chosen:
        raise NotAnswered("these were two different passphrases")
    return chosen


def api_hash(api_id: int) -> str:
    """The API hash that belongs to an API id. Raises `NotAnswered`."""
    given = _secret(API_HASH, f"API hash of {api_id}: ").strip()
    if not re.fullmatch(r"[0-9a-fA-F]{32}", given):
        raise NotAnswered(f"an API hash has 32 hexadecimal digits ({API_HASH})")
    return given


def answer(prompt: str, *, is_secret: bool = False) -> str:
    """What somebody answers, without the spaces round it: typed, or the next line of a script.

    Raises `NotAnswered` where nobody does.
    """
    if is_secret and sys.stdin.isatty():
        return _typed(prompt).strip()
    sys.stderr.write(prompt)
    sys.stderr.flush()
    with _interruptible():
        try:
            line = sys.stdin.readline()
        except KeyboardInterrupt:
            raise NotAnswered("it was cancelled") from None
    if not sys.stdin.isatty():
        sys.stderr.write("\n")
    if not line:
        raise NotAnswered("standard input ended before everything was answered")
    return line.strip()


def _secret(name: str, prompt: str) -> str:
    if given := os.environ.get(name):
        return given
    if not sys.stdin.isatty():
        raise NotAnswered(f"set {name}, or run this in a terminal to be asked")
    return _typed(prompt)


def _typed(prompt: str) -> str:
    with _interruptible():
        try:
            return getpass(prompt)
        except (EOFError, KeyboardInterrupt):
            raise NotAnswered("it was cancelled") from None


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C end the question at once; the loop's own handler would wait for its turn."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
