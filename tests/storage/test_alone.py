"""Whoever wants the data alone gets them alone, on either database."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.alone import alone, alone_or_beside
from bot.settings import Settings
from storage.errors import AlreadyRunning


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings.model_validate(
        {
            "bot_token": "123456:" + "a" * 30,
            "api_id": 1,
            "api_hash": "0" * 32,
            "admin_ids": [1],
            "data_dir": tmp_path / "data",
            "database_url": database_url,
        }
    )


def elsewhere(settings: Settings, tmp_path: Path) -> Settings:
    """The same database, from another data directory."""
    return settings.model_copy(
        update={
            "data_dir": tmp_path / "other",
            "database_url": SecretStr(settings.database),
        }
    )


async def test_one_holder_at_a_time_even_from_another_data_directory(
    settings: Settings, tmp_path: Path
) -> None:
    other = elsewhere(settings, tmp_path)
    async with alone(settings):
        with pytest.raises(AlreadyRunning):
            async with alone(other):
                pytest.fail("two processes would run the same accounts")
        async with alone_or_beside(other) as is_alone:
            assert not is_alone


async def test_who_is_alone_is_told_so(settings: Settings) -> None:
    async with alone_or_beside(settings) as is_alone:
        assert is_alone
