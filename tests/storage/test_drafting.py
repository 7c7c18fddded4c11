"""Drafts as they are written and changed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.drafting import Drafting, LinkFlaw, NoAccount, message_in
from bot.program_drafts import BadDraft, add_draft
from bot.sending_rules import SendingRules
from storage import accounts, attachments, cards, deliveries, drafting, due, journal, sessions
from storage.accounts import Observed
from storage.attachments import File
from storage.database import Database
from storage.delivery import Delivery, DeliveryState, Fallback, Media
from storage.drafting import NewDraft, Words
from storage.sessions import Peer
from tests.storage.fleet import Clock, add_account

BOLD = {"type": "bold", "offset": 0, "length": 2}
PHOTO = File(Media.PHOTO, b"jpeg", "a.jpg", "image/jpeg")


@pytest.fixture
async def online(db: Database, account: int) -> int:
    async with db.transaction() as tx:
        seen = Observed("ONLINE", "", 0, None, tx.now)
        await accounts.set_all_observed(tx, {account: seen})
    return account


async def parts_of(db: Database, head_id: int) -> list[Delivery]:
    async with db.read() as tx:
        return await deliveries.parts(tx, head_id)


async def write(db: Database, new: NewDraft) -> int:
    async with db.transaction() as tx:
        return await drafting.write(tx, new)


def words(*lines: str) -> Sequence[Words]:
    return [Words(line) for line in lines]


async def test_the_first_part_answers_and_waits_and_the_later_ones_follow_it(
    db: Database, account: int, clock: Clock
) -> None:
    later = clock.now + timedelta(hours=1)
    new = NewDraft(
        account,
        "@bobby",
        [Words("one", [BOLD]), Words("two")],
        [PHOTO, PHOTO],
        reply_to=5,
        is_silent=True,
        not_before=later,
        fallback=Fallback.ASK,
        ordered_by=7,
    )
    head, second = await parts_of(db, await write(db, new))
    assert (head.media, head.entities, head.reply_to, head.not_before) == (
        Media.ALBUM,
        (BOLD,),
        5,
        later,
    )
    assert (second.media, second.reply_to, second.not_before) == (Media.NONE, None, None)
    for part in (head, second):
        assert (part.is_silent, part.fallback, part.ordered_by) == (True, Fallback.ASK, 7)
        assert (part.state, part.target) == (DeliveryState.DRAFT, "@bobby")
    assert second.head_id == head.id
    async with db.read() as tx:
        assert [a.name for a in await attachments.of(tx, head.id)] == ["a.jpg", "a.jpg"]


async def test_a_new_text_takes_the_place_of_all_parts(db: Database, account: int) -> None:
    head_id = await write(db, NewDraft(account, "me", words("one", "two", "three")))
    async with db.transaction() as tx:
        assert await drafting.rewrite(tx, head_id, [Words("new", [BOLD]), Words("end")])
    head, second = await parts_of(db, head_id)
    assert (head.id, head.text, head.entities, second.text) == (head_id, "new", (BOLD,), "end")
    async with db.transaction() as tx:
        assert await drafting.rewrite(tx, head_id, words("short"))
    assert [part.text for part in await parts_of(db, head_id)] == ["short"]


async def test_what_holds_for_all_parts_is_set_for_all(db: Database, account: int) -> None:
    head_id = await write(db, NewDraft(account, "me", words("one", "two")))
    desk = Drafting(db, SendingRules(db))
    assert await desk.set_silent(head_id, is_silent=True)
    assert await desk.set_fallback(head_id, Fallback.NEVER)
    assert {(p.is_silent, p.fallback) for p in await parts_of(db, head_id)} == {
        (True, Fallback.NEVER)
    }


async def test_what_is_no_draft_any_more_stays_as_it_is(
    db: Database, account: int, clock: Clock
) -> None:
    head_id = await write(db, NewDraft(account, "@bobby", words("one")))
    async with db.transaction() as tx:
        await deliveries.move(tx, head_id, [DeliveryState.DRAFT], DeliveryState.PENDING)
    (before,) = await parts_of(db, head_id)
    desk = Drafting(db, SendingRules(db))
    assert await desk.draft(head_id) is None
    assert not await desk.set_silent(head_id, is_silent=True)
    assert not await desk.set_time(head_id, clock.now)
    assert not await desk.answer_nothing(head_id)
    assert not await desk.rewrite(head_id, words("two", "three"), by=7)
    assert await desk.answer(before, "https://t.me/bobby/5") is LinkFlaw.LATE
    assert await parts_of(db, head_id) == [before]


async def test_a_draft_of_a_forgotten_or_unfinished_account_is_not_written(
    db: Database, account: int
) -> None:
    desk = Drafting(db, SendingRules(db))
    for account_id in (account, 4711):  # the first has not logged in
        with pytest.raises(NoAccount):
            await desk.write(NewDraft(account_id, "me", words("one")))


@pytest.mark.parametrize(
    ("target", "link", "found"),
    [
        ("@Some_group", "https://t.me/some_group/7", 7),
        ("-1001234", "https://t.me/c/1234/8", 8),
        ("-1001234", "https://t.me/some_group/9", 9),  # the account knows the group by both
        ("@some_group", "https://t.me/c/1234/5/10", 10),
        ("@some_group", "https://t.me/c/999/10", LinkFlaw.ELSEWHERE),
        ("@other_group", "https://t.me/another/10", LinkFlaw.ELSEWHERE),
        ("+442079460000", "https://t.me/some_group/7", LinkFlaw.ELSEWHERE),
        ("me", "https://t.me/some_group/7", LinkFlaw.ELSEWHERE),
        ("@some_group", "the last one", LinkFlaw.FORM),
        ("@some_group", "https://t.me/some_group", LinkFlaw.FORM),
    ],
)
async def test_a_link_says_what_to_answer_in_the_same_chat_only(
    db: Database, account: int, target: str, link: str, found: int | LinkFlaw
) -> None:
    async with db.transaction() as tx:
        await sessions.upsert_peers(tx, account, [Peer(-1001234, 1, username="some_group")])
        assert await message_in(tx, account, target, link) == found


async def test_a_programs_draft_is_written_with_its_name(db: Database, online: int) -> None:
    rules = SendingRules(db, Fallback.ASK)
    for account in (f"#{online}", str(online), "+15550000001", ""):
        delivery_id = await add_draft(
            db, origin="billing", to="https://t.me/bobby", text="hi", account=account, rules=rules
        )
        (found,) = await parts_of(db, delivery_id)
        assert (found.account_id, found.target, found.text) == (online, "@bobby", "hi")
        assert (found.origin, found.ordered_by, found.fallback) == ("billing", None, Fallback.ASK)
    async with db.read() as tx:
        assert len(await cards.missing(tx)) == 4
        (entry, *_) = await journal.latest(tx, kind="delivery.drafted")
    assert (entry.actor, entry.data) == ("billing", {"delivery": delivery_id})


async def test_what_is_approved_already_goes_out_and_gets_a_card_only_in_trouble(
    db: Database, online: int
) -> None:
    delivery_id = await add_draft(
        db, origin="shell", to="@bobby", text="x" * 5000, account=f"#{online}", is_approved=True
    )
    parts = await parts_of(db, delivery_id)
    assert [part.state for part in parts] == [DeliveryState.PENDING] * 2
    assert all(part.approved_at for part in parts)
    for state, fallback, detour, is_shown in (
        (DeliveryState.PENDING, Fallback.AUTOMATIC, "", False),
        (DeliveryState.PENDING, Fallback.ASK, "", False),
        (DeliveryState.PENDING, Fallback.ASK, "it is not connected", True),
        (DeliveryState.SENT, Fallback.AUTOMATIC, "", False),
        (DeliveryState.UNKNOWN, Fallback.AUTOMATIC, "", True),
        (DeliveryState.FAILED, Fallback.AUTOMATIC, "", True),
    ):
        values = {"state": state, "fallback": fallback, "detour": detour}
        async with db.transaction() as tx:
            await deliveries.change(tx, delivery_id, **values)
            shown = [found.id for found in await cards.missing(tx)]
        assert shown == [delivery_id] * is_shown, values


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"origin": ""}, "1 to 64"),
        ({"origin": "x" * 65}, "1 to 64"),
        ({"to": "Bob"}, "@username"),
        ({"text": " \n"}, "nothing to send"),
        ({"account": "4711"}, "no account 4711"),
        ({"account": "Alice"}, "by its number or phone"),
        ({"text": "x" * 5000, "may_split": False}, "5000 characters"),
        ({"files": [replace(PHOTO, data=b"")]}, "empty"),
        ({"files": [PHOTO] * 11}, "at most 10"),
        ({"files": [PHOTO, replace(PHOTO, kind=Media.DOCUMENT)]}, "photos only"),
        ({"files": [replace(PHOTO, kind=Media.VOICE)] * 2}, "photos only"),
        ({"files": [replace(PHOTO, data=bytes((20 << 20) + 1))]}, "20 MB"),
        ({"reply_to": "the last one"}, "by its link"),
        ({"reply_to": "https://t.me/another/7"}, "another chat"),
    ],
)
async def test_a_wrong_draft_of_a_program_is_named_and_nothing_is_written(
    db: Database, online: int, wrong: dict[str, Any], reason: str
) -> None:
    good: dict[str, Any] = {"origin": "billing", "to": "@bobby", "text": "hi"}
    with pytest.raises(BadDraft, match=reason):
        await add_draft(db, **{**good, "account": str(online), **wrong})
    async with db.read() as tx:
        assert await due.in_state(tx, DeliveryState.DRAFT) == []


async def test_of_two_who_pause_the_first_is_named_until_somebody_resumes(
    db: Database, clock: Clock
) -> None:
    rules = SendingRules(db)
    assert await rules.paused() is None
    since = clock.now
    assert await rules.pause(by=7, name="Olga")
    clock.forward(60)
    assert not await rules.pause(by=8, name="Otto")
    held = await rules.paused()
    assert held is not None
    assert (held.since, held.by) == (since, "Olga")
    assert await rules.resume(by=8)
    assert not await rules.resume(by=7)
    assert await rules.paused() is None
    async with db.read() as tx:
        noted = await journal.latest(tx, kind="sending.")
    assert [(e.kind, e.actor) for e in noted] == [
        ("sending.resumed", "operator 8"),
        ("sending.paused", "operator 7"),
    ]


async def test_the_usual_fallback_is_the_setting_until_an_operator_sets_another(
    db: Database,
) -> None:
    assert await SendingRules(db, Fallback.NEVER).fallback() is Fallback.NEVER
    await SendingRules(db).set_fallback(Fallback.ASK, by=7)
    assert await SendingRules(db, Fallback.NEVER).fallback() is Fallback.ASK


async def test_who_may_send_is_offered_with_the_latest_first(db: Database) -> None:
    async with db.transaction() as tx:
        numbers = [await add_account(tx, n) for n in range(1, 6)]
        one, two, three, four, _ = numbers  # the last has not logged in
        down = Observed("RETRYING", "", 0, None, tx.now)
        online = replace(down, state="ONLINE")
        states = {one: down, two: online, three: online, four: down}
        await accounts.set_all_observed(tx, states)
        for sender in (three, four):
            await deliveries.draft(tx, account_id=sender, target="me", text="x", ordered_by=7)
    desk = Drafting(db, SendingRules(db))
    assert [a.id for a in await desk.candidates(7)] == [four, three, two, one]
    assert [a.id for a in await desk.candidates(8)] == [two, three, one, four]
