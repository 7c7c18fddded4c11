"""Every error class that Telethon ships, and how to make one."""

import asyncio
import inspect
from types import ModuleType

from telethon import errors as tl
from telethon.errors import common, rpcbaseerrors, rpcerrorlist
from telethon.tl import functions

REQUEST = functions.help.GetConfigRequest()
SECONDS = 98765
SECRET = "203.0.113.7"
"""Stands for what an error may quote: an address, a number, a key, a name."""

SPECIAL: dict[type[BaseException], tuple[object, ...]] = {
    tl.BadMessageError: (REQUEST, SECONDS),
    tl.MultiError: ([ValueError(SECRET)] * 2, [None] * 2, [REQUEST] * 2),
    tl.TypeNotFoundError: (SECONDS, SECRET.encode()),
    tl.InvalidBufferError: (SECRET.encode(),),
    tl.InvalidChecksumError: (SECONDS, SECONDS),
    asyncio.IncompleteReadError: (SECRET.encode(), SECONDS),
}


def made(kind: type[BaseException]) -> BaseException:
    """An instance as its library makes it, with something in it that nobody must see."""
    if kind in SPECIAL:
        return kind(*SPECIAL[kind])
    if not kind.__module__.startswith("telethon"):
        return kind(SECRET)
    parameters = inspect.signature(kind.__init__).parameters
    if "capture" in parameters:
        return kind(REQUEST, capture=SECONDS)  # type: ignore[call-arg]  # Telethon is untyped
    if "request" not in parameters:
        return kind()
    return kind(REQUEST, SECRET, 400) if "message" in parameters else kind(REQUEST)


def classes_of(*modules: ModuleType) -> list[type[Exception]]:
    found = {
        kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Exception)
    }
    return sorted(found, key=lambda kind: (kind.__name__, kind.__module__))


SHIPPED = classes_of(tl, common, rpcbaseerrors, rpcerrorlist)
BASES = set(classes_of(rpcbaseerrors))
NAMES: dict[str, type[Exception]] = rpcerrorlist.rpc_errors_dict | dict(rpcerrorlist.rpc_errors_re)
"""Telegram's own name of each, or the pattern of it."""
