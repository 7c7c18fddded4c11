"""The child: reads what to draw as JSON, writes a PNG. It shares nothing with its parent."""

import os
import sys

from bot.charts.drawing import png
from bot.charts.picture import from_json

NICE = 10
"""The lines of the accounts go first."""


def main() -> None:
    if hasattr(os, "nice"):
        os.nice(NICE)
    sys.stdout.buffer.write(png(from_json(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
