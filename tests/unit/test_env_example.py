"""`.env.example` and the README's table name every setting, and nothing else."""

import re
from pathlib import Path

import pytest

from bot.settings import Settings

ROOT = Path(__file__).parents[2]
NAMES = {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize(
    ("file", "pattern"),
    [(".env.example", r"^([A-Z_]+)=.*$"), ("README.md", r"`([A-Z_]+)`(?=[^|\n]*\|)")],
)
def test_every_setting_is_explained(file: str, pattern: str) -> None:
    text = (ROOT / file).read_text()
    table = text.partition("## Settings")[2].partition("## Commands")[0] or text
    found = set(re.findall(pattern, table, re.MULTILINE)) - {"DEBUG", "INFO", "WARNING", "ERROR"}
    assert found == NAMES
