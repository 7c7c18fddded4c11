"""Nothing here talks to Telegram."""

import pytest

from bot.texts import Texts


@pytest.fixture(scope="session")
def t() -> Texts:
    return Texts()
