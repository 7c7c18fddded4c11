"""aiogram's FSM on our database: a restart in mid-dialog loses nothing."""

from collections.abc import Mapping
from typing import Any

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, DefaultKeyBuilder, StateType, StorageKey
from typing_extensions import override

from storage import dialogs
from storage.database import Database


class DialogStorage(BaseStorage):
    """Where each operator is in each chat."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = DefaultKeyBuilder(with_bot_id=True)

    @override
    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        name = state.state if isinstance(state, State) else state
        async with self._database.transaction() as tx:
            await dialogs.save_state(tx, self._keys.build(key), name)

    @override
    async def get_state(self, key: StorageKey) -> str | None:
        async with self._database.read() as tx:
            return (await dialogs.load(tx, self._keys.build(key)))[0]

    @override
    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        async with self._database.transaction() as tx:
            await dialogs.save_data(tx, self._keys.build(key), data)

    @override
    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        async with self._database.read() as tx:
            return (await dialogs.load(tx, self._keys.build(key)))[1]

    @override
    async def close(self) -> None:
        """The database is not ours to close."""
