"""Telethon's `.session` files: what is read from them, and what each bad one is called."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telethon.sessions.sqlite import CURRENT_VERSION
from telethon.tl import types

from bot.cli.sources import open_source
from storage.sessions import Peer
from tests.timing import seconds
from tests.unit.made_elsewhere import (
    ADDRESS,
    KEY,
    pyrogram_file,
    run,
    string_session,
    telethon_file,
)
from userbot.foreign import BadSession, ForeignSession
from userbot.importing import Source, read

BOB = types.User(id=7, access_hash=-123, username="Bob_Harbour", phone="4479", first_name="Bob")
CLUB = types.Channel(
    id=9, title="Club", photo=types.ChatPhotoEmpty(), date=datetime.now(UTC), access_hash=456
)


def never() -> str:
    raise AssertionError("no passphrase is wanted here")


def take(path: Path) -> ForeignSession:
    return read(open_source(str(path)), never)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "my.session"


def test_a_session_file_is_read_whole(path: Path) -> None:
    found = take(telethon_file(path, met=[BOB, CLUB]))
    assert (found.dc_id, found.server_address, found.port) == (2, ADDRESS, 443)
    assert found.auth_key == KEY
    assert set(found.peers) == {
        Peer(7, -123, "bob_harbour", "4479", "Bob"),
        Peer(-1000000000009, 456, None, None, "Club"),
    }


def test_the_original_is_neither_changed_nor_locked_and_nothing_is_left_beside_it(
    path: Path,
) -> None:
    telethon_file(path)
    path.chmod(0o400)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    take(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert list(path.parent.iterdir()) == [path]
    path.chmod(0o600)
    run(path, "DELETE FROM entities")


def test_who_cannot_be_written_to_is_left_out_and_a_name_belongs_to_who_was_met_last(
    path: Path,
) -> None:
    telethon_file(path)
    rows = [
        "(0, 777, 'me', NULL, NULL, 1)",
        "(1, 10, 'ann', 441, 'Ann', 5)",
        "(2, 20, 'ANN', 441, 'Ann', 6)",
        "(3, x'00', 'blob', NULL, NULL, 1)",
        f"(4, 40, '{'n' * 65}', NULL, '{'n' * 256}', 1)",
        "(5, 50, 'a' || char(0), 'no number', NULL, 1)",
        "(6, 60, cast(x'ff' as text), NULL, NULL, 1)",
    ]
    run(path, f"INSERT INTO entities VALUES {', '.join(rows)}")  # noqa: S608 - constants
    assert set(take(path).peers) == {
        Peer(1, 10, None, None, "Ann"),
        Peer(2, 20, "ann", "441", "Ann"),
        Peer(4, 40),
        Peer(5, 50),
        Peer(6, 60, "�"),
    }


@pytest.mark.parametrize(("version", "count"), [(1, 0), (5, 0), (6, 1), (CURRENT_VERSION, 1)])
def test_older_versions_are_read_but_not_the_hashes_that_telethon_distrusts(
    version: int, count: int, path: Path
) -> None:
    telethon_file(path, met=[BOB])
    run(path, "UPDATE version SET version = ?", values=(version,))
    if version < CURRENT_VERSION:
        run(path, "ALTER TABLE sessions DROP COLUMN tmp_auth_key")
    if version < 7:
        run(path, "ALTER TABLE entities DROP COLUMN date")
    found = take(path)
    assert found.auth_key == KEY
    assert len(found.peers) == count


def _cut(path: Path) -> Path:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    return path


def _damage(path: Path) -> Path:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096)
    return path


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "zero bytes": (lambda p: p.touch(), "there is nothing in it"),
    "blanks": (lambda p: p.write_text(" \n"), "there is nothing in it"),
    "not there": (lambda _: None, "is no file that is there"),
    "a directory": (lambda p: p.mkdir(), "is a directory"),
    "a picture": (lambda p: p.write_bytes(b"\x89PNG\r\n\x1a\n\xff"), "neither a database nor"),
    "some text": (lambda p: p.write_text("hello"), "not a Telethon StringSession"),
    "much text": (lambda p: p.write_text("1" * 100_000), "far too long"),
    "half a string": (lambda p: p.write_text(string_session()[:200]), "not a Telethon String"),
    "a pyrogram string": (lambda p: p.write_text("A" * 362), "a Pyrogram session string"),
    "only a header": (lambda p: p.write_bytes(b"SQLite format 3\0"), "begins like a database"),
    "encrypted": (
        lambda p: p.write_bytes(b"SQLite format 3\0" + b"\xa5" * 4096),
        "begins like a database",
    ),
    "cut short": (lambda p: _cut(telethon_file(p)), "damaged or cut short"),
    "damaged": (lambda p: _damage(telethon_file(p)), "damaged or cut short"),
    "pyrogram": (pyrogram_file, "this is a Pyrogram session"),
    "some database": (lambda p: run(p, "CREATE TABLE cats (name)"), "there is no session in it"),
    "only a view": (
        lambda p: run(p, "CREATE VIEW sessions AS SELECT 1 AS dc_id"),
        "there is no session in it",
    ),
    "other sessions": (
        lambda p: run(p, "CREATE TABLE sessions (id, data)"),
        "not a Telethon session",
    ),
    "no version": (
        lambda p: run(telethon_file(p), "DELETE FROM version"),
        "not a Telethon session",
    ),
    "a newer version": (
        lambda p: run(telethon_file(p), "UPDATE version SET version = 99"),
        "has version 99, a newer Telethon made it",
    ),
    "never connected": (lambda p: telethon_file(p, key=None), "was never logged in"),
    "no row": (lambda p: run(telethon_file(p), "DELETE FROM sessions"), "was never logged in"),
    "a key of zeros": (
        lambda p: run(telethon_file(p), "UPDATE sessions SET auth_key = zeroblob(256)"),
        "was never logged in",
    ),
    "a short key": (
        lambda p: run(telethon_file(p), "UPDATE sessions SET auth_key = x'0102'"),
        "has 2 bytes, 256 are wanted",
    ),
    "a key of text": (
        lambda p: run(telethon_file(p), "UPDATE sessions SET auth_key = 'key'"),
        "damaged",
    ),
    "two keys": (
        lambda p: run(
            telethon_file(p), "INSERT INTO sessions SELECT 4, 'x', 443, auth_key, 0, '' FROM sessions"
        ),
        "several sessions",
    ),
    "no address": (
        lambda p: run(telethon_file(p), "UPDATE sessions SET server_address = ''"),
        "no valid number, address or port",
    ),
    "no port": (
        lambda p: run(telethon_file(p), "UPDATE sessions SET port = 0"),
        "no valid number, address or port",
    ),
    "data centre 0": (
        lambda p: run(telethon_file(p), "UPDATE sessions SET dc_id = 0"),
        "no valid number, address or port",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_named_for_what_it_is(kind: str, path: Path) -> None:
    make, words = BAD[kind]
    make(path)
    with pytest.raises(BadSession, match=words):
        take(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_of_somebody_else_is_named_so(path: Path) -> None:
    telethon_file(path).chmod(0)
    with pytest.raises(BadSession, match="Permission denied"):
        take(path)


def test_a_secret_that_was_mistaken_for_a_name_is_not_repeated() -> None:
    word = string_session()[:-90]
    with pytest.raises(BadSession) as refused:
        open_source(word)
    assert word[:40] not in str(refused.value)


_WRITER = """
import sqlite3, sys
writer = sqlite3.connect(sys.argv[1])
writer.execute("PRAGMA cache_size=1")
writer.execute("BEGIN IMMEDIATE")
writer.execute("UPDATE sessions SET auth_key = randomblob(256)")
rows = [(n, "x" * 200) for n in range(1, 500)]
writer.executemany("INSERT INTO entities VALUES (?, 1, NULL, NULL, ?, 0)", rows)
print("writing", flush=True)
sys.stdin.read()
writer.rollback()
writer.close()
"""


def test_what_a_writer_left_half_done_is_undone_in_the_copy_and_told(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A program that has the file open, in the middle of a change that is on disk in part."""
    telethon_file(path)
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == b"writing\n"
    found = take(path)
    writer.communicate(timeout=seconds(10))
    assert found.auth_key == KEY
    assert found.peers == ()
    told = capsys.readouterr().err
    assert "my.session-journal is there" in told
    assert "a program is writing to my.session" in told


def test_a_write_ahead_log_is_read_too(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    telethon_file(path, met=[BOB])
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("DELETE FROM entities")
        writer.commit()
        assert take(path).peers == ()
    assert "my.session-wal is there" in capsys.readouterr().err


def _whole_file(folder: Path) -> bytes:
    return telethon_file(folder / "whole.session", met=[BOB, CLUB]).read_bytes()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return _whole_file(tmp_path_factory.mktemp("whole"))


@settings(max_examples=250, deadline=None)
@given(data=st.data())
def test_a_file_that_was_damaged_anywhere_is_refused_or_gives_a_whole_session(
    data: st.DataObject, whole: bytes
) -> None:
    content = bytearray(whole[: data.draw(st.integers(17, len(whole)) | st.just(len(whole)))])
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(16, len(content) - 1) | st.integers(16, 120))
        piece = data.draw(st.binary(min_size=1, max_size=40))
        content[at : at + len(piece)] = piece
    companions = data.draw(
        st.dictionaries(st.sampled_from(["-journal", "-wal"]), st.binary(min_size=1, max_size=600))
    )
    try:
        found = read(Source(bytes(content), companions), never)
    except BadSession:
        return
    assert len(found.auth_key) == 256
    assert 1 <= found.dc_id <= 255
    assert 1 <= found.port <= 65535
    assert found.server_address
    assert all(peer.id for peer in found.peers)


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=500))
def test_any_bytes_are_refused_in_words(content: bytes) -> None:
    with pytest.raises(BadSession):
        read(Source(content), never)
