"""Settings of the log."""

from typing import Annotated

from pydantic import AfterValidator, ByteSize, Field
from pydantic_settings import BaseSettings

from bot.log_file import LogFile
from bot.log_lines import LogFormat
from bot.setting_values import OptionalPath

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_SMALLEST = 10_000


def _level(value: str) -> str:
    if (level := value.upper()) not in LEVELS:
        raise ValueError(f"expected {', '.join(LEVELS[:-1])} or {LEVELS[-1]}")
    return level


def _not_tiny(size: ByteSize) -> ByteSize:
    if size < _SMALLEST:
        raise ValueError(f"expected {_SMALLEST // 1000}KB at least, as in 20MB")
    return size


class LogSettings(BaseSettings):
    """The part of the settings that concerns the log."""

    log_level: Annotated[str, AfterValidator(_level)] = "INFO"
    log_format: LogFormat = LogFormat.TEXT
    # None: stderr alone, which gets every line anyway.
    log_file: OptionalPath = None
    log_file_size: Annotated[ByteSize, AfterValidator(_not_tiny)] = ByteSize(20_000_000)
    log_files_keep: Annotated[int, Field(ge=1, le=1000)] = 10

    @property
    def log_to(self) -> LogFile | None:
        """The log file, where one is wanted."""
        if self.log_file is None:
            return None
        return LogFile(self.log_file, int(self.log_file_size), self.log_files_keep)


def log_file_of_worker(settings: LogSettings, number: int) -> str:
    """LOG_FILE of the worker with this number: only one process may write to a file."""
    file = settings.log_file
    return "" if file is None else str(file.with_stem(f"{file.stem}-worker-{number}"))
