"""Settings of the HTTP endpoint, and of who is told that Mooring is well."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated

from pydantic import AfterValidator, SecretStr
from pydantic_settings import BaseSettings
from typing_extensions import override

from bot.setting_values import NoneIfEmpty, url

PORT = 9667
_FORM = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9.-]+)):(?P<port>\d{1,5})")
_TOKEN = re.compile(r"[!-~]{16,200}")


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen."""

    host: str
    port: int
    """0: any that is free."""

    @override
    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can connect."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def address(text: str) -> Address | None:
    """None where the text is empty. Raises ValueError."""
    if not text:
        return None
    match = _FORM.fullmatch(text)
    if match is None or int(match["port"]) > 65535:
        raise ValueError(f"expected host:port, for example 127.0.0.1:{PORT}, or nothing")
    host = match["six"] or match["host"]
    if match["six"]:
        ip_address(host)
    elif not _is_name(host):
        raise ValueError(f"{host} is no name of a host")
    return Address(host.lower(), int(match["port"]))


def _is_name(host: str) -> bool:
    """Whether it can be looked up: one with an empty or a long part is no failure, but a crash."""
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return True


def of_worker(bind: str, number: int) -> str:
    """HTTP_BIND of the worker with this number, from 1: its port comes after ours."""
    ours = address(bind)
    if ours is None or ours.port == 0:
        return bind
    port = ours.port + number
    return str(Address(ours.host, port)) if port <= 65535 else ""


def _bind(text: str) -> str:
    address(text)
    return text


class HttpSettings(BaseSettings):
    """The part of the settings that concerns HTTP."""

    # Empty: nothing listens.
    http_bind: Annotated[str, AfterValidator(_bind)] = f"127.0.0.1:{PORT}"
    http_token: Annotated[SecretStr | None, NoneIfEmpty] = None
    # Secret: who has it can say that Mooring is well.
    heartbeat_url: Annotated[SecretStr | None, NoneIfEmpty] = None

    @property
    def http_secrets(self) -> list[str]:
        given = (self.http_token, self.heartbeat_url)
        return [secret.get_secret_value() for secret in given if secret is not None]


def http_faults(settings: HttpSettings) -> list[str]:
    """What is wrong with the values together. No fault quotes a secret."""
    faults = []
    where, token = address(settings.http_bind), settings.http_token
    if token is not None and not _TOKEN.fullmatch(token.get_secret_value()):
        faults.append("HTTP_TOKEN: expected 16 to 200 letters, digits and signs without a space")
    if where is not None and not where.is_loopback and token is None:
        faults.append(
            f"HTTP_TOKEN: is missing; with HTTP_BIND={settings.http_bind} others can connect. "
            f"Give a long random word, or bind 127.0.0.1:{where.port}"
        )
    if settings.heartbeat_url is not None:
        try:
            url("http", "https")(settings.heartbeat_url.get_secret_value())
        except ValueError as exc:
            faults.append(f"HEARTBEAT_URL: {exc}")
    return faults
