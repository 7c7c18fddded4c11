"""The programs in docs/sandbox.md run as they are written, against a sandbox."""

import asyncio
import json
import os
import re
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

from sandbox.sandbox import Sandbox
from tests.timing import limit

ROOT = Path(__file__).parents[2]
MANUAL = ROOT / "docs/sandbox.md"
TOLD = ["Ann is logged in", "Kim is logged in", "Hello, Bea", "second_bot is ready", "/start"]
EACH = """
import json, sys
for number, program in enumerate(json.load(sys.stdin), 1):
    exec(compile(program, f"example {number}", "exec"), {"__name__": "__main__"})
"""
"""All in one process: the libraries take much longer to import than the programs to run."""


async def test_the_programs_in_the_manual_run_as_they_are_written(tmp_path: Path) -> None:
    programs = re.findall(r"<!-- run -->\n```python\n(.*?)```", MANUAL.read_text(), re.DOTALL)
    assert len(programs) == len(TOLD)
    async with Sandbox() as sandbox, asyncio.timeout(limit(60)):
        (tmp_path / "sandbox.json").write_text(json.dumps(sandbox.addresses()))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", EACH),
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=PIPE,
            stdout=PIPE,
            stderr=STDOUT,
        )
        said, _ = await process.communicate(json.dumps(programs).encode())
    assert process.returncode == 0, said.decode()
    lines = said.decode().splitlines()
    assert [line for line in lines if line in TOLD] == TOLD, said.decode()
