"""A key is on the disk before Telegram sees anything of it, and before success is reported.

Looked at from outside, at the seam: on a connection of its own to the file, at each request that
reaches the data centre.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sandbox.datacentre import DataCentre
from sandbox.datacentre.session import Session
from sandbox.world.logins import AuthKey
from sandbox.world.people import User
from storage.database import Database
from storage.vault import Vault
from tests.network.office import Office
from tests.network.test_enrolment import office, proxy

__all__ = ["office", "proxy"]


def stored_keys(path: Path, vault: Vault, status: str) -> set[int]:
    """The ids of the keys that another process finds in the file."""
    with closing(sqlite3.connect(path)) as outside:
        rows = outside.execute(
            "SELECT sealed_auth_key FROM sessions WHERE status = ? "
            "AND sealed_auth_key IS NOT NULL",
            (status,),
        ).fetchall()
    return {AuthKey(vault.open(sealed)).id for (sealed,) in rows}


@pytest.mark.req("S0.1")
async def test_no_request_goes_out_on_a_key_that_is_not_on_the_disk(
    office: Office,
    alice: User,
    db: Database,
    path: Path,
    datacentre: DataCentre,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[tuple[bool, bool]] = []
    dispatcher = datacentre.dispatcher
    answer = dispatcher.call

    def look_and_answer(session: Session, msg_id: int, body: bytes) -> None:
        key = session.authorization.key.id
        enrolling = key in stored_keys(path, db.vault, "ENROLLING")
        seen.append((enrolling, key in stored_keys(path, db.vault, "CURRENT")))
        answer(session, msg_id, body)

    monkeypatch.setattr(dispatcher, "call", look_and_answer)
    begun = await office.begin(alice)
    assert seen
    assert set(seen) == {(True, False)}, "a request came on a key that a crash would lose"

    done = await office.enrolments.code(begun["account"], office.code(alice))

    assert done["step"] == "done"
    (key,) = stored_keys(path, db.vault, "CURRENT")
    assert key in office.world.logins.keys
    await office.until_online(begun["account"])
    assert set(seen) == {(True, False), (False, True)}
