"""Where a login is in the chat. Codes, passwords, hints and sessions never enter the dialog's data."""

from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup


class Login(StatesGroup):
    phone = State()
    connecting = State()
    code = State()
    checking = State()
    password = State()
    picture = State()


UNDER_WAY = (Login.connecting, Login.code, Login.checking, Login.password, Login.picture)


async def is_of(state: FSMContext, account_id: int) -> bool:
    """Whether the dialog that is open is this account's login."""
    step = await state.get_state() or ""
    is_login = step.startswith(Login.__full_group_name__)
    return is_login and (await state.get_data()).get("account") == account_id
