"""Exports: only of a stopped account, only with the passphrase, and whole."""

import base64
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import accounts, journal, schema, sessions
from storage.accounts import Desired
from storage.database import Database
from storage.proxies import Endpoint
from storage.sessions import SessionStatus
from tests.storage.fleet import IDENTITY
from tests.unit.made_elsewhere import KEY, string_session
from userbot import elsewhere
from userbot.exporting import HEADER, ExportRefused, NotStopped, check, export, seal, unseal
from userbot.foreign import BadSession, ForeignSession
from userbot.importing import Source, import_string, read, take_over

PASSPHRASE = "correct horse battery"
PHONE = "+442079460000"
ENDPOINT = Endpoint("socks5", "203.0.113.7", 1080)
MADE_ELSEWHERE = replace(IDENTITY, api_id=17349, device_model="Étoile 7", lang_code="fr")
WHOLE = ForeignSession(2, "192.0.2.2", 443, KEY, phone=PHONE, identity=MADE_ELSEWHERE)


async def stopped(db: Database, *, address: str = "192.0.2.2") -> int:
    return await import_string(
        db,
        string_session(address=address),
        phone=PHONE,
        identity=MADE_ELSEWHERE,
        endpoint=ENDPOINT,
        is_only_copy=False,
    )


def body(sealed: str) -> bytes:
    return base64.urlsafe_b64decode(sealed.splitlines()[1])


async def test_an_export_holds_the_whole_account_and_no_word_of_it_in_the_clear(
    db: Database,
) -> None:
    sealed = await export(db, await stopped(db), PASSPHRASE)
    header, token, *rest = sealed.split("\n")
    assert (header, rest) == (HEADER, [""])
    for secret in (string_session(), PHONE, IDENTITY.api_hash, "Étoile"):
        assert secret not in sealed
        assert secret.encode() not in base64.urlsafe_b64decode(token)
    assert unseal(sealed, PASSPHRASE) == WHOLE


async def test_an_import_elsewhere_keeps_key_number_and_identity(db: Database) -> None:
    made = read(Source(f"\n{seal(WHOLE, PASSPHRASE)}".encode()), lambda: PASSPHRASE)
    assert made.phone is not None
    assert made.identity is not None
    imported = await take_over(
        db, made, phone=made.phone, identity=made.identity, endpoint=ENDPOINT, is_only_copy=False
    )
    async with db.read() as tx:
        account = await accounts.get(tx, imported.number)
        identity = await accounts.identity_of(tx, imported.number)
        stored = await sessions.load(tx, imported.number, SessionStatus.CURRENT)
    assert account is not None
    assert stored is not None
    assert (account.phone, identity, stored.auth_key) == (PHONE, MADE_ELSEWHERE, KEY)


async def test_the_account_stays_stopped_and_both_row_and_journal_say_why(db: Database) -> None:
    number = await stopped(db)
    await export(db, number, PASSPHRASE)
    async with db.read() as tx:
        account = await accounts.get(tx, number)
        (last, *_) = await journal.latest(tx, account_id=number)
    assert account is not None
    assert (account.desired, account.observed.state) == (Desired.STOP, "STOPPED")
    assert account.elsewhere == elsewhere.Elsewhere.EXPORTED
    assert (last.kind, last.actor) == ("account.exported", "command line")


@pytest.mark.parametrize(
    ("desired", "state"),
    [(Desired.RUN, "STOPPED"), (Desired.STOP, "ONLINE"), (Desired.STOP, "CONNECTING")],
)
async def test_an_account_that_runs_or_is_to_run_is_refused(
    desired: Desired, state: str, db: Database
) -> None:
    number = await stopped(db)
    async with db.transaction() as tx:
        account = await accounts.get(tx, number)
        assert account is not None
        await accounts.set_desired(tx, number, desired)
        seen = replace(account.observed, state=state)
        await accounts.set_observed(tx, number, seen, is_online=False)
    with pytest.raises(ExportRefused, match=f"mooring account stop {number}"):
        await check(db, number)
    with pytest.raises(ExportRefused, match="is not stopped"):
        await export(db, number, PASSPHRASE)
    async with db.read() as tx:
        kinds = [entry.kind for entry in await journal.latest(tx, account_id=number)]
    assert "account.exported" not in kinds


@pytest.mark.parametrize(
    ("state", "words"),
    [("NEEDS_LOGIN", "needs a login"), ("BANNED", "is banned"), ("NEW", "did not finish")],
)
async def test_of_what_no_stop_makes_a_session_no_stop_is_advised(
    state: str, words: str, db: Database
) -> None:
    number = await stopped(db)
    async with db.transaction() as tx:
        account = await accounts.get(tx, number)
        assert account is not None
        await accounts.set_observed(
            tx, number, replace(account.observed, state=state), is_online=False
        )
    with pytest.raises(NotStopped, match=f"#{number} {words}") as refused:
        await check(db, number)
    assert refused.value.state == state
    assert "mooring account stop" not in str(refused.value)


async def test_what_is_not_there_or_can_be_no_string_is_refused(db: Database) -> None:
    with pytest.raises(ExportRefused, match="no account #99"):
        await export(db, 99, PASSPHRASE)
    number = await stopped(db)
    async with db.transaction() as tx:
        await tx.execute(schema.sessions.update().values(server_address="dc.example"))
    with pytest.raises(ExportRefused, match="known by a name"):
        await export(db, number, PASSPHRASE)


def test_a_wrong_passphrase_and_a_changed_byte_are_refused_alike() -> None:
    sealed = seal(WHOLE, PASSPHRASE)
    with pytest.raises(BadSession, match="passphrase is wrong"):
        unseal(sealed, PASSPHRASE + "!")
    raw = bytearray(body(sealed))
    raw[-1] ^= 1
    changed = f"{HEADER}\n{base64.urlsafe_b64encode(raw).decode()}"
    with pytest.raises(BadSession, match="or the export is damaged"):
        unseal(changed, PASSPHRASE)


def test_two_exports_of_one_session_have_nothing_in_common() -> None:
    first, second = body(seal(WHOLE, PASSPHRASE)), body(seal(WHOLE, PASSPHRASE))
    assert first[:28] != second[:28]
    assert first[28:60] != second[28:60]


def test_a_mail_program_may_wrap_it_and_accents_may_be_composed_otherwise() -> None:
    header, token, _ = seal(WHOLE, "d\u00e9j\u00e0 vu, encore").split("\n")
    wrapped = "\r\n".join([header, *(token[i : i + 76] for i in range(0, len(token), 76))])
    assert unseal(wrapped, "de\u0301ja\u0300 vu, encore") == WHOLE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("MOORING-SESSION 2\nAAAA", "newer Mooring"),
        ("MOORING-SESSION 1", "damaged"),
        ("MOORING-SESSION 1\nAAAA", "damaged"),
        ("MOORING-SESSION 1\n????", "damaged"),
    ],
)
def test_a_broken_export_is_named(text: str, words: str) -> None:
    with pytest.raises(BadSession, match=words):
        read(Source(text.encode()), lambda: PASSPHRASE)


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=100) | st.text("AB=-_ \n", max_size=30))
def test_any_body_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadSession):
        unseal(f"{HEADER}\n{text}", PASSPHRASE)


def test_no_repr_shows_a_secret() -> None:
    shown = f"{WHOLE!r} {Source(string_session().encode())!r}"
    for secret in (string_session(), PHONE, IDENTITY.api_hash, repr(KEY)[2:20]):
        assert secret not in shown
