"""Logging: loguru for everything, stdlib loggers included, with secrets struck out."""

import logging
import sys
import warnings
from collections.abc import Sequence
from typing import Any

from loguru import logger
from typing_extensions import override

_FORMAT = (
    "<green>{time:YYYY-MM-DD HH:mm:ss.SSS}</green> <level>{level: <7}</level> "
    "{extra[where]}<level>{message}</level>"
)


class _Intercept(logging.Handler):
    """Sends what Telethon, aiogram and aiohttp log through loguru."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        library = record.name.partition(".")[0]
        try:
            level: str | int = logger.level(record.levelname).name
        except ValueError:
            level = record.levelno
        if library == "telethon":
            level = "DEBUG"  # it calls every drop an error; what one means the supervisor says
        bound = logger.bind(event=f"library.{library}")
        bound.opt(exception=record.exc_info).log(level, "{}", record.getMessage())


def set_up(level: str, secrets: Sequence[str] = ()) -> None:
    """Log to stderr. `secrets` never reach a line; variables never reach a traceback."""
    logger.remove()

    def patch(record: Any) -> None:  # noqa: ANN401 - loguru's Record exists only in stubs
        account = record["extra"].get("account")
        record["extra"]["where"] = f"#{account} " if account is not None else ""

    def write(line: str) -> None:
        # The finished line, traceback and all: an error's text can hold a token too.
        for secret in secrets:
            line = line.replace(secret, "***")
        sys.stderr.write(line)

    colours = sys.stderr.isatty()
    logger.configure(patcher=patch)
    # diagnose would print the values of variables, session keys included.
    logger.add(
        write, level=level, format=_FORMAT, diagnose=False, backtrace=False, colorize=colours
    )
    warnings.filterwarnings(
        "ignore", message="Using async sessions", category=UserWarning, module="telethon.utils"
    )
    logging.basicConfig(handlers=[_Intercept()], level=logging.WARNING, force=True)
