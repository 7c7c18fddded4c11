"""Questions about one account that wait for a text."""

from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import StatesGroup


async def leave(state: FSMContext, account_id: int, *questions: type[StatesGroup]) -> None:
    """Leave such a question if it is about that account; another dialog stays open."""
    group, _, _ = (await state.get_state() or "").partition(":")
    is_theirs = group in {question.__full_group_name__ for question in questions}
    if is_theirs and (await state.get_data()).get("account") == account_id:
        await state.clear()
