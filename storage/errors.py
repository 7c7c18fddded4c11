"""What can go wrong with storage.

StorageError
├── AlreadyRunning       another process runs on what this one wants
│   ├── DataDirectoryInUse
│   └── DatabaseInUse
├── DatabaseTooNew       the database was written by a newer Mooring
├── DatabaseTooOld       it must be migrated first, and not here
├── BackupFailed         no backup was made (storage.backup)
├── NotRestored          nothing was restored (storage.restore)
├── NotVerified          nobody knows whether a backup is good (storage.verify)
├── SecretKeyMismatch    the secret key does not open what is stored
├── Fenced               this process lost its lease; nothing was written
├── StorageBusy          locked or out of reach for 30 s; nothing was written
└── StorageFailed        it failed: connection lost, disk full, file damaged
    └── StorageLost      its connection was lost; a COMMIT then is in doubt
"""


class StorageError(Exception):
    """Base of all storage errors."""

    is_passing = False
    """Whether the same again may succeed, with nothing changed by an operator."""


class AlreadyRunning(StorageError):
    """Another process runs on the same data; stop that one first."""


class DatabaseInUse(AlreadyRunning):
    """Another process runs on this PostgreSQL database, or did until just now.

    `free_in_s`: after so long it counts as gone, where it was killed.
    """

    def __init__(self, holder: str, *, free_in_s: int = 0) -> None:
        wait = f" If that has ended already, try again in {free_in_s} s." if free_in_s else ""
        super().__init__(f"The database is in use by {holder}.{wait}")


class DataDirectoryInUse(AlreadyRunning):
    """Another process works on this data directory; stop that one first."""

    def __init__(self, directory: str, holder: str) -> None:
        super().__init__(f"The data directory {directory} is in use by {holder}.")
        self.holder = holder


class DatabaseTooNew(StorageError):
    """The database carries a revision that this version does not know; run the newer Mooring."""


class DatabaseTooOld(StorageError):
    """The database must be migrated first, and this command may not do it."""


class SecretKeyMismatch(StorageError):
    """A stored secret does not open with the configured key; nothing was changed."""


class Fenced(StorageError):
    """The lease of this process is over: others may run its accounts. Nothing was written."""

    def __init__(self) -> None:
        super().__init__("This process lost its lease on the database, and begins anew.")


class StorageBusy(StorageError):
    """Locked by another process, or out of reach, for as long as we wait; nothing was written.

    Whoever meets it keeps what was to be written, and tries again.
    """

    is_passing = True


class StorageFailed(StorageError):
    """The database failed, and will again until somebody mends it: disk full, file damaged."""


class StorageLost(StorageFailed):
    """The connection to the database was lost.

    Nothing was written, unless it was lost at COMMIT: then it is not known. Whoever meets it
    repeats what is repeatable.
    """

    is_passing = True
