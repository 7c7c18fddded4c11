"""What `make audit` makes of what its tools report."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


WELL = {"name": "well", "version": "1.0", "vulns": []}
SICK = {"name": "sick", "version": "1.0", "vulns": [{"id": "CVE-1", "fix_versions": ["1.1"]}]}
SKIPPED = {"name": "skipped", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("reported", "code", "words"),
    [
        ([WELL], 0, "1 of 1 packages checked"),
        ([WELL, SICK], 1, "sick 1.0: CVE-1; mended in: 1.1"),
        ([WELL, SKIPPED], 2, "NOT CHECKED, the service does not know: skipped"),
        ([SKIPPED, SICK], 1, "1 of 2 packages checked"),
        ([], 2, "0 of 0 packages checked"),
    ],
)
def test_what_was_not_checked_never_counts_as_well(
    audit: ModuleType,
    reported: list[dict[str, object]],
    code: int,
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert audit.judge(reported) == code
    assert words in capsys.readouterr().out


@pytest.mark.parametrize(
    ("licence", "is_allowed"),
    [
        ("MIT", True),
        ("Apache-2.0 OR BSD-3-Clause", True),
        ("GPL-3.0-only OR MIT", True),
        ("Apache-2.0 AND MIT", True),
        ("MIT AND GPL-3.0-only", False),
        ("MIT AND (GPL-3.0-only OR MIT)", True),
        ("Apache Software License; MIT License", True),
        ("Apache Software License; GPL", False),
        ("CC0 1.0 Universal (CC0 1.0) Public Domain Dedication", True),
        ("LGPL-3.0-only", False),
        ("UNKNOWN", False),
    ],
)
def test_a_licence_is_allowed_where_one_may_take_the_package_under_one_of_the_list(
    audit: ModuleType, licence: str, *, is_allowed: bool
) -> None:
    assert audit.is_allowed(licence, audit.ALLOWED) == is_allowed


def test_what_only_development_may_have_is_not_shipped(audit: ModuleType) -> None:
    assert audit.is_allowed("LGPL-3.0-only", audit.ALLOWED_FOR_DEVELOPMENT)
    assert not audit.is_allowed("GPL-3.0-only", audit.ALLOWED_FOR_DEVELOPMENT)
