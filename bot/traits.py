"""The use cases of an account's settings. Each change is a row, and in the journal with who."""

from collections.abc import Awaitable, Callable, Sequence

from storage import accounts, journal, labels, traits
from storage.accounts import Account
from storage.database import Database
from storage.tx import Tx
from userbot.plan import country_of

OFFERED = 6
"""So many countries are offered at most."""


class TooManyTags(ValueError):
    """An account bears `labels.MOST_TAGS` at most."""


class Traits:
    """What operators set of accounts. Each returns the account as it is then; None: it is gone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def set_label(self, account_id: int, text: str, *, by: int) -> Account | None:
        """Call it that; "" is no label. Raises `labels.BadLabel`."""
        label = labels.parse_label(text)
        return await self._set(
            account_id, "label", label, by, lambda tx: labels.set_label(tx, account_id, label)
        )

    async def set_tags(self, account_id: int, text: str, *, by: int) -> Account | None:
        """Let it bear these, separated by spaces, and no others.

        Raises `labels.BadTag` and `TooManyTags`.
        """
        wanted = sorted({labels.parse_tag(word) for word in text.replace(",", " ").split()})
        if len(wanted) > labels.MOST_TAGS:
            raise TooManyTags(f"{len(wanted)} tags, and {labels.MOST_TAGS} fit")

        async def put(tx: Tx) -> None:
            account = await accounts.get(tx, account_id)
            borne = account.tags if account else ()
            for tag in set(borne) - set(wanted):
                await labels.remove_tag(tx, [account_id], tag)
            for tag in set(wanted) - set(borne):
                await labels.add_tag(tx, [account_id], tag)

        return await self._set(account_id, "tags", " ".join(wanted), by, put)

    async def set_country(
        self, account_id: int, country: str | None, *, by: int
    ) -> Account | None:
        """Where its proxies are to be."""
        return await self._set(
            account_id,
            "country",
            country,
            by,
            lambda tx: traits.set_country(tx, account_id, country),
        )

    async def set_importance(self, account_id: int, importance: int, *, by: int) -> Account | None:
        """Its place among all when a start brings them back."""
        return await self._set(
            account_id,
            "importance",
            importance,
            by,
            lambda tx: traits.set_importance(tx, account_id, importance),
        )

    async def set_always_online(self, account_id: int, *, is_on: bool, by: int) -> Account | None:
        """Whether a start brings it back always (S0.6)."""
        return await self._set(
            account_id,
            "always_online",
            is_on,
            by,
            lambda tx: traits.set_always_online(tx, account_id, always_online=is_on),
        )

    async def set_one_time(self, account_id: int, *, is_on: bool, by: int) -> Account | None:
        """Whether its number may never log in again; clearing that is an owner's act (S0.6)."""
        return await self._set(
            account_id,
            "one_time_phone",
            is_on,
            by,
            lambda tx: traits.set_one_time_phone(tx, account_id, one_time_phone=is_on),
        )

    async def countries(self, account: Account) -> Sequence[str]:
        """Countries to offer: its number's, and where accounts are to be, the most frequent first."""
        async with self._database.read() as tx:
            found = [a.country for a in await accounts.page(tx) if a.country]
        frequent = sorted(set(found), key=lambda code: (-found.count(code), code))
        own = (country_of(account.phone) or "").lower()
        return [code for code in dict.fromkeys([own, *frequent]) if code][:OFFERED]

    async def _set(
        self,
        account_id: int,
        name: str,
        value: str | int | None,
        by: int,
        act: Callable[[Tx], Awaitable[object]],
    ) -> Account | None:
        async with self._database.transaction() as tx:
            await tx.lock(f"account {account_id}")
            account = await accounts.get(tx, account_id)
            if account is None or account.removed_at is not None:
                return None
            await act(tx)
            await journal.note(
                tx,
                "account.set",
                actor=f"operator {by}",
                account_id=account_id,
                data={name: value},
            )
            return await accounts.get(tx, account_id)
