"""Every view as operators see it, in text files beside this one: what a change does shows in review.

A file holds one module of `bot/views`: for each case the text as it is sent, and the keyboard, row by
row, as `[label → callback data]`. The cases stand in `tests/unit/shown`; a view without a case fails.
After a change that is meant: `make snapshots`, and read the difference.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation
from typing_extensions import override

from bot import views
from bot.views.view import View
from tests.unit.shown import accounts, alerts, crew, enrolling, finding, fleet, messages, proxies

CASES = [
    *accounts.CASES,
    *alerts.CASES,
    *crew.CASES,
    *enrolling.CASES,
    *finding.CASES,
    *fleet.CASES,
    *messages.CASES,
    *proxies.CASES,
]


class TextFile(SingleFileSnapshotExtension):
    """Directly in `snapshots`."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"

    @classmethod
    @override
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(Path(test_location.filepath).parent / "snapshots")

    @classmethod
    @override
    def matches_test_location(
        cls, *, test_location: PyTestLocation, snapshot_location: str
    ) -> bool:
        return Path(snapshot_location).parent == Path(cls.dirname(test_location=test_location))


def public_views() -> Iterator[Callable[..., View]]:
    """Whatever of `bot.views` makes a whole message."""
    for found in pkgutil.walk_packages(views.__path__, "bot.views."):
        module = importlib.import_module(found.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            is_own = function.__module__ == found.name and not name.startswith("_")
            if is_own and inspect.signature(function).return_annotation is View:
                yield function


def test_every_view_has_a_snapshot() -> None:
    shown = {case.view for case in CASES}
    missing = [f"{v.__module__}.{v.__name__}" for v in public_views() if v not in shown]
    assert missing == [], "give each a case in tests/unit/shown"


@pytest.mark.parametrize("module", sorted({case.module for case in CASES}))
def test_reads_so(module: str, snapshot: SnapshotAssertion) -> None:
    shown = "\n\n".join(str(case) for case in CASES if case.module == module) + "\n"
    assert shown == snapshot(extension_class=TextFile)
