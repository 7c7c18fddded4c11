"""Where an operator is in a dialog about a proxy. No line ever enters its data: not even sealed."""

from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup


class ProxyDialog(StatesGroup):
    """What was asked of which proxy."""

    change = State()
    price = State()
    country = State()
    lease = State()


async def enter(state: FSMContext, step: State, proxy_id: int, *, force: bool = False) -> None:
    await state.set_state(step)
    await state.set_data({"proxy": proxy_id, "force": force})


async def proxy_of(state: FSMContext) -> int:
    """The proxy that the dialog is about."""
    return int((await state.get_data()).get("proxy", 0))


async def leave(state: FSMContext, proxy_id: int) -> None:
    """Leave the dialog if it is about that proxy; another one stays open."""
    step = await state.get_state() or ""
    is_ours = step.startswith(ProxyDialog.__full_group_name__)
    if is_ours and await proxy_of(state) == proxy_id:
        await state.clear()
