"""The address of a PostgreSQL server: which options it takes, and whether its way is encrypted."""

import os
import ssl
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.engine import URL

MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
"""From no encryption to a certificate that is checked, as libpq has them."""
DEFAULT = "prefer"
"""The driver's: TLS where the server offers it, whoever answers there."""
ENCRYPTED = frozenset(MODES[3:])
_CHECKED = frozenset(MODES[4:])
SYSTEM = "system"
"""As a root: the certificates that this machine trusts."""
HOW_TO_PROTECT = "put ?sslmode=verify-full&sslrootcert=FILE behind the name in DATABASE_URL"
_FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl", "passfile")
_BY_DRIVER = frozenset(
    {
        "sslmode",
        *_FILES,
        "ssl_min_protocol_version",
        "ssl_max_protocol_version",
        "sslnegotiation",
        "target_session_attrs",
        "krbsrvname",
        "gsslib",
    }
)
"""What the driver takes in an address of its own, and not as arguments."""
_OPTIONS = frozenset({"host", "port", "user", "password", "ssl"}) | _BY_DRIVER
_ROOT = ".postgresql/root.crt"


def check(url: URL) -> None:
    """Raise ValueError, which quotes no value of it, where its options can't be used."""
    if unknown := sorted(url.query.keys() - _OPTIONS):
        raise ValueError(f"knows no option {unknown[0]}; it takes {', '.join(sorted(_OPTIONS))}")
    _check_login(url)
    if "ssl" in url.query and "sslmode" in url.query:
        raise ValueError("ssl and sslmode are the same: give one of them")
    if mode_of(url) not in MODES:
        where = "sslmode" if {"ssl", "sslmode"} & url.query.keys() else "PGSSLMODE"
        raise ValueError(f"{where} has to be one of {', '.join(MODES)}")
    for name in _FILES:
        file = _option(url, name)
        if file and (name, file) != ("sslrootcert", SYSTEM) and not Path(file).is_file():
            raise ValueError(f"{name}: there is no file {file}")
    if _option(url, "sslrootcert") == SYSTEM and mode_of(url) != MODES[-1]:
        raise ValueError(f"sslrootcert={SYSTEM} goes with sslmode={MODES[-1]} only")
    if mode_of(url) in _CHECKED and not _has_root(url):
        raise ValueError(
            f"sslmode={mode_of(url)} needs the certificate of who signed the server's: "
            f"sslrootcert=FILE, or sslrootcert={SYSTEM} for those that this machine trusts"
        )


def _check_login(url: URL) -> None:
    """Who logs in stands before the server or behind the name."""
    for name, before in (("user", url.username), ("password", url.password)):
        if not isinstance(url.query.get(name, ""), str) or (before and name in url.query):
            raise ValueError(f"gives the {name} twice: keep one of them")


def mode_of(url: URL) -> str:
    """How the way is protected: by the address, by PGSSLMODE, or as the driver has it."""
    given = _option(url, "sslmode") or _option(url, "ssl")
    return given or os.environ.get("PGSSLMODE") or DEFAULT


def for_driver(url: URL) -> tuple[URL, Mapping[str, Any]]:
    """The address for SQLAlchemy's dialect, and what the driver takes besides."""
    options = {name: _option(url, name) for name in sorted(url.query) if name in _BY_DRIVER}
    if mode := _option(url, "ssl"):
        options["sslmode"] = mode
    plain = url.difference_update_query([*_BY_DRIVER, "ssl"])
    if options.get("sslrootcert") == SYSTEM:
        context = ssl.create_default_context()
        if certificate := options.get("sslcert"):
            context.load_cert_chain(certificate, options.get("sslkey") or None)
        return plain, {"ssl": context}
    return plain, {"dsn": f"postgresql://?{urlencode(options)}"} if options else {}


def unprotected(url: URL) -> str:
    """The other machine that is spoken to without TLS, or perhaps without; empty: none is."""
    if mode_of(url) in ENCRYPTED:
        return ""
    return next((host for host in _hosts(url) if not _is_here(host)), "")


def _hosts(url: URL) -> list[str]:
    if url.host:
        return [url.host]
    given = url.query.get("host") or os.environ.get("PGHOST") or ()
    named = [given] if isinstance(given, str) else given
    return [host for each in named for host in each.split(",")]


def _is_here(host: str) -> bool:
    """A Unix socket, or this machine's loopback."""
    if host.startswith("/"):
        return True
    name = host[1:].partition("]")[0] if host.startswith("[") else host
    if name.count(":") == 1:
        name = name.partition(":")[0]
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name.lower().rstrip(".") == "localhost"


def _option(url: URL, name: str) -> str:
    given = url.query.get(name, "")
    return given if isinstance(given, str) else given[-1]


def _has_root(url: URL) -> bool:
    if _option(url, "sslrootcert") or os.environ.get("PGSSLROOTCERT"):
        return True
    try:
        return (Path.home() / _ROOT).is_file()
    except RuntimeError:  # whoever runs this has no home
        return False
