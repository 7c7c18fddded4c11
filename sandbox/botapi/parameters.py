"""The parameters of one request, wherever the caller put them.

Telegram reads them from the query string, a form, a multipart form and a JSON body alike
(core.telegram.org/bots/api#making-requests). All but the JSON body carry strings, in which objects
and arrays are JSON; so everything is kept as a string and read by type.
"""

import json

from aiohttp import BodyPartReader, web

from sandbox.botapi.errors import Refusal, bad_request

_TRUE = {"true", "yes", "1"}
_NOT_UTF8 = "strings must be encoded in UTF-8"
_INT64 = range(-(2**63), 2**63)


class Parameters:
    """Typed access to the named strings of one request."""

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values

    @classmethod
    async def read(cls, request: web.Request) -> "Parameters":
        """Collect them; a body wins over the query string."""
        try:
            return cls(dict(request.query) | await _from_body(request))
        except UnicodeError:
            raise bad_request(_NOT_UTF8) from None
        except web.HTTPRequestEntityTooLarge:
            raise Refusal(413, "Request Entity Too Large") from None

    def text(self, name: str) -> str:
        """The string; empty where there is none."""
        return self._values.get(name, "")

    def has(self, name: str) -> bool:
        return bool(self.text(name))

    def flag(self, name: str) -> bool:
        """`true`, `yes` and `1` are true, everything else is false, as at Telegram."""
        return self.text(name).strip().lower() in _TRUE

    def number(self, name: str, default: int = 0) -> int:
        """A 64-bit number; `default` where there is none or it can't be read, as at Telegram."""
        text = self.text(name).strip()
        try:
            value = int(text) if text.lstrip("-").isdecimal() else default
        except ValueError:
            return default
        return value if value in _INT64 else default

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


async def _from_body(request: web.Request) -> dict[str, str]:
    match request.content_type:
        case "application/json":
            values = _from_json(await request.text())
        case "multipart/form-data":
            values = {}
            async for part in await request.multipart():
                if isinstance(part, BodyPartReader) and part.name:
                    values[part.name] = (await part.read()).decode()
        case "application/x-www-form-urlencoded":
            values = {name: str(value) for name, value in (await request.post()).items()}
        case _:
            values = {}
    for value in values.values():
        value.encode()  # half of a surrogate pair is no text
    return values


def _from_json(body: str) -> dict[str, str]:
    try:
        decoded = json.loads(body or "{}")
    except (ValueError, RecursionError):
        decoded = None
    if not isinstance(decoded, dict):
        raise bad_request("can't parse JSON object")
    return {name: _as_text(value) for name, value in decoded.items() if value is not None}


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
