"""Kurigram, another MTProto client, pointed at the sandbox. Imported only by who measures it.

It has its own SQLite session file for each account, as it comes. It has no native AES here, so its
memory can be compared and its speed can't.
"""

import base64
import contextlib
import importlib
import io
from pathlib import Path
from typing import Any

from telethon.crypto import rsa as telethon_rsa

API_ID, API_HASH = 17349, "0" * 32


def part(name: str) -> Any:  # noqa: ANN401 - a module
    """One of its modules, by what stands behind `pyrogram.`; mypy is spared its thousands."""
    with contextlib.redirect_stdout(io.StringIO()):  # it says there that it has no native AES
        return importlib.import_module(f"pyrogram.{name}")


def trust_sandbox(addresses: dict[str, Any]) -> None:
    """Let Kurigram in this process take the sandbox for Telegram."""
    rsa = part("crypto.rsa")
    telethon_rsa.add_key(Path(addresses["public_key_file"]).read_text(), old=False)
    for fingerprint, (key, _) in telethon_rsa._server_keys.items():  # noqa: SLF001 - it alone computes the fingerprint
        rsa.server_public_keys.setdefault(fingerprint, rsa.PublicKey(key.n, key.e))


async def write_session(person: dict[str, Any], folder: Path) -> str:
    """A session file for a person who is logged in; its name, for `client`."""
    name = str(person["id"])
    storage = part("storage.sqlite_storage").SQLiteStorage(name, folder)
    await storage.open()
    await storage.dc_id(person["dc_id"])
    await storage.server_address(person["host"])
    await storage.port(person["port"])
    await storage.api_id(API_ID)
    await storage.test_mode(False)  # noqa: FBT003 - the library's own
    await storage.auth_key(base64.b64decode(person["auth_key"]))
    await storage.user_id(person["id"])
    await storage.is_bot(False)  # noqa: FBT003 - as above
    await storage.date(0)
    await storage.save()
    await storage.close()
    return name


def client(name: str, folder: Path, proxy: dict[str, Any]) -> Any:  # noqa: ANN401 - a pyrogram.Client
    """A client on that session file, which takes no updates."""
    return part("client").Client(
        name,
        API_ID,
        API_HASH,
        workdir=folder,
        workers=1,
        no_updates=True,
        proxy={"scheme": "socks5", "hostname": proxy["host"], "port": proxy["port"]},
    )
