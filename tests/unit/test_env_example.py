"""`.env.example` and docs/settings.md name every setting, and nothing else."""

import re
from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings

ROOT = Path(__file__).parents[2]
NAMES = {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize(
    ("file", "pattern"),
    [(".env.example", r"^([A-Z_]+)=.*$"), ("docs/settings.md", r"`([A-Z_]+)`(?=[^|\n]*\|)")],
)
def test_every_setting_is_explained(file: str, pattern: str) -> None:
    text = (ROOT / file).read_text()
    found = set(re.findall(pattern, text, re.MULTILINE)) - {"DEBUG", "INFO", "WARNING", "ERROR"}
    assert found == NAMES


def test_what_stands_in_env_example_are_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    asked: dict[str, Any] = {"bot_token": f"1:{'x' * 35}", "api_id": 1, "api_hash": "0" * 32}
    written = Settings(_env_file=ROOT / ".env.example", **asked)
    assert written == Settings(_env_file=None, **asked)
