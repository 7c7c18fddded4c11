"""What operators call accounts: a label each, and tags that many share."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from sqlalchemy import delete, func, insert, select, update

from storage.accounts import CHANGED
from storage.schema import account_tags, accounts
from storage.tx import Tx

LONGEST_LABEL = 64
LONGEST_TAG = 32
MOST_TAGS = 10
"""So many tags an account bears."""
_AT_A_TIME = 1000
"""A statement takes only so many values."""
_TAG = re.compile(r"[\w-]+")


class TagFlaw(StrEnum):
    EMPTY = "empty"
    LONG = "long"
    FORM = "form"
    """It has something besides letters, digits, - and _."""


class BadTag(ValueError):
    """That is no tag; `flaw` says why."""

    def __init__(self, flaw: TagFlaw) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw


class BadLabel(ValueError):
    """That label is too long; `length` says how long it is."""

    def __init__(self, length: int) -> None:
        super().__init__(f"{length} characters, and {LONGEST_LABEL} fit")
        self.length = length


def parse_tag(text: str) -> str:
    """A tag in its one form: lower case. Raises `BadTag`."""
    tag = text.strip().lower()
    if not tag:
        raise BadTag(TagFlaw.EMPTY)
    if not _TAG.fullmatch(tag):
        raise BadTag(TagFlaw.FORM)
    if len(tag) > LONGEST_TAG:
        raise BadTag(TagFlaw.LONG)
    return tag


def parse_label(text: str) -> str:
    """A label in one line, without what can't be seen. Raises `BadLabel`."""
    label = " ".join("".join(c for c in text if c.isprintable() or c.isspace()).split())
    if len(label) > LONGEST_LABEL:
        raise BadLabel(len(label))
    return label


def confirms(typed: str, *, label: str, number: int) -> bool:
    """Whether somebody typed the account's label, or `#number` where it has none."""
    try:
        meant = parse_label(typed)
    except BadLabel:
        return False
    return meant.casefold() == (label or f"#{number}").casefold()


async def set_label(tx: Tx, account_id: int, label: str) -> None:
    """Call it that from now on; "" is no label. Several may be called the same."""
    named = update(accounts).where(accounts.c.id == account_id).values(label=parse_label(label))
    await tx.execute(named)
    tx.wake(CHANGED)


@dataclass(frozen=True, slots=True)
class Tagged:
    """What became of a tag for several accounts, by their numbers."""

    changed: Sequence[int]
    same: Sequence[int]
    """These had it already, or did not have what was to go."""
    full: Sequence[int] = ()
    """These bear `MOST_TAGS` already."""


async def add_tag(tx: Tx, account_ids: Collection[int], tag: str) -> Tagged:
    """Give all of these the tag; who is gone gets none. Raises `BadTag`."""
    tag = parse_tag(tag)
    await tx.lock("tags")
    changed: list[int] = []
    same: list[int] = []
    full: list[int] = []
    for some in _chunks(account_ids):
        for number, borne in (await _tags(tx, some)).items():
            kind = same if tag in borne else full if len(borne) >= MOST_TAGS else changed
            kind.append(number)
    if changed:
        await tx.execute(
            insert(account_tags), [{"account_id": number, "tag": tag} for number in changed]
        )
        tx.wake(CHANGED)
    return Tagged(tuple(changed), tuple(same), tuple(full))


async def remove_tag(tx: Tx, account_ids: Collection[int], tag: str) -> Tagged:
    """Take the tag off all of these. Raises `BadTag`."""
    tag = parse_tag(tag)
    changed: list[int] = []
    for some in _chunks(account_ids):
        gone = await tx.all(
            delete(account_tags)
            .where(account_tags.c.tag == tag, account_tags.c.account_id.in_(some))
            .returning(account_tags.c.account_id)
        )
        changed.extend(sorted(row.account_id for row in gone))
    if changed:
        tx.wake(CHANGED)
    same = sorted(set(account_ids) - set(changed))
    return Tagged(tuple(changed), tuple(same))


async def tags(tx: Tx) -> dict[str, int]:
    """Every tag and how many accounts bear it, by their names; forgotten accounts do not count."""
    rows = await tx.all(
        select(account_tags.c.tag, func.count().label("borne_by"))
        .join(accounts, accounts.c.id == account_tags.c.account_id)
        .where(accounts.c.removed_at.is_(None))
        .group_by(account_tags.c.tag)
    )
    return {row.tag: row.borne_by for row in sorted(rows, key=lambda row: str(row.tag))}


async def _tags(tx: Tx, account_ids: Sequence[int]) -> dict[int, set[str]]:
    """The tags of those of these accounts that are there."""
    rows = await tx.all(
        select(accounts.c.id, account_tags.c.tag)
        .select_from(accounts.outerjoin(account_tags, accounts.c.id == account_tags.c.account_id))
        .where(accounts.c.id.in_(account_ids), accounts.c.removed_at.is_(None))
        .order_by(accounts.c.id)
    )
    found: dict[int, set[str]] = {}
    for row in rows:
        found.setdefault(row.id, set()).update([row.tag] if row.tag else [])
    return found


def _chunks(numbers: Collection[int]) -> Iterator[list[int]]:
    left = iter(sorted(set(numbers)))
    while some := list(islice(left, _AT_A_TIME)):
        yield some
