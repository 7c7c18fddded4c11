"""What `deploy/` promises. No engine runs it here: this reads it, and compares it with the code."""

import json
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli.common import BAD_SETTINGS, IN_USE
from bot.instance import FINISH_LIMIT_S
from bot.settings import Settings
from bot.vault import KEY_FILE
from bot.workers import END_LIMIT_S

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
CLOSE_LIMIT_S = 15
"""Every line has so long to close, together (S2.4)."""
SHUTDOWN_S = FINISH_LIMIT_S + CLOSE_LIMIT_S + END_LIMIT_S


def instructions() -> list[tuple[str, str]]:
    """Each instruction of the Dockerfile, with its arguments on one line."""
    text = re.sub(r"^\s*#.*\n", "", (DEPLOY / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).strip().splitlines()
    parts = [line.partition(" ") for line in lines if line.strip()]
    return [(name.upper(), arguments.strip()) for name, _, arguments in parts]


def all_of(name: str) -> list[str]:
    return [arguments for found, arguments in instructions() if found == name]


def last_stage() -> list[tuple[str, str]]:
    found = instructions()
    begins = max(at for at, (name, _) in enumerate(found) if name == "FROM")
    return found[begins + 1 :]


def copied() -> Iterator[str]:
    """What is taken from the repository."""
    for arguments in all_of("COPY"):
        words = shlex.split(arguments)
        if not any(word.startswith("--from") for word in words):
            yield from (word for word in words[:-1] if not word.startswith("--"))


def test_the_base_of_every_stage_is_one_pinned_slim_image_of_a_python_that_mooring_takes() -> None:
    (base,) = [a.partition("=")[2] for a in all_of("ARG")]
    assert all(stage.split()[0] == "${BASE}" for stage in all_of("FROM"))
    match = re.fullmatch(r"python:(\d+)\.(\d+)\.\d+-slim-[a-z]+", base)
    assert match is not None
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert (int(match[1]), int(match[2])) >= tuple(map(int, needed.strip(">=").split(".")))


def test_the_image_runs_as_a_number_that_is_not_root_and_nothing_is_built_after_that() -> None:
    names = [name for name, _ in last_stage()]
    (user,) = [arguments for name, arguments in last_stage() if name == "USER"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert "RUN" not in names[names.index("USER") :]


def test_the_image_is_told_how_to_be_started_asked_and_stopped() -> None:
    stage = dict(last_stage())
    assert json.loads(stage["ENTRYPOINT"]) == ["mooring"]
    assert json.loads(stage["CMD"]) == ["run"]
    assert stage["STOPSIGNAL"] == "SIGTERM"
    assert stage["VOLUME"] == "/data"
    asked = json.loads(stage["HEALTHCHECK"].partition("CMD ")[2])
    assert asked == ["python", "-m", "bot.healthcheck"]


def test_only_what_mooring_is_made_of_gets_into_the_image() -> None:
    assert all_of("ADD") == []
    files = [name.removeprefix("./") for name in copied()]
    assert {"bot", "userbot", "storage", "uv.lock"} <= set(files)
    for file in files:
        assert (ROOT / file).exists(), file
    allowed = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    rules = [line for line in allowed if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert {line.removeprefix("!") for line in rules if line.startswith("!")} == set(files)


def test_no_secret_can_be_in_a_layer() -> None:
    given = " ".join(all_of("ENV") + all_of("ARG"))
    for name in secret_settings():
        assert f"{name.upper()}=" not in given


def secret_settings() -> set[str]:
    fields = Settings.model_fields
    return {name for name in fields if "SecretStr" in str(fields[name].annotation)}


def test_what_is_installed_is_held_to_hashes() -> None:
    steps = [step.strip() for run in all_of("RUN") for step in run.split("&&")]
    installing = [step for step in steps if re.search(r"\bpip install\b", step)]
    assert len(installing) == 3
    for step in installing:
        assert "--require-hashes" in step or "--no-deps dist/" in step, step
    assert any("uv export --frozen --no-dev" in step for step in steps)


def test_what_builds_the_image_is_pinned_with_hashes_and_is_the_uv_of_the_makefile() -> None:
    text = (DEPLOY / "build.txt").read_text()
    each = re.findall(
        r"^([\w.-]+)==(\S+)(?: ; \S.*?)? \\\n((?:\s+--hash=sha256:\w+.*\n)+)", text, re.MULTILINE
    )
    assert len(each) == len(re.findall(r"^\w", text, re.MULTILINE))
    pinned = {name: version for name, version, _ in each}
    version = re.search(r"^UV_VERSION := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert version is not None
    assert pinned["uv"] == version[1]
    assert {"hatchling", "setuptools"} <= pinned.keys()


def unit() -> dict[str, list[str]]:
    text = (DEPLOY / "mooring.service").read_text()
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


def test_systemd_hears_of_it_waits_long_enough_and_does_not_start_what_cannot_run() -> None:
    service = unit()
    assert service["Type"] == ["notify"]
    assert service["ExecStart"] == ["/opt/mooring/bin/mooring run"]
    assert service["KillMode"] == ["mixed"]
    assert int(service["WatchdogSec"][0].removesuffix("s")) >= 30
    assert int(service["TimeoutStopSec"][0].removesuffix("s")) > SHUTDOWN_S
    prevented = {int(code) for code in service["RestartPreventExitStatus"][0].split()}
    assert prevented == {BAD_SETTINGS, IN_USE}


def test_the_unit_takes_every_right_that_mooring_does_not_need() -> None:
    service = unit()
    assert service["ProtectSystem"] == ["strict"]
    assert service["CapabilityBoundingSet"] == [""]
    assert service["User"] == ["mooring"]
    assert "AF_UNIX" in service["RestrictAddressFamilies"][0].split()
    assert service["SystemCallFilter"] == ["@system-service", "~@privileged"]
    for name in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "MemoryDenyWriteExecute"):
        assert service[name] == ["yes"]
    assert "ProcSubset" not in service, "userbot/neighbours.py reads /proc/sys"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    text = (DEPLOY / "mooring.service").read_text()
    # The program and its user are not on this machine.
    text = text.replace("/opt/mooring/bin/mooring", "/bin/true").replace("=mooring\n", "=daemon\n")
    file = tmp_path / "mooring.service"
    file.write_text(text)
    for what in (["verify"], ["security", "--offline=true", "--threshold=20"]):
        done = subprocess.run(
            ["systemd-analyze", *what, file],  # noqa: S607 - wherever it is
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "mooring.service:" not in done.stderr


def test_the_manual_gives_systemd_the_key_that_the_first_run_made_and_spoils_no_umask() -> None:
    manual = (ROOT / "docs/deploying.md").read_text()
    blocks = re.findall(r"^```sh\n(.*?)^```", manual, re.DOTALL | re.MULTILINE)
    for block in blocks:
        outside = re.sub(r"^\(\n.*?^\)\n", "", block, flags=re.DOTALL | re.MULTILINE)
        assert "umask" not in outside, block
    key = f"/var/lib/mooring/{Settings.model_fields['data_dir'].default}/{KEY_FILE}"
    installed = re.findall(rf"-m 0640 {re.escape(key)} (\S+)", manual)
    loaded = re.findall(r"^LoadCredential=mooring_secret_key:(\S+)$", manual, re.MULTILINE)
    assert loaded == installed != []
    assert f"**Copy `{key}` to a safe place now.**" in manual
