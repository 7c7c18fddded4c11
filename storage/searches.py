"""What operators searched for last: a button holds no more of a text than what it is called."""

import hashlib

from sqlalchemy import select

from storage import operators
from storage.schema import operators as table
from storage.tx import Tx

SETTING = "searches"
"""The setting of an operator that holds theirs, the latest first."""
KEPT = 30


def key_of(text: str) -> str:
    """What the text is called in a button."""
    return hashlib.blake2b(text.encode(), digest_size=5).hexdigest()


async def remember(tx: Tx, user_id: int, text: str) -> str:
    """Keep what this operator searched for, in place of their oldest; returns its key."""
    await tx.lock(f"searches of operator {user_id}")
    known = (await operators.settings_of(tx, user_id)).get(SETTING, [])
    if known[:1] != [text]:
        latest = [text, *(each for each in known if each != text)][:KEPT]
        await operators.change_settings(tx, user_id, {SETTING: latest})
    return key_of(text)


async def text_of(tx: Tx, key: str) -> str | None:
    """What somebody searched for under that key; None where nobody remembers it."""
    for row in await tx.all(select(table.c.settings)):
        for text in row.settings.get(SETTING, []):
            if key_of(text) == key:
                return str(text)
    return None
