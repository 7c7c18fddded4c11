import pytest

from tests.storage.fleet import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()
