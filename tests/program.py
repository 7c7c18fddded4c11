"""`mooring` in a process of its own, forked from one that has imported it already.

Each is a real process with its own directory, environment, streams and signals; only the second
that Python needs to import everything is saved. What tests the start itself runs the command.
"""

import asyncio
import multiprocessing
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import IO, Any

from tests.timing import seconds

PRELOADED = [
    "bot.app",
    "bot.cli.main",
    "bot.cli.transfer",
    "storage.migrate",
    "telethon.tl.alltlobjects",
    "tests.program",
    "uvloop",
]
_LIMIT_S = seconds(60)


def run(
    arguments: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    stdin: bytes = b"",
) -> subprocess.CompletedProcess[bytes]:
    """`mooring …` to its end, as `subprocess.run` would. Raises TimeoutError."""
    with ExitStack() as stack, ThreadPoolExecutor(3) as pool:
        ours, theirs = _pipes(stack, "rww")
        started = _start(arguments, cwd, env, theirs, {})
        for end in theirs:
            end.close()
        into, out, errors = ours
        writing = pool.submit(_write, into, stdin)
        reading = [pool.submit(end.read) for end in (out, errors)]
        try:
            started.join(_LIMIT_S)
            if started.exitcode is None:
                raise TimeoutError(f"mooring {' '.join(arguments)} does not end")
        finally:
            started.kill()
        writing.result()
        said = [each.result() for each in reading]
        return subprocess.CompletedProcess(list(arguments), started.exitcode, *said)


async def start(
    arguments: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    stdout: IO[bytes] | None = None,
    stderr: IO[bytes] | None = None,
    limits: Mapping[int, tuple[int, int]] | None = None,
) -> "Running":
    """Start `mooring …`. `limits` are of its resources, as for `resource.setrlimit`.

    What goes to no file can be read.
    """
    async with AsyncExitStack() as stack:
        ours, theirs = _pipes(stack, "rww")
        ends = [theirs[0], stdout or theirs[1], stderr or theirs[2]]
        started = await asyncio.to_thread(_start, arguments, cwd, env, ends, dict(limits or {}))
        for end in theirs:
            end.close()
        stack.pop_all()
    into, out, errors = ours
    return Running(started, into, await _reader(out), await _reader(errors))


class Running:
    """A process that was started: what tests use of `asyncio.subprocess.Process`."""

    def __init__(
        self,
        process: ForkServerProcess,
        stdin: IO[bytes],
        stdout: asyncio.StreamReader,
        stderr: asyncio.StreamReader,
    ) -> None:
        self._process = process
        self._stdin = stdin
        self.stdout = stdout
        self.stderr = stderr

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        if not self._stdin.closed:
            self._stdin.close()
        await asyncio.to_thread(self._process.join)
        assert self._process.exitcode is not None
        return self._process.exitcode

    async def say(self, said: bytes) -> None:
        """Say this; more may follow."""
        self._stdin.write(said)
        self._stdin.flush()

    async def communicate(self, said: bytes = b"") -> tuple[bytes, bytes]:
        """Say this, and then nothing more; all that it printed, and what went to its errors."""
        if not self._stdin.closed:
            await asyncio.to_thread(_write, self._stdin, said)
        out, errors, _ = await asyncio.gather(self.stdout.read(), self.stderr.read(), self.wait())
        return out, errors


def fork(work: Callable[..., None], *args: object) -> ForkServerProcess:
    """Run a function in a process of its own that has imported all of Mooring."""
    process = _context().Process(target=work, args=args)
    process.start()
    return process


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def _pipes(stack: Any, ways: str) -> tuple[list[IO[bytes]], list[IO[bytes]]]:  # noqa: ANN401 - either kind
    """One for each way that the process uses it; our ends, and its."""
    ours: list[IO[bytes]] = []
    theirs: list[IO[bytes]] = []
    for way in ways:
        read, write = os.pipe()
        reading = stack.enter_context(os.fdopen(read, "rb"))
        writing = stack.enter_context(os.fdopen(write, "wb"))
        ours.append(writing if way == "r" else reading)
        theirs.append(reading if way == "r" else writing)
    return ours, theirs


def _start(
    arguments: Sequence[str],
    cwd: Path,
    env: Mapping[str, str],
    streams: Sequence[IO[bytes]],
    limits: dict[int, tuple[int, int]],
) -> ForkServerProcess:
    def handed_over(stream: IO[bytes]) -> Any:  # noqa: ANN401 - what only the context knows
        return _Handed(stream.fileno())

    context = _context()
    process = context.Process(
        target=_main,
        args=(list(arguments), str(cwd), dict(env), [handed_over(s) for s in streams], limits),
    )
    process.start()
    return process


class _Handed:
    """A descriptor, to be duplicated into the new process when this is pickled."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce__(self) -> tuple[Callable[[Any], int], tuple[Any]]:
        return _taken, (DupFd(self.number),)


def _taken(duplicate: Any) -> int:  # noqa: ANN401 - untyped in multiprocessing
    return int(duplicate.detach())


def _main(
    arguments: list[str],
    cwd: str,
    env: dict[str, str],
    streams: list[int],
    limits: dict[int, tuple[int, int]],
) -> None:
    """In the new process: what the interpreter does before `main()`."""
    import resource  # noqa: PLC0415 - only here

    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - as long as the process
    for what, limit in limits.items():
        resource.setrlimit(what, limit)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    random.seed()
    sys.argv = ["mooring", *arguments]

    from bot.cli.main import main  # noqa: PLC0415 - imported already

    main()


def _write(stream: IO[bytes], data: bytes) -> None:
    try:
        with stream:
            stream.write(data)
    except BrokenPipeError:
        pass  # it ended without reading


async def _reader(stream: IO[bytes]) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), stream)
    return reader
