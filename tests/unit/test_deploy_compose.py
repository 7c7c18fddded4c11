"""What the compose files promise: read, and compared with the settings and the command line."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.cli.main import _parser
from bot.settings import Settings
from tests.unit.test_deploy import DEPLOY, ROOT, SHUTDOWN_S, secret_settings

FILES = ["compose.yml", "compose.postgres.yml"]
TOP = {"name", "services", "volumes", "secrets", "networks"}
OF_A_SERVICE = {
    "image", "build", "command", "user", "env_file", "environment", "secrets", "volumes",
    "networks", "ports", "depends_on", "read_only", "tmpfs", "shm_size", "cap_drop",
    "security_opt", "pids_limit", "ulimits", "init", "restart", "stop_signal",
    "stop_grace_period", "healthcheck", "logging",
}  # fmt: skip
"""Names of the compose specification that the files use."""
OF_A_HEALTHCHECK = {"test", "interval", "timeout", "start_period", "retries"}


def read(file: str) -> dict[str, Any]:
    found = yaml.safe_load((DEPLOY / file).read_text())
    assert isinstance(found, dict)
    return found


def services() -> list[Any]:
    return [
        pytest.param(file, service, id=f"{file}: {name}")
        for file in FILES
        for name, service in read(file)["services"].items()
    ]


def moorings(file: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = read(file)["services"]
    return {name: each for name, each in found.items() if each["image"] == "mooring"}


@pytest.mark.parametrize("file", FILES)
def test_only_names_of_the_specification_are_used_and_what_is_named_is_declared(file: str) -> None:
    project = read(file)
    assert {name for name in project if not name.startswith("x-")} <= TOP
    for service in project["services"].values():
        assert set(service) <= OF_A_SERVICE
        assert set(service["healthcheck"]) <= OF_A_HEALTHCHECK
        assert set(service.get("secrets", ())) <= set(project["secrets"])
        assert set(service.get("networks", ())) <= set(project.get("networks", ()))
        assert set(service.get("depends_on", ())) <= set(project["services"])
        for volume in service["volumes"]:
            assert volume.partition(":")[0] in project["volumes"]


@pytest.mark.parametrize(("_", "service"), services())
def test_a_container_can_write_nothing_but_its_volume_and_has_no_right_to_spare(
    _: str, service: dict[str, Any]
) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert any(mount.startswith("/tmp:") for mount in service["tmpfs"])  # noqa: S108 - in there
    assert service["restart"] == "unless-stopped"
    assert "privileged" not in service
    for port in service.get("ports", ()):
        assert port.startswith("127.0.0.1:"), "from this machine alone"
    if not service["image"].startswith("mooring"):
        assert int(service["user"].partition(":")[0]) > 0
        assert service["image"].partition(":")[2][0].isdigit(), "pinned"


@pytest.mark.parametrize("file", FILES)
def test_mooring_has_time_to_end_is_asked_and_gets_a_command_that_there_is(file: str) -> None:
    for service in moorings(file).values():
        assert int(service["stop_grace_period"].removesuffix("s")) > SHUTDOWN_S
        assert service["healthcheck"]["test"] == ["CMD", "python", "-m", "bot.healthcheck"]
        assert _parser().parse_args(service.get("command", ["run"])).lives_on
        assert (DEPLOY / service["build"]["context"]).resolve() == ROOT
        assert (ROOT / service["build"]["dockerfile"]).is_file()
        assert (DEPLOY / f"{service['env_file']}.example").is_file()


@pytest.mark.parametrize("file", FILES)
def test_secrets_are_files_that_are_called_like_settings_and_stay_out_of_git(file: str) -> None:
    project, names = read(file), {name.upper() for name in Settings.model_fields}
    secret = secret_settings()
    for name, where in project["secrets"].items():
        assert name in secret
        assert where == {"file": f"secrets/{name}"}
    for service in moorings(file).values():
        given = service["environment"]
        assert set(given) <= names
        assert not {name.lower() for name in given} & secret - {"database_url"}
        assert "http_token" in service["secrets"] or given["HTTP_BIND"].startswith("127.")
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {"deploy/secrets/", "deploy/mooring.env"} <= set(ignored)


def test_two_workers_and_one_control_share_one_database_and_one_key() -> None:
    roles = {name: service["command"] for name, service in moorings(FILES[1]).items()}
    assert sorted(command[0] for command in roles.values()) == ["control", "worker", "worker"]
    for command in roles.values():
        assert command[0] == "control" or _parser().parse_args(command).of == 2
    for service in moorings(FILES[1]).values():
        assert {"mooring_secret_key", "database_password"} <= set(service["secrets"])
        address = service["environment"]["DATABASE_URL"]
        assert address == "postgresql+asyncpg://mooring@postgres/mooring"
        assert service["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_the_database_is_reached_by_mooring_alone() -> None:
    project = read(FILES[1])
    postgres = project["services"]["postgres"]
    assert postgres["networks"] == ["database"]
    assert project["networks"]["database"] == {"internal": True}
    assert "ports" not in postgres
    assert "POSTGRES_PASSWORD" not in postgres["environment"]


def test_the_example_of_settings_has_no_secret() -> None:
    lines = (DEPLOY / "mooring.env.example").read_text().splitlines()
    named = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
    assert named <= {name.upper() for name in Settings.model_fields.keys() - secret_settings()}
    assert Path(DEPLOY / "mooring.env").name in (ROOT / ".gitignore").read_text()
