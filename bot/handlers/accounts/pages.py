"""A page of the list, for whoever leads there."""

from bot.callbacks import OnList
from bot.handlers.context import Context
from bot.texts import Html
from bot.views import listing as views
from bot.views.view import View


async def page(ctx: Context, asked: OnList, told: Html | None = None) -> View:
    """The page under what is to be told; where what narrows it is gone, that and all accounts."""
    listed = await ctx.finding.page(asked)
    if listed is None:
        told = ctx.t("list-gone")
        listed = await ctx.finding.page(OnList())
    if listed is None:
        raise LookupError("the list of all accounts is narrowed by something")
    return views.listing(ctx.t, listed, attempts=ctx.attempts, told=told)
