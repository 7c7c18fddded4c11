"""Which countries to try when an account's own has no proxy left (S1.5)."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from userbot.providers.countries import COUNTRIES, NoSuchCountry, country_code

_SHIPPED = "fallbacks.toml"
_TABLE = "chains"


class BadFallbacks(ValueError):
    """A file of chains is wrong; `faults` has a line for each fault, with the file and the key."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Fallbacks:
    """A chain of countries for every country."""

    def __init__(self, chains: Mapping[str, tuple[str, ...]]) -> None:
        self._chains = dict(chains)

    def chain(self, country: str) -> tuple[str, ...]:
        """The countries to try after `country`, best first. Raises `NoSuchCountry`."""
        return self._chains[country_code(country)]


def load(own: Path | None = None) -> Fallbacks:
    """The chains that come with Mooring; those in the operator's `own` file replace them.

    Raises `BadFallbacks`.
    """
    shipped = files(__package__).joinpath(_SHIPPED).read_text(encoding="utf-8")
    chains = parse(shipped, name=_SHIPPED)
    if missing := sorted(COUNTRIES - chains.keys()):
        raise BadFallbacks([f"{_SHIPPED}: no chain for {', '.join(missing)}"])
    if own is not None:
        chains |= parse(_text(own), name=str(own))
    return Fallbacks(chains)


def parse(text: str, *, name: str) -> dict[str, tuple[str, ...]]:
    """The chains of one file. Raises `BadFallbacks` with every fault of it."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise BadFallbacks([f"{name}: {exc}"]) from None
    table = content.get(_TABLE)
    if not isinstance(table, dict):
        raise BadFallbacks([f"{name}: expected a table [{_TABLE}]"])
    faults = [f"{name}: {key} is not known here" for key in content if key != _TABLE]
    chains: dict[str, tuple[str, ...]] = {}
    for key, value in table.items():
        try:
            country = country_code(key)
            if country in chains:
                raise ValueError(f"{country} has a chain already")  # noqa: TRY301 - same answer
            chains[country] = _chain(country, value)
        except ValueError as exc:
            faults.append(f"{name}: {key}: {exc}")
    if faults:
        raise BadFallbacks(faults)
    return chains


def _chain(country: str, value: Any) -> tuple[str, ...]:  # noqa: ANN401 - what TOML holds
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError('expected a list of countries, such as ["nl", "fr", "us"]')
    chain = tuple(country_code(each) for each in value)
    twice = next((each for each in chain if chain.count(each) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice} is there twice")
    if country in chain:
        raise ValueError("a country can't stand in for itself")
    return chain


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as exc:
        raise BadFallbacks([f"{path}: can't be read: {exc.strerror}"]) from None
    except UnicodeDecodeError:
        raise BadFallbacks([f"{path}: is not text in UTF-8"]) from None


__all__ = ["BadFallbacks", "Fallbacks", "NoSuchCountry", "load", "parse"]
