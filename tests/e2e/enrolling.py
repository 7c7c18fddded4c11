"""Pictures to scan, and files to import, in the operator's chat."""

import base64
from pathlib import Path
from typing import Any

from telethon.crypto import AuthKey
from telethon.sessions import SQLiteSession

from tests.e2e.harness import Mooring
from tests.e2e.telegram import Telegram


async def begin(mooring: Mooring) -> None:
    """As far as the ways to add an account."""
    await mooring.chat.say("/add_account")
    await mooring.chat.shows("Which number?")


async def show_picture(mooring: Mooring) -> None:
    """Have a picture shown for a new account."""
    await begin(mooring)
    await mooring.chat.press("QR code")
    await mooring.chat.shows("Scan this with")


async def scan(telegram: Telegram, person: dict[str, Any]) -> str:
    """That person's phone scans the latest picture; what the picture says."""
    url = str((await telegram.get("login_tokens"))[-1]["url"])
    await telegram.post(f"users/{person['id']}/scan", url=url)
    return url


async def attachment(mooring: Mooring) -> dict[str, Any]:
    """The picture that the chat shows now."""
    path = f"users/{mooring.operator['id']}/chats/{mooring.bot['id']}/messages"
    messages = (await mooring.telegram.get(path))["messages"]
    found: dict[str, Any] = next(m["attachment"] for m in reversed(messages) if m["attachment"])
    return found


async def session_file(mooring: Mooring, person: dict[str, Any], folder: Path) -> bytes:
    """Telethon's `.session` file of that person, logged in elsewhere."""
    key = await mooring.telegram.post(f"users/{person['id']}/ready_key")
    session = SQLiteSession(str(folder / "made"))
    session.set_dc(key["dc_id"], key["host"], key["port"])
    session.auth_key = AuthKey(base64.b64decode(key["auth_key"]))
    session.save()
    session.close()
    return (folder / "made.session").read_bytes()


async def send_file(mooring: Mooring, data: bytes, name: str, kind: str = "document") -> int:
    """Send it to the bot; the message's id."""
    path = f"users/{mooring.operator['id']}/chats/{mooring.bot['id']}/media"
    file = {"kind": kind, "data": base64.b64encode(data).decode(), "name": name}
    sent = await mooring.telegram.post(path, files=[file])
    return int(sent["messages"][0]["id"])


async def is_there(mooring: Mooring, message_id: int) -> bool:
    return any(m.id == message_id for m in await mooring.chat.read())
