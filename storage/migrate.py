"""Migrations at start: forward only, under the database's own write lock."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from storage.errors import DatabaseTooNew


def alembic_config() -> Config:
    """Where the migrations lie. Needs no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def migrate(connection: Connection) -> None:
    """Bring the database up to this version; two processes at once: one migrates, one waits.

    The caller owns the transaction. Raises `DatabaseTooNew` where it is ahead of us.
    """
    config = alembic_config()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in known:
        raise DatabaseTooNew(
            f"The database has revision {current}, which this version does not know. "
            "Run the newer Mooring that wrote it."
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
