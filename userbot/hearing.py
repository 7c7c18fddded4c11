"""Asks lines for an answer before they are closed: Telegram hears only those that it answers on."""

import asyncio
from collections.abc import Collection

from userbot.userbot import Userbot

ANSWER_WITHIN_S, ANSWER_EACH_S = 2.0, 0.001
"""How long lines may take to answer before they are closed: all at once, and each its part."""


async def silent(userbots: Collection[Userbot]) -> set[int]:
    """The accounts of those that Telegram would not hear hang up now."""
    limit_s = ANSWER_WITHIN_S + len(userbots) * ANSWER_EACH_S
    answers = await asyncio.gather(*(userbot.answers(limit_s) for userbot in userbots))
    # Looked at again: the line of one may have ended while another was waited for.
    return {
        u.account_id
        for u, is_heard in zip(userbots, answers, strict=True)
        if not is_heard or u.may_linger
    }
