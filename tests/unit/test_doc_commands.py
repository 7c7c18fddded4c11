"""Every `mooring …` of the documents is a command with options that there are."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli.main import _parser

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])

_BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(mooring (?!hard )[a-z][^`\n]*)`")  # not of /etc/security/limits.conf
_PLACES = {"PHONE": "+442079460000", "NUMBER": "1", "N": "1", "SECONDS": "1"}


def commands(text: str) -> Iterator[str]:
    """What is called as `mooring`, or named so in the prose; not where it is a pattern."""
    for block in _BLOCK.findall(text):
        yield from re.findall(r"(?:^|&& ) *(mooring .*)$", block, re.MULTILINE)
    for said in _INLINE.findall(text):
        if not re.search(r"[…\[|]", said):
            yield said


def words(command: str) -> list[str]:
    """Its arguments, without a comment and what the shell does with it."""
    found = [_PLACES.get(word, word) for word in shlex.split(command, comments=True)[1:]]
    ends = [n for n, word in enumerate(found) if re.match(r"[<>|&;]", word)]
    return found[: min(ends, default=len(found))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_can_be_given(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = []
    for command in commands(document.read_text()):
        try:
            _parser().parse_args(words(command))
        except SystemExit:
            why = capsys.readouterr().err.splitlines()[-1:]
            if why and not re.search(r"required|expected one argument", why[0]):  # only named
                wrong.append(f"{command}: {why[0]}")
    assert wrong == []


def test_what_can_not_be_given_is_found() -> None:
    text = "`mooring status --all`\n```sh\nmooring send --to @a --text - < b  # a\n```\n"
    given = [words(command) for command in commands(text)]
    assert given == [["send", "--to", "@a", "--text", "-"], ["status", "--all"]]
