"""The parameters of one request, wherever the caller put them.

Telegram reads them from the query string, a form, a multipart form and a JSON body alike
(core.telegram.org/bots/api#making-requests). All but the JSON body carry strings, in which objects
and arrays are JSON; so everything is kept as a string and read by type.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, web

from sandbox.botapi.errors import Refusal, bad_request

_TRUE = {"true", "yes", "1"}
_NOT_UTF8 = "strings must be encoded in UTF-8"
_INT64 = range(-(2**63), 2**63)
_DIGITS = re.compile("-?[0-9]{1,19}")
_ATTACHED = "attach://"
_PIECE_BYTES = 64 << 10
_MAX_FORM_BYTES = 50 << 20
"""Of all files in a request together (core.telegram.org/bots/api#sending-files)."""
_MAX_PARTS = 1000
"""Of a multipart form: far more than any method has parameters and files."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a multipart form."""

    name: str
    data: bytes = field(repr=False)


class Parameters:
    """Typed access to the named strings and files of one request."""

    def __init__(self, values: dict[str, str], files: Mapping[str, Upload] | None = None) -> None:
        self._values = values
        self._files = files or {}

    @classmethod
    async def read(cls, request: web.Request) -> "Parameters":
        """Collect them; a body wins over the query string."""
        try:
            values, files = await _from_body(request)
            return cls(dict(request.query) | values, files)
        except UnicodeError:
            raise bad_request(_NOT_UTF8) from None
        except web.HTTPRequestEntityTooLarge:
            raise Refusal(413, "Request Entity Too Large") from None
        except (
            LookupError,
            ValueError,
            RecursionError,
            web.RequestPayloadError,
            web.HTTPException,
        ):
            # A multipart form without its end, a body that is not compressed as it says.
            raise bad_request("can't parse the request's body") from None

    def text(self, name: str) -> str:
        """The string; empty where there is none."""
        return self._values.get(name, "")

    def file(self, name: str) -> Upload | str | None:
        """An upload, in the part of that name or where `attach://` says; else a file_id."""
        text = self.text(name)
        if text.startswith(_ATTACHED):
            return self._files.get(text.removeprefix(_ATTACHED))
        return self._files.get(name) or text or None

    def inside(self, values: dict[str, object]) -> "Parameters":
        """The fields of an object in one of the parameters, which may name the same files."""
        return Parameters(_as_texts(values), self._files)

    def has(self, name: str) -> bool:
        return bool(self.text(name))

    def is_given(self, name: str) -> bool:
        """Whether it is there, be it empty."""
        return name in self._values

    def flag(self, name: str) -> bool:
        """`true`, `yes` and `1` are true, everything else is false, as at Telegram."""
        return self.text(name).strip().lower() in _TRUE

    def number(self, name: str, default: int = 0) -> int:
        """A 64-bit number; `default` where there is none or it can't be read, as at Telegram."""
        value = integer(self.text(name).strip())
        return default if value is None else value

    def parsed(self, name: str, refusal: str) -> object:
        """The JSON value in that parameter, None where there is none; `refusal` if malformed."""
        text = self.text(name)
        if not text:
            return None
        try:
            decoded: object = json.loads(text)
            # An escaped half of a surrogate pair is no text.
            json.dumps(decoded, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise bad_request(_NOT_UTF8) from None
        except (ValueError, RecursionError):
            raise bad_request(refusal) from None
        return decoded


def integer(value: object) -> int | None:
    """A 64-bit number, be it written as a string; None where it is none."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if value in _INT64 else None


async def _from_body(request: web.Request) -> tuple[dict[str, str], dict[str, Upload]]:
    files: dict[str, Upload] = {}
    match request.content_type:
        case "application/json":
            values = _from_json((await request.read()).decode())
        case "multipart/form-data":
            values, files = await _from_form(request)
        case "application/x-www-form-urlencoded":
            values = {name: str(value) for name, value in (await request.post()).items()}
        case _:
            await request.read()
            values = {}
    for value in values.values():
        value.encode()  # half of a surrogate pair is no text
    return values, files


async def _from_form(request: web.Request) -> tuple[dict[str, str], dict[str, Upload]]:
    """A part with a file name is a file, every other one a string."""
    values, files, left, count = {}, {}, _MAX_FORM_BYTES, 0
    async for part in await request.multipart():
        count += 1
        if count > _MAX_PARTS:
            raise Refusal(413, "Request Entity Too Large")
        if not isinstance(part, BodyPartReader) or not part.name:
            continue
        data = bytearray()
        while piece := await part.read_chunk(_PIECE_BYTES):
            data += piece
            left -= len(piece)
            if left < 0:
                raise Refusal(413, "Request Entity Too Large")
        if part.filename is None:
            values[part.name] = data.decode()
        else:
            part.filename.encode()  # bytes that are no UTF-8 come as halves of surrogate pairs
            files[part.name] = Upload(part.filename, bytes(data))
    return values, files


def _from_json(body: str) -> dict[str, str]:
    try:
        decoded = json.loads(body or "{}")
    except (ValueError, RecursionError):
        decoded = None
    if not isinstance(decoded, dict):
        raise bad_request("can't parse JSON object")
    return _as_texts(decoded)


def _as_texts(values: dict[str, object]) -> dict[str, str]:
    return {name: _as_text(value) for name, value in values.items() if value is not None}


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
