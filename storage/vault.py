"""Secrets at rest: sealed with `cryptography`'s MultiFernet."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from storage.errors import SecretKeyMismatch


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
            raise SecretKeyMismatch("The secret key does not open the stored secrets.") from None

    def seal_text(self, secret: str) -> bytes:
        return self.seal(secret.encode())

    def open_text(self, sealed: bytes) -> str:
        return self.open(sealed).decode()


def read_or_create_key(path: Path) -> tuple[str, bool]:
    """The key in that file and whether it was made just now.

    A new file is 0600, appears whole or not at all, and is synced to disk before it is used: a
    key that a power cut erases takes every session with it. Of two first starts at once, both
    get the key of the first.
    """
    if path.exists():
        return path.read_text().strip(), False
    key = Fernet.generate_key().decode()
    descriptor, name = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)  # is 0600
    draft = Path(name)
    with os.fdopen(descriptor, "w") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return path.read_text().strip(), False
    finally:
        draft.unlink()
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return key, True
