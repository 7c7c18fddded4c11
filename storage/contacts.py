"""People who have written to the bot: only to them can it write (Bot API rule)."""

from sqlalchemy import select

from storage.schema import bot_contacts
from storage.tx import Tx


async def seen(tx: Tx, user_id: int, username: str | None) -> None:
    """Remember that this person wrote to the bot."""
    values = {"username": username.lower() if username else None, "seen_at": tx.now}
    await tx.upsert(bot_contacts, [{"user_id": user_id, **values}], keys=["user_id"])


async def id_of(tx: Tx, username: str) -> int | None:
    # A username changes hands; whoever was seen with it last has it.
    row = await tx.one(
        select(bot_contacts.c.user_id)
        .where(bot_contacts.c.username == username.lower())
        .order_by(bot_contacts.c.seen_at.desc())
        .limit(1)
    )
    return int(row.user_id) if row else None
