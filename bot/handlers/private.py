"""What may hold a secret is done in the private chat; a group gets a link that leads there."""

from aiogram import Bot, F
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import CommandObject, CommandStart
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, Message

from bot.handlers.context import Context
from bot.show import reply
from bot.views.view import View


def is_private(message: Message) -> bool:
    return message.chat.type == "private"


async def to_private(message: Message, ctx: Context, bot: Bot, start: str, words: str) -> None:
    """Offer the private chat; `start` is what it begins with there."""
    me = await bot.me()
    link = f"https://t.me/{me.username}?start={start}"
    button = InlineKeyboardButton(text=ctx.t("button-open-private"), url=link)
    keyboard = InlineKeyboardMarkup(inline_keyboard=[[button]])
    await reply(message, View(words, keyboard))


def numbered(link: str) -> CommandStart:
    """Takes the /start of links that end in a number, as `login_7`: see `number_of`."""
    return CommandStart(deep_link=True, magic=F.args.regexp(rf"^{link}[0-9]{{1,18}}$"))


def number_of(command: CommandObject, link: str) -> int:
    return int((command.args or "").removeprefix(link))


async def delete(message: Message) -> bool:
    """Delete a message that held a secret; False where Telegram does not let us."""
    try:
        return await message.delete()
    except TelegramBadRequest:
        return False
