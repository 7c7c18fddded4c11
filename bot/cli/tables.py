"""Tables on a terminal."""

from collections.abc import Sequence


def aligned(table: Sequence[Sequence[str]]) -> str:
    """Lines of cells in columns. A cell may hold what somebody calls himself: it moves nothing."""
    lines = [[printable(cell) or "-" for cell in line] for line in table]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "".join(
        "  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() + "\n"
        for line in lines
    )


def printable(text: str) -> str:
    """The text without what would move a terminal's cursor."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
