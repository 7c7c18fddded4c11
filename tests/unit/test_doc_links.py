"""Every relative link of the documents leads to a file, and every anchor to a heading of it."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")])

_FENCED = re.compile(r"^ *(```|~~~).*?^ *\1[^\n]*$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)


def broken_links(document: Path) -> Iterator[str]:
    """What leads nowhere. Addresses on the internet are not asked."""
    for markdown, html in _LINK.findall(_prose(document, without_code=True)):
        link = markdown or html
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if not target.exists():
            yield f"{link}: there is no such file"
        elif anchor and (target.suffix != ".md" or anchor not in anchors(target)):
            yield f"{link}: there is no such heading"


@cache
def anchors(document: Path) -> frozenset[str]:
    """What GitHub calls a document's headings; a repeated one is counted."""
    found: set[str] = set()
    for heading in _HEADING.findall(_prose(document)):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", words.replace("*", "")).replace(" ", "-")
        again = 0
        while (numbered := f"{name}-{again}" if again else name) in found:
            again += 1
        found.add(numbered)
    return frozenset(found)


def _prose(document: Path, *, without_code: bool = False) -> str:
    text = _FENCED.sub("", document.read_text())
    return re.sub(r"`[^`\n]*`", "", text) if without_code else text


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    assert list(broken_links(document)) == []


def test_what_leads_nowhere_is_named(tmp_path: Path) -> None:
    document, other = tmp_path / "a.md", tmp_path / "b.md"
    document.write_text(
        "# A `code` & more\n\n[up](#a-code--more) [b](b.md#twice-1) <img src='no'>\n"
        '[gone](c.md) [no](b.md#thrice) [away](https://example.org#x) <img src="no.png">\n'
        "```\n[in a program](d.md)\n# no heading\n```\n`[code](e.md)` [no](#no-heading)\n"
    )
    other.write_text("# Twice\n\n## Twice\n")
    assert list(broken_links(document)) == [
        "c.md: there is no such file",
        "b.md#thrice: there is no such heading",
        "no.png: there is no such file",
        "#no-heading: there is no such heading",
    ]
