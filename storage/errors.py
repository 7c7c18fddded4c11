"""What can go wrong with storage.

StorageError
├── DataDirectoryInUse   another process holds the data directory
├── DatabaseTooNew       the database was written by a newer Mooring
├── SecretKeyMismatch    the secret key does not open what is stored
├── StorageBusy          locked or out of reach for 30 s; nothing was written
└── StorageFailed        it failed in the middle: connection lost, disk full
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


class StorageBusy(StorageError):
    """Locked by another process, or out of reach, for as long as we wait; nothing was written.

    Whoever meets it keeps what was to be written, and tries again.
    """


class StorageFailed(StorageError):
    """The database failed in the middle of a transaction: its connection, its disk.

    Nothing was written, unless it failed at COMMIT: then it is not known. Whoever meets it
    repeats what is repeatable.
    """
