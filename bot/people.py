"""Who may do what: those that ADMIN_IDS names, and those that were let in by an owner."""

from collections.abc import Sequence
from dataclasses import dataclass

from storage import invites, journal, operators
from storage.database import Database
from storage.operators import Operator, Role
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Person:
    user_id: int
    role: Role
    name: str
    is_named: bool = False
    """Named in ADMIN_IDS: the chat can't put them out."""


class People:
    """The first of ADMIN_IDS is an owner, the others are operators, unless the chat made them more.

    Read anew for each update: whoever is put out is out with the next press.
    """

    def __init__(self, database: Database, named: Sequence[int]) -> None:
        self._database = database
        self._named = dict.fromkeys(named, Role.OPERATOR)
        self._named |= dict.fromkeys(named[:1], Role.OWNER)

    async def role_of(self, user_id: int) -> Role | None:
        """What that person may do; None where they are a stranger."""
        async with self._database.read() as tx:
            return self._of(user_id, await operators.role_of(tx, user_id))

    async def all(self) -> list[Person]:
        """Everybody who is let in: first those of ADMIN_IDS."""
        async with self._database.read() as tx:
            return await self._all(tx)

    async def first_owner(self) -> int | None:
        """To whom alerts go where there is no admin chat; None where nobody is an owner."""
        return next((p.user_id for p in await self.all() if p.role is Role.OWNER), None)

    async def invite(self, role: Role, *, by: int) -> str:
        """A code that lets one person in, once, within `invites.LIFETIME`."""
        async with self._database.transaction() as tx:
            code = await invites.make(tx, role, by=by)
            data = {"role": role}
            await journal.note(tx, "operator.invited", actor=f"operator {by}", data=data)
        return code

    async def claim(self, code: str, user_id: int, name: str) -> Role | None:
        """Let in whoever comes with a valid code; a role they have already is never lowered."""
        async with self._database.transaction() as tx:
            offered = await invites.redeem(tx, code, user_id)
            if offered is None:
                return None
            known = self._of(user_id, await operators.role_of(tx, user_id))
            role = known if known is not None and known.covers(offered) else offered
            await operators.admit(tx, user_id, role, name=name, by=None)
            data = {"role": role, "name": name}
            actor = f"operator {user_id}"
            await journal.note(tx, "operator.came", actor=actor, data=data)
        return role

    async def set_role(self, user_id: int, role: Role | None, *, by: int) -> str:
        """Give somebody another role, or with None put them out.

        Returns why not: "named" (ADMIN_IDS lets them in), "last_owner", "gone"; empty where
        it is done.
        """
        async with self._database.transaction() as tx:
            await tx.lock("operators")
            found = {p.user_id: p for p in await self._all(tx)}
            person = found.get(user_id)
            if person is None:
                return "gone"
            owners = [p for p in found.values() if p.role is Role.OWNER]
            if role is not Role.OWNER and owners == [person]:
                return "last_owner"
            if person.is_named and (role is None or not role.covers(self._named[user_id])):
                return "named"
            if role is None:
                await operators.dismiss(tx, user_id)
            else:
                await operators.admit(tx, user_id, role, name=person.name, by=by)
            data = {"user": user_id, "role": role or ""}
            kind = "operator.role" if role else "operator.put_out"
            await journal.note(tx, kind, actor=f"operator {by}", data=data)
        return ""

    async def _all(self, tx: Tx) -> list[Person]:
        kept = {each.user_id: each for each in await operators.page(tx)}
        named = [self._named_person(user_id, kept.get(user_id)) for user_id in self._named]
        others = [
            Person(e.user_id, e.role, e.name) for u, e in kept.items() if u not in self._named
        ]
        return named + others

    def _named_person(self, user_id: int, kept: Operator | None) -> Person:
        role = self._named[user_id]
        if kept is None:
            return Person(user_id, role, "", is_named=True)
        better = kept.role if kept.role.covers(role) else role
        return Person(user_id, better, kept.name, is_named=True)

    def _of(self, user_id: int, stored: Role | None) -> Role | None:
        named = self._named.get(user_id)
        if named is None or stored is None:
            return stored or named
        return stored if stored.covers(named) else named
