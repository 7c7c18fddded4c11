"""Exporting: an account's session as one block of text, sealed with a passphrase.

The first line names the format. The second is base64url of 16 bytes of salt, 12 of nonce and the
AES-256-GCM ciphertext, its key made by scrypt (n=2^17, r=8, p=1), the first line authenticated.
Inside is JSON: Telethon's StringSession, the number, and what the account presents itself with.
"""

import asyncio
import base64
import binascii
import os
import unicodedata
from dataclasses import asdict, replace
from ipaddress import ip_address
from typing import Annotated

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from telethon.crypto import AuthKey
from telethon.sessions import StringSession

from storage import accounts, journal, sessions
from storage.accounts import Account, Desired, Identity
from storage.database import Database
from storage.sessions import SessionStatus, StoredSession
from storage.tx import Tx
from userbot import elsewhere
from userbot.elsewhere import Elsewhere
from userbot.foreign import BadSession, ForeignSession, from_string
from userbot.states import State
from userbot.targets import BadPhone, parse_phone

MARK = "MOORING-SESSION"
HEADER = f"{MARK} 1"
SALT_BYTES, NONCE_BYTES = 16, 12
_DAMAGED = "this export is damaged"
_WORTHLESS = {
    State.NEEDS_LOGIN: "needs a login, so it has no session that is worth taking out",
    State.BANNED: "is banned or deleted by Telegram, so it has no session that is worth taking out",
    State.NEW: "did not finish its login, so it has no session yet",
}
"""Of what no stop makes a session."""


class ExportRefused(ValueError):
    """The account can't be exported as it is; the text says why. Nothing left the database."""


class NotStopped(ExportRefused):
    """It is not stopped; `state` is how it is seen. Only what runs has to be stopped first."""

    def __init__(self, account_id: int, state: State) -> None:
        self.state = state
        seen = "it is to run" if state is State.STOPPED else state
        why = _WORTHLESS.get(state) or (
            f"is not stopped ({seen}), and two live copies kill a session; first: "
            f"mooring account stop {account_id}"
        )
        super().__init__(f"#{account_id} {why}")


class _Portable(BaseModel):
    """What is inside."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    session: Annotated[str, Field(repr=False)]
    phone: Annotated[str, Field(repr=False)]
    api_id: Annotated[int, Field(ge=1, lt=2**31)]
    api_hash: Annotated[str, Field(min_length=1, max_length=64, repr=False)]
    device_model: Annotated[str, Field(min_length=1, max_length=255)]
    system_version: Annotated[str, Field(min_length=1, max_length=64)]
    app_version: Annotated[str, Field(min_length=1, max_length=64)]
    lang_code: Annotated[str, Field(min_length=1, max_length=16)]
    system_lang_code: Annotated[str, Field(min_length=1, max_length=16)]


async def check(database: Database, account_id: int) -> None:
    """Raise `ExportRefused` where the account can't be exported now."""
    async with database.read() as tx:
        await _stopped(tx, account_id)


async def _stopped(tx: Tx, account_id: int) -> Account:
    """The account, if it is stopped: by the operator's wish, and as it is seen."""
    account = await accounts.get(tx, account_id)
    if account is None:
        raise ExportRefused(f"there is no account #{account_id}")
    if account.desired is not Desired.STOP or account.observed.state != State.STOPPED:
        raise NotStopped(account_id, State(account.observed.state))
    return account


async def export(
    database: Database, account_id: int, passphrase: str, *, actor: str = "command line"
) -> str:
    """The account's session, sealed; the account stays stopped. Raises `ExportRefused`."""
    async with database.transaction() as tx:
        portable = await _take_out(tx, account_id, actor)
    return await asyncio.to_thread(seal, portable, passphrase)


async def _take_out(tx: Tx, account_id: int, actor: str) -> ForeignSession:
    await tx.lock(f"account {account_id}")
    account = await _stopped(tx, account_id)
    stored = await sessions.load(tx, account_id, SessionStatus.CURRENT)
    if stored is None or stored.auth_key is None:
        raise ExportRefused(f"#{account_id} has no session")
    _check_address(stored)
    await elsewhere.mark(tx, account, Elsewhere.EXPORTED)
    await journal.note(tx, "account.exported", actor=actor, account_id=account_id)
    return ForeignSession(
        stored.dc_id,
        stored.server_address,
        stored.port,
        stored.auth_key,
        phone=account.phone,
        identity=await accounts.identity_of(tx, account_id),
    )


def _check_address(stored: StoredSession) -> None:
    try:
        ip_address(stored.server_address)
    except ValueError:
        raise ExportRefused(
            "its data centre is known by a name, and a StringSession holds only IP addresses"
        ) from None


def seal(portable: ForeignSession, passphrase: str) -> str:
    """One block of text that opens with the passphrase. Takes half a second and 128 MiB."""
    if portable.identity is None or portable.phone is None:
        raise ValueError("only a whole account is exported")
    session = StringSession()
    session.set_dc(portable.dc_id, portable.server_address, portable.port)
    session.auth_key = AuthKey(portable.auth_key)
    inside = _Portable(session=session.save(), phone=portable.phone, **asdict(portable.identity))
    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    content = inside.model_dump_json().encode()
    sealed = AESGCM(_key(passphrase, salt)).encrypt(nonce, content, HEADER.encode())
    return f"{HEADER}\n{base64.urlsafe_b64encode(salt + nonce + sealed).decode()}\n"


def unseal(text: str, passphrase: str) -> ForeignSession:
    """What was sealed, number and identity included. Raises `BadSession`."""
    header, _, body = text.strip().partition("\n")
    if header.strip() != HEADER:
        raise BadSession("this export was made by a newer Mooring, or its first line is damaged")
    try:
        raw = base64.b64decode("".join(body.split()), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as exc:
        raise BadSession(_DAMAGED) from exc
    salt, nonce = raw[:SALT_BYTES], raw[SALT_BYTES : SALT_BYTES + NONCE_BYTES]
    sealed = raw[SALT_BYTES + NONCE_BYTES :]
    if not sealed:
        raise BadSession(_DAMAGED)
    try:
        inside = AESGCM(_key(passphrase, salt)).decrypt(nonce, sealed, HEADER.encode())
    except InvalidTag as exc:
        raise BadSession("the passphrase is wrong, or the export is damaged") from exc
    return _read(inside)


def _read(inside: bytes) -> ForeignSession:
    try:
        found = _Portable.model_validate_json(inside)
        phone = parse_phone(found.phone)
    except (ValidationError, BadPhone):
        # Without its cause: that could quote what was inside.
        raise BadSession(_DAMAGED) from None
    identity = Identity(**found.model_dump(exclude={"session", "phone"}))
    return replace(from_string(found.session), phone=phone, identity=identity)


def _key(passphrase: str, salt: bytes) -> bytes:
    # Keyboards differ in how they compose an accent.
    secret = unicodedata.normalize("NFC", passphrase).encode()
    return Scrypt(salt=salt, length=32, n=2**17, r=8, p=1).derive(secret)
