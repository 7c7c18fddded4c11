"""What operators are called."""

from collections.abc import Collection

from sqlalchemy import select

from storage import operators
from storage.schema import bot_contacts
from storage.schema import operators as table
from storage.tx import Tx

NAME = "name"
"""The setting that holds it."""


async def remember(tx: Tx, user_id: int, name: str) -> None:
    """Remember what this operator is called, if that is news."""
    known = await operators.settings_of(tx, user_id)
    if name and known.get(NAME) != name:
        await operators.change_settings(tx, user_id, {NAME: name})


async def of(tx: Tx, user_ids: Collection[int]) -> dict[int, str]:
    """A name for each: that of their latest press, else their @username, else their id."""
    ids = sorted(set(user_ids))
    if not ids:
        return {}
    named = {user_id: str(user_id) for user_id in ids}
    met = select(bot_contacts).where(bot_contacts.c.user_id.in_(ids))
    for row in await tx.all(met):
        if row.username:
            named[row.user_id] = f"@{row.username}"
    for row in await tx.all(select(table).where(table.c.user_id.in_(ids))):
        if row.settings.get(NAME):
            named[row.user_id] = str(row.settings[NAME])
    return named
