"""Migrations: forward only. `storage.opening` runs them at start."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from storage.errors import DatabaseTooNew

if TYPE_CHECKING:  # it costs 0.1 s to import, and most starts have nothing to migrate
    from alembic.config import Config

HEAD = "0008"
"""The latest revision; a test compares it with the scripts."""


def alembic_config() -> "Config":
    """Where the migrations lie. Needs no alembic.ini."""
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def migrate(connection: Connection, revision: str = HEAD) -> None:
    """Bring the database up to a revision. The caller owns the transaction and the lock."""
    from alembic import command  # noqa: PLC0415 - see above

    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def revision_of(connection: Connection) -> str | None:
    """The database's revision; None where it has no tables yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def refuse_newer(current: str | None) -> None:
    """Raise `DatabaseTooNew` where the revision is none of ours."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - see above

    scripts = ScriptDirectory.from_config(alembic_config())
    if current is not None and current not in {s.revision for s in scripts.walk_revisions()}:
        raise DatabaseTooNew(
            f"The database has revision {current}, which this version does not know. "
            "Run the newer Mooring that wrote it."
        )
