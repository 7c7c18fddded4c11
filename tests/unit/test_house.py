"""The stack and the fixed top level (C5)."""

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STACK = {"aiogram", "telethon", "aiosqlite", "loguru"}


@pytest.mark.req("C5")
def test_the_stack_and_the_top_level_are_what_the_customer_fixed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = {line.partition(">")[0].partition("[")[0] for line in project["dependencies"]}
    assert named >= STACK
    for name in ("bot", "userbot", "storage", "tests"):
        assert (ROOT / name).is_dir()
    assert (ROOT / ".env.example").is_file()
