"""`mooring invite`: a link that lets one person in, once; also beside a running Mooring."""

import argparse
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.cli.common import FAILED, OK, one_of, say
from bot.cli.existing import stored
from bot.cli.ordering import ACTOR
from bot.cli.output import show, show_json
from bot.settings import Settings
from storage import invites, journal
from storage.database import Database
from storage.operators import Role

MINUTES = int(invites.LIFETIME.total_seconds() // 60)


def add_to(commands: Any) -> None:  # noqa: ANN401 - argparse names its subparsers privately
    parser = commands.add_parser(
        "invite",
        help="print a link that makes whoever opens it an operator",
        description=f"Prints a link to the bot. It lets one person in, once, within {MINUTES} "
        "minutes, while a Mooring runs. A viewer looks; an operator acts on accounts, proxies "
        "and messages; an owner may do everything.",
    )
    parser.add_argument(
        "--role",
        type=one_of(Role),
        choices=list(Role),
        default=Role.OPERATOR,
        help="operator if not said",
    )
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(act=_invite)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link for one person."""

    bot: str
    """The bot's username."""
    role: Role
    link: str
    expires_at: datetime


async def invitation(database: Database, *, bot: str, role: Role) -> Invitation:
    """A new one; only the link lets anybody in, the database has no code that does."""
    async with database.transaction() as tx:
        code = await invites.make(tx, role, by=None)
        await journal.note(tx, "operator.invited", actor=ACTOR, data={"role": role})
        expires_at = tx.now + invites.LIFETIME
    return Invitation(bot, role, f"https://t.me/{bot}?start={code}", expires_at)


def show_invitation(made: Invitation, *, is_json: bool) -> None:
    """The link alone on standard output, or all of it as JSON."""
    if is_json:
        expires_at = made.expires_at.astimezone(UTC).isoformat(timespec="seconds")
        show_json(
            {"link": made.link, "role": made.role, "bot": made.bot, "expires_at": expires_at}
        )
    else:
        show(made.link + "\n")


async def _invite(settings: Settings, arguments: argparse.Namespace) -> int:
    # aiogram takes seconds to import: only who asks the Bot API waits for it.
    from bot.bot_api import BotApiAway, TokenRejected, client, who_is  # noqa: PLC0415 - see above

    proxy = settings.bot_proxy.get_secret_value() if settings.bot_proxy else None
    token = settings.bot_token.get_secret_value()
    async with stored(settings) as database:
        try:
            async with client(token, api_url=settings.bot_api_url, proxy=proxy) as bot:
                me = await who_is(bot)
        except TokenRejected as exc:
            say(f"Nobody was invited: {exc}. See to BOT_TOKEN; @BotFather shows it by /token.")
            return FAILED
        except BotApiAway as exc:
            say(
                f"Nobody was invited: the bot's name is not known, for the Bot API is away: {exc}."
            )
            return FAILED
        made = await invitation(database, bot=me.username or "", role=arguments.role)
    show_invitation(made, is_json=arguments.json)
    say(
        f"Whoever opens this link and presses Start becomes {made.role}: one person, within "
        f"{MINUTES} minutes, while Mooring runs."
    )
    return OK
