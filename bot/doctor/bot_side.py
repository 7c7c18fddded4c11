"""Checks of the control bot: the Bot API, the token, a webhook in the way, and the clock."""

from bot.bot_api import BotApiAway, TokenRejected, ahead_s, client, webhook_of, who_is
from bot.doctor import machine
from bot.doctor.findings import Finding, bad, ok, warn
from bot.settings import Settings

_NETWORK = "see to this machine's network; where Telegram is blocked, set BOT_PROXY"


async def bot_api(settings: Settings) -> list[Finding]:
    """All that the Bot API can tell."""
    token = settings.bot_token.get_secret_value()
    proxy = settings.bot_proxy.get_secret_value() if settings.bot_proxy else None
    findings = []
    async with client(token, api_url=settings.bot_api_url, proxy=proxy) as bot:
        try:
            me = await who_is(bot)
        except BotApiAway as exc:
            return [bad("Bot API", str(exc), _NETWORK)]
        except TokenRejected:
            findings.append(ok("Bot API", "answers"))
            mend = "set BOT_TOKEN; @BotFather shows the right one by /token"
            findings.append(bad("bot token", "the Bot API does not know BOT_TOKEN", mend))
        else:
            findings += [ok("Bot API", "answers"), ok("bot token", f"of @{me.username}")]
            try:
                findings.append(of_webhook(await webhook_of(bot)))
            except BotApiAway as exc:
                findings.append(warn("webhook", f"not known: {exc}", _NETWORK))
        try:
            findings.append(machine.clock(await ahead_s(bot)))
        except BotApiAway as exc:
            findings.append(warn("clock", f"not compared: {exc}", _NETWORK))
    return findings


def of_webhook(host: str) -> Finding:
    """`host` is where updates are sent to; empty: to whoever asks for them."""
    if not host:
        return ok("webhook", "none is set")
    return bad(
        "webhook",
        f"updates go to {host}, none come here: another program has this bot",
        "stop that program and call deleteWebhook with the token (core.telegram.org/bots/api"
        "#deletewebhook), or make a bot of its own for Mooring at @BotFather",
    )
