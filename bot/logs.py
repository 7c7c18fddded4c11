"""Logging: loguru for everything, stdlib loggers included, with secrets struck out."""

import logging
import sys
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from loguru import logger
from typing_extensions import override

from bot.log_file import LogFile, RotatingFile
from bot.log_lines import TEXT, TRACEBACK_ALONE, LogFormat, as_json, as_text, redaction, subjects

if TYPE_CHECKING:
    from loguru import Message

NO_EVENT = "-"


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


class _Sink:
    """Formats, redacts, and hands the finished line on."""

    def __init__(
        self,
        line: Callable[["Message"], str],
        out: Callable[[str], object],
        stop: Callable[[], object] = lambda: None,
    ) -> None:
        self._line = line
        self._out = out
        self.stop = stop
        """Called by loguru where the sink is removed."""

    def write(self, message: "Message") -> None:
        self._out(self._line(message))


def set_up(
    level: str,
    secrets: Sequence[str] = (),
    *,
    form: LogFormat = LogFormat.TEXT,
    file: LogFile | None = None,
) -> None:
    """Log to stderr, and into the file. Raises OSError where that can't be opened.

    `secrets` never reach a line; variables never reach a traceback.
    """
    logger.remove()
    logger.configure(patcher=_name_subject)
    redact, is_json = redaction(secrets), form is LogFormat.JSON

    def line(message: "Message") -> str:
        return as_json(message, redact) if is_json else as_text(message, redact)

    _add(_Sink(line, _to_stderr), level, is_json=is_json)
    if file is not None:
        rotating = RotatingFile(file)
        _add(
            _Sink(line, rotating.write, rotating.close), level, is_json=is_json, has_colours=False
        )
    warnings.filterwarnings(
        "ignore", message="Using async sessions", category=UserWarning, module="telethon.utils"
    )
    logging.basicConfig(handlers=[_Intercept()], level=logging.WARNING, force=True)


def _to_stderr(text: str) -> None:
    sys.stderr.write(text)  # the one of now: whoever redirects it gets the lines


def _add(sink: _Sink, level: str, *, is_json: bool, has_colours: bool | None = None) -> None:
    logger.add(
        sink,
        level=level,
        # A text would get the traceback added to it; a function says all that there is.
        format=(lambda _: TRACEBACK_ALONE) if is_json else TEXT,
        # diagnose would print the values of variables, session keys included.
        diagnose=False,
        backtrace=False,
        colorize=sys.stderr.isatty() if has_colours is None else has_colours,
    )


def _name_subject(record: Any) -> None:  # noqa: ANN401 - loguru's Record exists only in stubs
    extra = record["extra"]
    extra.setdefault("event", NO_EVENT)
    extra["where"] = subjects(extra)
