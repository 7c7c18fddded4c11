"""A provider's API key: given, from a file, or from a command; read again when it is rejected."""

import asyncio
import os
import re
import shlex
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

_KEY = re.compile(r"[\x21-\x7e]{1,4096}")
_MOST_BYTES = 65536
COMMAND_LIMIT_S = 20.0

Read = Callable[[], Awaitable[str]]


class NoKey(Exception):
    """The key can't be read. The text says why, and never what was read."""


class ApiKey:
    """Reads a key when it is first needed, keeps it, and reads it anew on demand."""

    def __init__(self, read: Read, *, can_change: bool) -> None:
        self._read = read
        self._can_change = can_change
        self._value: str | None = None
        self._lock = asyncio.Lock()

    @classmethod
    def given(cls, value: str) -> "ApiKey":
        async def read() -> str:
            return _checked(value)

        return cls(read, can_change=False)

    @classmethod
    def from_file(cls, path: Path) -> "ApiKey":
        async def read() -> str:
            try:
                with path.open(encoding="utf-8") as file:
                    return _checked(file.read(_MOST_BYTES))
            except OSError as exc:
                raise NoKey(f"{path} can't be read: {exc.strerror}") from None
            except UnicodeDecodeError:
                raise NoKey(f"{path} is not text in UTF-8") from None

        return cls(read, can_change=True)

    @classmethod
    def from_command(cls, command: str, *, limit_s: float = COMMAND_LIMIT_S) -> "ApiKey":
        """The key is what the command writes. No shell is involved."""

        async def read() -> str:
            return _checked(await _output_of(command, limit_s))

        return cls(read, can_change=True)

    async def current(self) -> str:
        """Raises `NoKey`."""
        async with self._lock:
            if self._value is None:
                self._value = await self._read()
            return self._value

    async def after(self, rejected: str) -> str | None:
        """Another key than the rejected one, if there is one by now. Raises `NoKey`."""
        async with self._lock:  # the first one of those that it was rejected for reads it again
            if self._can_change and self._value in {None, rejected}:
                self._value = await self._read()
            return self._value if self._value != rejected else None


def _checked(text: str) -> str:
    key = text.strip()
    if not _KEY.fullmatch(key):
        raise NoKey("what is there is no key: expected one line of plain characters")
    return key


async def _output_of(command: str, limit_s: float) -> str:
    process = await _started(command)
    try:
        async with asyncio.timeout(limit_s):
            output, _ = await process.communicate()
    except BaseException as exc:
        # The command may be gone and a child of its own still hold the pipe.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        if isinstance(exc, TimeoutError):
            raise NoKey(f"the command did not end within {limit_s:g} s") from None
        raise
    if process.returncode:
        raise NoKey(f"the command failed with exit code {process.returncode}")
    return output[:_MOST_BYTES].decode("utf-8", errors="replace")


async def _started(command: str) -> asyncio.subprocess.Process:
    """The command in a process group of its own."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    if not words:
        raise NoKey("the command is empty or not well formed")
    try:
        return await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "it holds a zero byte"
        raise NoKey(f"the command can't be started: {reason}") from None
