"""From what is known to the next question, and at last to the draft's card."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

from aiogram import Bot
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message
from loguru import logger

from bot.drafting import NoAccount
from bot.errors import BOT_API_ERRORS
from bot.handlers.context import Context, operator
from bot.handlers.sending.fetching import fetch
from bot.handlers.sending.plan import Content, Plan
from bot.show import edit, reply
from bot.times import shown
from bot.views import sending as views
from bot.views.view import View
from storage.attachments import File
from storage.delivery import Delivery
from storage.drafting import NewDraft
from storage.errors import StorageError


class Send(StatesGroup):
    """Writing a message."""

    sender = State()
    target = State()
    content = State()
    split = State()


@dataclass(frozen=True, slots=True)
class Place:
    """The message in which something is shown."""

    chat_id: int
    message_id: int
    is_shown: bool
    """Whether it surely is; an edit may have to be tried again."""


Show = Callable[[View], Awaitable[Place]]


@dataclass(frozen=True, slots=True)
class Turn:
    """An operator's turn in the dialog, and the means to answer it."""

    chat_id: int
    by: int
    state: FSMContext
    ctx: Context
    bot: Bot
    said: Message | None = None
    """What they sent."""
    pressed: int | None = None
    """The message whose button they pressed, if it can be edited."""

    @property
    def key(self) -> tuple[int, int]:
        """Who this is, and where."""
        return self.chat_id, self.by

    async def zone(self) -> tzinfo:
        """In which they mean the times that they type, also in a group."""
        return await self.ctx.zones.of(self.by)

    async def show(self, view: View) -> Place:
        """Answer: in place of what was pressed, or below what was sent."""
        if self.pressed is not None:
            return await self.edit(self.pressed, view)
        if self.said is not None:
            sent = await reply(self.said, view)
        else:
            sent = await self.bot.send_message(self.chat_id, view.text, reply_markup=view.keyboard)
        return Place(sent.chat.id, sent.message_id, is_shown=True)

    async def edit(self, message_id: int, view: View) -> Place:
        """Show something in place of a message of ours."""
        is_shown = await edit(self.bot, self.chat_id, message_id, view)
        return Place(self.chat_id, message_id, is_shown)

    async def ask(self, step: State, plan: Plan, view: View) -> None:
        await self.state.set_state(step)
        await self.state.set_data(plan.stored())
        await self.show(self.asked(view) if step in {Send.target, Send.content} else view)

    def asked(self, question: View) -> View:
        """A question that is answered by a message."""
        is_group = self.chat_id < 0  # core.telegram.org/api/bots/ids
        return views.in_group(self.ctx.t, question) if is_group else question


def said(message: Message, state: FSMContext, ctx: Context, bot: Bot) -> Turn:
    """The turn of whoever sent a message."""
    return Turn(message.chat.id, operator(message), state, ctx, bot, said=message)


def pressed(query: CallbackQuery, state: FSMContext, ctx: Context, bot: Bot) -> Turn:
    """The turn of whoever pressed a button; under a very old message the answer is a new one."""
    by = operator(query)
    if query.message is None:
        return Turn(by, by, state, ctx, bot)  # the private chat
    is_open = isinstance(query.message, Message)
    message_id = query.message.message_id if is_open else None
    return Turn(query.message.chat.id, by, state, ctx, bot, pressed=message_id)


async def advance(turn: Turn, plan: Plan) -> None:
    """Ask for what is missing, or else write the draft."""
    t, drafting = turn.ctx.t, turn.ctx.drafting
    if not plan.target:
        named = await turn.ctx.name(plan.account_id) if plan.account_id else None
        await turn.ask(Send.target, plan, views.ask_target(t, named))
        return
    if plan.account_id is None:
        choice = await drafting.choose(plan.target)
        if choice.account_id is None:
            found = await drafting.candidates(turn.by)
            view = views.senders(t, found, words=views.nobody(t, choice))
            await turn.ask(Send.sender, plan, view)
            return
        plan = replace(plan, account_id=choice.account_id, is_automatic=True)
    if plan.content is None:
        await turn.ask(Send.content, plan, await _ask_content(turn, plan))
        return
    parts = len(plan.content.parts)
    if parts > 1 and not plan.is_split:
        view = views.ask_split(t, count=parts, long_caption=plan.content.long_caption)
        await turn.ask(Send.split, plan, view)
    elif plan.content.files:
        await _fetch_and_write(turn, plan, plan.content)
    else:
        await _write(turn, plan, (), turn.show)


async def _ask_content(turn: Turn, plan: Plan) -> View:
    chosen = None
    if plan.is_automatic and plan.account_id is not None:
        chosen = await turn.ctx.name(plan.account_id)
    at = shown(plan.at, await turn.zone()) if plan.at else None
    return views.ask_content(turn.ctx.t, plan.target, chosen=chosen, at=at)


async def _fetch_and_write(turn: Turn, plan: Plan, content: Content) -> None:
    """Fetch the files without holding up the chat; the dialog stays open until they are here."""
    t = turn.ctx.t
    words = t("send-fetching", count=len(content.files))
    place = await turn.show(views.asking(t, words))
    waiting = replace(plan, content=None, is_split=False, fetching=place.message_id)
    await turn.state.set_state(Send.content)
    await turn.state.set_data(waiting.stored())

    async def show(view: View) -> Place:
        return await turn.edit(place.message_id, view)

    async def is_open() -> bool:
        is_asking = await turn.state.get_state() == Send.content.state
        data = await turn.state.get_data()
        return is_asking and data.get("fetching") == place.message_id

    async def work() -> None:
        files = await fetch(turn.bot, content)
        if not await is_open():
            await show(View(t("send-not-fetched-left")))
        elif files is None:
            await show(views.asking(t, t("send-not-fetched")))
        else:
            await _write(turn, plan, files, show)

    async def run() -> None:
        await told(turn, work, show, "fetching files")

    turn.ctx.in_background(run, "fetching files")


async def told(turn: Turn, work: Callable[[], Awaitable[None]], show: Show, name: str) -> None:
    """Do what no handler waits for; a database that is busy is told there too."""
    try:
        await work()
    except StorageError as exc:
        logger.bind(event="handler.failed").warning("{} gave up: {}", name, exc)
        await show(View(turn.ctx.t("fault-storage")))


async def _write(
    turn: Turn,
    plan: Plan,
    files: Sequence[File],
    show: Show,
) -> None:
    """Write the draft and show its card."""
    if plan.account_id is None or plan.content is None:
        return
    new = NewDraft(
        plan.account_id,
        plan.target,
        plan.content.parts,
        files,
        not_before=plan.at,
        ordered_by=turn.by,
    )
    try:
        draft = await turn.ctx.drafting.write(new)
    except NoAccount:
        await turn.state.clear()
        await show(View(turn.ctx.t("send-gone")))
        return
    if plan.for_admins and await _put_in_admin_chat(turn, draft):
        await turn.state.clear()
        await show(View(turn.ctx.t("send-in-admin-chat")))
        return
    try:
        place = await show(await turn.ctx.delivery_card(draft, seen_in=turn.chat_id))
    except BOT_API_ERRORS:
        await turn.ctx.drafting.withdraw(draft.id)  # nobody would see it; the dialog stays open
        raise
    # What may not be shown is an old version of the card: the loop that keeps cards true edits it.
    seen = draft if place.is_shown else replace(draft, version=draft.version - 1)
    await turn.ctx.desk.put_card(seen, place.chat_id, place.message_id)
    await turn.state.clear()


async def _put_in_admin_chat(turn: Turn, draft: Delivery) -> bool:
    """False where that chat is this one, or can't be written to: then the card is shown here."""
    where = await turn.ctx.admin_chat.where()
    if where == turn.chat_id:
        return False
    try:
        card = await turn.ctx.delivery_card(draft, seen_in=where or 0)
        sent = await turn.ctx.admin_chat.send(card)
    except BOT_API_ERRORS as exc:
        logger.bind(event="draft.not_shown").warning("the admin chat got no card: {}", exc)
        return False
    if sent is None:
        return False
    await turn.ctx.desk.put_card(draft, sent.chat.id, sent.message_id)
    return True
