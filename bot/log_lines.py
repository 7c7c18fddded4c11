"""What a line of the log looks like, as text and as JSON, and how secrets are struck out of it."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from loguru import Message

Redact = Callable[[str], str]

TEXT = (
    "<green>{time:YYYY-MM-DD HH:mm:ss.SSS}</green> <level>{level: <7}</level> "
    "<dim>{extra[event]}</dim> {extra[where]}<level>{message}</level>"
)
TRACEBACK_ALONE = "{exception}"
_SUBJECTS = {"account": "#{} ", "delivery": "delivery {} "}


class LogFormat(StrEnum):
    """How lines are written."""

    TEXT = "text"
    JSON = "json"


def redaction(secrets: Iterable[str]) -> Redact:
    """Replaces each of the secrets, in every form in which a line can hold it, by `***`."""
    forms = {form for secret in secrets if secret for form in _forms(secret)}
    if not forms:
        return str
    # The longest first: of two that begin alike the shorter one must not leave a tail.
    longest_first = sorted(forms, key=len, reverse=True)
    found = re.compile("|".join(map(re.escape, longest_first)))
    return lambda text: found.sub("***", text)


def _forms(secret: str) -> Iterable[str]:
    """Plain, in an address, and as Python and JSON quote it."""
    yield secret
    yield quote(secret, safe="")
    yield quote(secret)
    yield repr(secret)[1:-1]
    yield json.dumps(secret)[1:-1]


def subjects(fields: Mapping[str, Any]) -> str:
    """Which account and delivery a line is about, for the text form."""
    return "".join(
        words.format(fields[name]) for name, words in _SUBJECTS.items() if name in fields
    )


def as_text(message: "Message", redact: Redact) -> str:
    """The finished line, traceback and all: an error's text can hold a token too."""
    return redact(str(message))


def as_json(message: "Message", redact: Redact) -> str:
    """One object to a line. `str(message)` is the traceback alone, see `TRACEBACK_ALONE`.

    Redacted before it is quoted: a secret never hides behind an escape, and nothing that is
    struck out breaks the JSON.
    """
    record = message.record
    fields = {name: value for name, value in record["extra"].items() if name != "where"}
    line: dict[str, Any] = {
        "at": record["time"].astimezone(UTC).isoformat(timespec="milliseconds"),
        "level": record["level"].name,
        "event": fields.pop("event"),
        **{name: _value(value, redact) for name, value in fields.items()},
        "message": redact(record["message"]),
        "module": record["name"],
    }
    if traceback := str(message).strip():
        line["exception"] = redact(traceback)
    return json.dumps(line, ensure_ascii=False) + "\n"


def _value(value: object, redact: Redact) -> object:
    return value if value is None or isinstance(value, int | float) else redact(str(value))
