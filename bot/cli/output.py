"""What a command was asked to print: a text, or one JSON document; nothing else on that stream."""

import json
import os
import sys


def show(text: str) -> None:
    """Print it to standard output, to its end or until whoever reads has seen enough."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:  # nothing may be flushed at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def show_json(document: object) -> None:
    """Print one document, with a line end; what `--json` prints is always that."""
    show(json.dumps(document, indent=2) + "\n")
