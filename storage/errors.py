"""What can go wrong with storage.

StorageError
├── DataDirectoryInUse   another process holds the data directory
├── DatabaseTooNew       the database was written by a newer Mooring
└── SecretKeyMismatch    the secret key does not open what is stored
"""


class StorageError(Exception):
    """Base of all storage errors."""


class DataDirectoryInUse(StorageError):
    """Another process works on this data directory; stop that one first."""

    def __init__(self, directory: str, holder: str) -> None:
        super().__init__(f"The data directory {directory} is in use by {holder}.")
        self.holder = holder


class DatabaseTooNew(StorageError):
    """The database carries a revision that this version does not know; run the newer Mooring."""


class SecretKeyMismatch(StorageError):
    """A stored secret does not open with the configured key; nothing was changed."""
