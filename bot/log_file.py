"""The log file: it turns over at a size, and so many older ones are kept."""

import io
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from logging import LogRecord, makeLogRecord
from logging.handlers import RotatingFileHandler
from pathlib import Path

from typing_extensions import override

_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT


@dataclass(frozen=True, slots=True)
class LogFile:
    """Where it is. Only one process may write there: two would turn it over under each other."""

    path: Path
    size_bytes: int
    keep: int
    """So many full ones: `mooring.log.1` is the latest."""


class RotatingFile(RotatingFileHandler):
    """Takes finished lines. Not loguru's own: that one lets nobody redact a finished line.

    Raises OSError where it can't be opened. What can't be written later, on a full disk, is said
    once on stderr; the line itself is there too.
    """

    def __init__(self, file: LogFile) -> None:
        self._is_told = False
        file.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        super().__init__(
            file.path, maxBytes=file.size_bytes, backupCount=file.keep, encoding="utf-8"
        )

    def write(self, line: str) -> None:
        """One line, with its end."""
        self.handle(makeLogRecord({"msg": line.removesuffix("\n")}))

    @override
    def _open(self) -> io.TextIOWrapper:
        path = Path(self.baseFilename)
        return os.fdopen(os.open(path, _FLAGS, 0o600), "a", encoding=self.encoding)

    @override
    def handleError(self, record: LogRecord) -> None:
        if not self._is_told:
            self._is_told = True
            sys.stderr.write(f"{self.baseFilename} can't be written: {sys.exc_info()[1]}\n")

    @override
    def close(self) -> None:
        with suppress(OSError):  # what could not be written can't be flushed either
            super().close()
