"""Secrets at rest: sealed with `cryptography`'s MultiFernet."""

import re
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from storage.errors import SecretKeyMismatch
from storage.private import draft_beside, sync_directory


class Vault:
    """Seals and opens secrets. The first key seals, every key opens."""

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys` are Fernet keys. Raises ValueError where one is malformed."""
        self._fernet = MultiFernet([Fernet(key.strip()) for key in keys])

    def seal(self, secret: bytes) -> bytes:
        return self._fernet.encrypt(secret)

    def open(self, sealed: bytes) -> bytes:
        """The secret. Raises `SecretKeyMismatch` where no key opens it."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            raise _mismatch() from None

    def seal_text(self, secret: str) -> bytes:
        return self.seal(secret.encode())

    def open_text(self, sealed: bytes) -> str:
        return self.open(sealed).decode()

    def reseal(self, sealed: bytes) -> bytes:
        """The same secret sealed with the first key. Raises `SecretKeyMismatch`."""
        try:
            return self._fernet.rotate(sealed)
        except InvalidToken:
            raise _mismatch() from None


def _mismatch() -> SecretKeyMismatch:
    return SecretKeyMismatch(
        "The secret key does not open the stored secrets: put back the one that was there when "
        "the accounts logged in. `mooring doctor` says where this one is from."
    )


def new_key() -> str:
    return Fernet.generate_key().decode()


def split_keys(text: str) -> list[str]:
    """Keys as an operator writes them: separated by commas or lines, the first one seals."""
    return [key for key in re.split(r"[,\s]+", text) if key]


def read_or_create_keys(path: Path) -> tuple[list[str], bool]:
    """The keys in that file, and whether the file was made just now.

    A new file is 0600, appears whole or not at all, and is synced to disk before it is used: a
    key that a power cut erases takes every session with it. Of two first starts at once, both
    get the key of the first.
    """
    if path.exists():
        return split_keys(path.read_text()), False
    key = new_key()
    draft = draft_beside(path, key + "\n")
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return split_keys(path.read_text()), False
    finally:
        draft.unlink()
    sync_directory(path.parent)
    return [key], True
