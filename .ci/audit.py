"""`make audit`: known vulnerabilities of all that is locked, and its licences.

Both tools run in environments of their own, which uv makes: what is audited must not change by
being audited. Exit codes: 0 all is well, 1 something was found, 2 the service of vulnerabilities
was not reached, so that nobody knows.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from shutil import which
from typing import Any

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
PIP_AUDIT, PIP_LICENSES = "pip-audit==2.10.1", "pip-licenses==5.5.5"
OK, FOUND, UNKNOWN = 0, 1, 2

ALLOWED = {
    "0BSD", "Apache Software License", "Apache-2.0", "BSD License", "BSD-2-Clause",
    "BSD-3-Clause", "CC0 1.0 Universal (CC0 1.0) Public Domain Dedication", "CC0-1.0", "MIT",
    "MIT License", "MIT-0", "MIT-CMU", "MPL-2.0", "Mozilla Public License 2.0 (MPL 2.0)",
    "PSF-2.0", "Python Software Foundation License", "Zlib",
}  # fmt: skip
"""Of what is shipped: they ask for a notice, or (MPL) for changes to their own files."""
ALLOWED_FOR_DEVELOPMENT = ALLOWED | {"DFSG approved", "LGPL-3.0-only", "LGPL-3.0-or-later"}
"""Tests run it and nothing of it is shipped."""
READ_BY_HAND = {"axe-playwright-python": "MIT"}
"""Where the metadata does not say: what the licence in the package says."""


def main() -> int:
    """Print what was found; the exit code."""
    shipped, locked = _locked("--no-dev"), _locked("--all-groups")
    codes = {_audit(_export("--all-groups")), _licences(shipped, locked)}
    return FOUND if FOUND in codes else max(codes)


def _uv() -> str:
    return which("uv") or str(BIN / "uv")


def _export(*which_groups: str) -> str:
    command = [_uv(), "export", "--frozen", "--no-emit-project", "--quiet", *which_groups]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603 - our own words
    return done.stdout


def _locked(group: str) -> set[str]:
    return {normal(name) for name in re.findall(r"^([\w.-]+)==", _export(group), re.MULTILINE)}


def normal(name: str) -> str:
    """As the index compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _audit(locked: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        requirements, report = Path(folder) / "locked.txt", Path(folder) / "report.json"
        requirements.write_text(locked)
        command = [_uv(), "tool", "run", "--quiet", "--from", PIP_AUDIT, "pip-audit"]
        command += ["--require-hashes", "--disable-pip", "--progress-spinner", "off"]
        command += ["--requirement", str(requirements)]
        command += ["--format", "json", "--output", str(report)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - our own words
        if not report.exists() or not report.read_text().strip():
            last = done.stderr.strip().splitlines()[-1:] or ["it says nothing"]
            say(f"vulnerabilities: NOT CHECKED, the service was not reached: {last[0]}")
            return UNKNOWN
        return judge(json.loads(report.read_text())["dependencies"])


def judge(dependencies: Sequence[Mapping[str, Any]]) -> int:
    """What pip-audit reports, in lines; a package that it skipped is not checked."""
    skipped = [each["name"] for each in dependencies if "skip_reason" in each]
    is_found = False
    for each in dependencies:
        for found in each.get("vulns", ()):
            is_found = True
            what = f"{each['name']} {each['version']}: {found['id']}"
            mended = ", ".join(found["fix_versions"]) or "none yet"
            say(f"vulnerabilities: {what}; mended in: {mended}")
    count = len(dependencies) - len(skipped)
    if skipped:
        say(f"vulnerabilities: NOT CHECKED, the service does not know: {', '.join(skipped)}")
    say(f"vulnerabilities: {count} of {len(dependencies)} packages checked")
    if is_found:
        return FOUND
    return UNKNOWN if skipped or not dependencies else OK


def _licences(shipped: set[str], locked: set[str]) -> int:
    command = [_uv(), "tool", "run", "--quiet", "--from", PIP_LICENSES, "pip-licenses"]
    command += ["--python", sys.executable, "--from", "mixed", "--format", "json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - our own words
    if done.returncode:
        say(f"licences: NOT CHECKED: {done.stderr.strip()}")
        return UNKNOWN
    found = {normal(one["Name"]): str(one["License"]) for one in json.loads(done.stdout)}
    code = OK
    for name in sorted(locked):
        licence = READ_BY_HAND.get(name) or found.get(name, "")
        allowed = ALLOWED if name in shipped else ALLOWED_FOR_DEVELOPMENT
        words = "" if name in shipped else " (development)"
        if not licence:
            say(f"licences: {name}{words}: not installed on this platform")
        elif is_allowed(licence, allowed):
            say(f"licences: {name}{words}: {licence}")
        else:
            say(f"licences: {name}{words}: {licence}: NOT ALLOWED, see .ci/audit.py")
            code = FOUND
    return code


def is_allowed(licence: str, allowed: set[str]) -> bool:
    """Whether one may take it under these; of `A AND B` and `A; B` all, of `A OR B` one."""
    terms = re.split(r"\s+AND\s+|;\s*", licence)
    return all(
        any(one.strip("() ") in allowed or one in allowed for one in re.split(r"\s+OR\s+", term))
        for term in terms
    )


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
