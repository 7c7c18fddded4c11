"""Sending as the bot, against the sandbox's Bot API: at most once, and every no has its words."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from bot.botroute import BotChanges, BotRoute
from bot.control import make_bot
from bot.texts import Texts
from storage import attachments, contacts, deliveries, preferences
from storage.attachments import File
from storage.database import Database
from storage.delivery import Delivery, DeliveryState, Media, TargetPeer
from tests.e2e.telegram import Telegram
from tests.sandbox.pictures import PHOTO as JPEG
from tests.timing import limit, seconds
from userbot.nursery import Nursery

REPEATS_S = (0.05, 0.05)
UNREACHABLE = Texts()("bot-error-unreachable")
BOLD = {"type": "bold", "offset": 0, "length": 4}


class Bots:
    """A bot at the sandbox, the route that sends as it, and whom it can reach."""

    def __init__(
        self, db: Database, telegram: Telegram, account: int, stack: AsyncExitStack
    ) -> None:
        self.db = db
        self.telegram = telegram
        self.account = account
        self._stack = stack
        self.me: dict[str, Any] = {}

    async def start(self) -> None:
        token, self.me = await self.telegram.bot()
        api_url = self.telegram.addresses["bot_api"]
        self.bot = make_bot(token, api_url=api_url, proxy=None)
        self._stack.push_async_callback(self.bot.session.close)
        self.changes = BotChanges(self.db, self.bot, Texts())
        await self.start_route()

    async def start_route(self) -> None:
        self._nursery = await self._stack.enter_async_context(Nursery())
        route = BotRoute(self.db, self.bot, Texts(), self._nursery, repeats_s=REPEATS_S)
        self._loop = self._nursery.start(route.run(), name="bot route")

    async def crash(self) -> None:
        """Cut it off in the middle of whatever it does, and begin anew."""
        await self._nursery.__aexit__(None, None, None)
        await self.start_route()

    async def reader(self, name: str = "Bob") -> dict[str, Any]:
        """Somebody who has started the bot."""
        person = await self.telegram.person(name, username=f"{name}_{secrets.token_hex(4)}")
        await (await self.telegram.chat(person, self.me)).say("/start")
        async with self.db.transaction() as tx:
            await contacts.seen(tx, person["id"], person["username"])
        return person

    async def group(self, **more: object) -> dict[str, Any]:
        creator = await self.telegram.person("Carol")
        made: dict[str, Any] = await self.telegram.post(
            "groups", title="Ops", creator=creator["id"], **more
        )
        return made | {"creator": creator}

    async def put(self, target: object, text: str = "hello", **more: Any) -> int:  # noqa: ANN401
        """Approved, to go out as the bot."""
        files = more.pop("files", [])
        peer = more.pop("peer", None)
        async with self.db.transaction() as tx:
            delivery_id = await deliveries.draft(
                tx, account_id=self.account, target=str(target), text=text, **more
            )
            await attachments.add(tx, delivery_id, files)
            await deliveries.move(
                tx,
                delivery_id,
                {DeliveryState.DRAFT},
                DeliveryState.BOT_PENDING,
                approved_at=tx.now,
                **({"peer": peer} if peer else {}),
            )
        return delivery_id

    async def get(self, delivery_id: int) -> Delivery:
        async with self.db.read() as tx:
            found = await deliveries.get(tx, delivery_id)
        assert found
        return found

    async def until(self, delivery_id: int, wanted: Callable[[Delivery], bool]) -> Delivery:
        found = await self.get(delivery_id)
        with self.db.wakeups.subscribe(deliveries.CHANGED) as changed:
            try:
                async with asyncio.timeout(limit(20)):
                    while not wanted(found := await self.get(delivery_id)):
                        await changed.wait(1)
            except TimeoutError:
                raise AssertionError(f"it stays {found}") from None
        return found

    async def ends(self, delivery_id: int) -> Delivery:
        over = {DeliveryState.UNKNOWN}
        return await self.until(delivery_id, lambda d: d.state.is_final or d.state in over)

    async def read(self, person: dict[str, Any]) -> list[dict[str, Any]]:
        """What the bot wrote to that person."""
        path = f"users/{person['id']}/chats/{self.me['id']}/messages"
        chat = await self.telegram.get(path)
        return [m for m in chat["messages"] if not m["out"]]

    async def fault(self, kind: str, method: str, **more: object) -> None:
        await self.telegram.post(f"botapi/faults/{kind}", method=method, **more)


@pytest.fixture
async def bots(db: Database, telegram: Telegram, account: int) -> AsyncIterator[Bots]:
    async with AsyncExitStack() as stack:
        bots = Bots(db, telegram, account, stack)
        await bots.start()
        yield bots
    await telegram.delete("botapi/faults")


async def test_a_text_goes_out_with_its_formatting_and_silently(bots: Bots):
    bob = await bots.reader()
    text = "bold <b>&"
    sent = await bots.ends(
        await bots.put(f"@{bob['username']}", text, entities=[BOLD], is_silent=True)
    )
    assert (sent.state, sent.error, sent.link) == (DeliveryState.SENT_BY_BOT, "", "")
    assert [step.name for step in sent.steps] == ["chat", "send"]
    (message,) = await bots.read(bob)
    assert (message["text"], message["silent"]) == (text, True)
    assert message["entities"] == [BOLD]


async def test_who_has_not_started_the_bot_is_named_and_nothing_is_sent(
    bots: Bots, telegram: Telegram
):
    bob = await telegram.person("Bob")
    failed = await bots.ends(await bots.put(bob["id"]))
    assert failed.state is DeliveryState.FAILED
    assert failed.error.endswith(f"reach {bob['id']}: they have not started it")
    assert await bots.read(bob) == []


async def test_whom_the_bot_can_not_even_look_up_gets_nothing_handed_over(bots: Bots):
    failed = await bots.ends(await bots.put("@nobody_of_that_name"))
    assert failed.state is DeliveryState.FAILED
    assert "the bot does not know @nobody_of_that_name" in failed.error
    assert failed.steps == ()


async def test_who_has_blocked_the_bot_is_told_of(bots: Bots, telegram: Telegram):
    bob = await bots.reader()
    await telegram.post("block", user=bob["id"], peer=bots.me["id"])
    failed = await bots.ends(await bots.put(bob["id"]))
    assert failed.error.endswith(f"reach {bob['id']}: they have blocked it")


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (None, "the bot is not in that group"),
        ("left", "the bot is not in that group"),
        ("kicked", "the bot was removed from that group"),
        ("restricted", "the bot may not write there"),
    ],
)
@pytest.mark.parametrize("is_public", [False, True])
async def test_a_group_that_the_bot_may_not_write_in_says_so(
    bots: Bots, telegram: Telegram, standing: str | None, words: str, *, is_public: bool
):
    name = {"username": f"ops_{secrets.token_hex(5)}"} if is_public else {}
    group = await bots.group(**name)
    if standing:
        member = {"user": bots.me["id"], "standing": standing}
        await telegram.post(f"groups/{group['id']}/members", **member)
    target = f"@{group['username']}" if is_public else group["id"]
    failed = await bots.ends(await bots.put(target))
    assert (failed.state, failed.error) == (DeliveryState.FAILED, words)
    assert (await telegram.get(f"groups/{group['id']}/messages"))["messages"] == []


@pytest.mark.parametrize("is_public", [False, True])
async def test_in_a_supergroup_it_answers_the_message_and_can_be_opened(
    bots: Bots, telegram: Telegram, *, is_public: bool
):
    name = {"username": f"ops_{secrets.token_hex(5)}"} if is_public else {}
    group = await bots.group(members=[bots.me["id"]], **name)
    path = f"users/{group['creator']['id']}/chats/{group['id']}/messages"
    asked = (await telegram.post(path, text="who is on call?"))["message"]
    bare = str(-group["id"] - 10**12)
    peer = TargetPeer("channel", int(bare), 5)  # as the account resolved it

    sent = await bots.ends(await bots.put("@renamed", "I am", reply_to=asked["id"], peer=peer))
    answer = (await telegram.get(path))["messages"][-1]
    assert (answer["text"], answer["reply_to"]) == ("I am", asked["id"])
    assert sent.link == f"https://t.me/{group['username'] or f'c/{bare}'}/{answer['id']}"
    assert "no-reply" not in {step.name for step in sent.steps}


async def test_an_answer_whose_message_the_bot_can_not_see_goes_out_plain_and_says_so(bots: Bots):
    bob = await bots.reader()
    group = await bots.group(members=[bots.me["id"]])
    for target in (bob["id"], group["id"]):
        sent = await bots.ends(await bots.put(target, "I am", reply_to=4711))
        assert sent.state is DeliveryState.SENT_BY_BOT
        assert "no-reply" in {step.name for step in sent.steps}
    assert [m["reply_to"] for m in await bots.read(bob)] == [None]


PHOTO = File(Media.PHOTO, JPEG, "cat.jpg", "image/jpeg")
NOTE = File(Media.DOCUMENT, b"one,two", "list.csv", "text/csv")


@pytest.mark.parametrize(
    ("media", "files", "shown"),
    [
        (Media.PHOTO, [PHOTO], [("photo", "bold")]),
        (Media.DOCUMENT, [NOTE], [("document", "bold")]),
        (Media.VOICE, [File(Media.VOICE, b"OggS", duration_s=3)], [("voice", "bold")]),
        (Media.ALBUM, [PHOTO, PHOTO], [("photo", "bold"), ("photo", "")]),
        (Media.ALBUM, [NOTE, NOTE], [("document", "bold"), ("document", "")]),
    ],
)
async def test_what_is_attached_goes_along(
    bots: Bots, media: Media, files: list[File], shown: list[tuple[str, str]]
):
    bob = await bots.reader()
    put = await bots.put(bob["id"], "bold", media=media, files=files, entities=[BOLD])
    sent = await bots.ends(put)
    assert sent.state is DeliveryState.SENT_BY_BOT, sent.error
    got = await bots.read(bob)
    assert [(m["attachment"]["kind"], m["text"]) for m in got] == shown
    assert got[0]["entities"] == [BOLD]
    for message, file in zip(got, files, strict=True):
        assert message["attachment"]["name"] == (file.name if file.kind is Media.DOCUMENT else "")
        assert message["attachment"]["duration"] == (file.duration_s or 0)
    assert len({m["album"] for m in got}) == 1


async def test_a_file_that_is_not_kept_any_more_is_not_sent_without(bots: Bots):
    bob = await bots.reader()
    failed = await bots.ends(await bots.put(bob["id"], "see", media=Media.PHOTO))
    assert "not kept any more" in failed.error
    assert await bots.read(bob) == []


async def test_a_429_holds_all_for_its_time_and_then_each_goes_out_once(bots: Bots):
    bob, eve = await bots.reader(), await bots.reader("Eve")
    await bots.fault("throttle", "sendMessage", retry_after=4)
    first = await bots.put(bob["id"], "first")
    held = await bots.until(first, lambda d: d.not_before is not None)
    assert (held.state, held.error) == (DeliveryState.BOT_PENDING, "Telegram asks the bot to wait")
    second, third = await bots.put(eve["id"], "elsewhere"), await bots.put(bob["id"], "then")
    ends = [await bots.ends(each) for each in (first, second, third)]
    assert held.not_before is not None
    assert all(d.finished_at and d.finished_at >= held.not_before for d in ends)
    assert [m["text"] for m in await bots.read(bob)] == ["first", "then"]
    assert [m["text"] for m in await bots.read(eve)] == ["elsewhere"]


async def test_while_the_bot_api_is_down_it_waits_and_goes_out_once_that_is_back(
    bots: Bots, telegram: Telegram
):
    bob = await bots.reader()
    await telegram.post("botapi/stop")
    try:
        waiting = await bots.until(await bots.put(bob["id"]), lambda d: d.faults > 0)
        assert waiting.state is DeliveryState.BOT_PENDING
        assert waiting.error == UNREACHABLE
    finally:
        await telegram.post("botapi/start")
    assert (await bots.ends(waiting.id)).state in {
        DeliveryState.SENT_BY_BOT,
        DeliveryState.FAILED,  # where the start took longer than the tests' short schedule
    }


async def test_a_bot_api_that_stays_down_ends_in_a_failure_that_can_be_retried(
    bots: Bots, telegram: Telegram
):
    bob = await bots.reader()
    await telegram.post("botapi/stop")
    try:
        failed = await bots.ends(await bots.put(bob["id"]))
    finally:
        await telegram.post("botapi/start")
    assert (failed.state, failed.error) == (DeliveryState.FAILED, UNREACHABLE)
    assert failed.faults == len(REPEATS_S)
    assert await bots.read(bob) == []


@pytest.mark.parametrize(
    ("kind", "more", "arrived"),
    [
        ("drop_reply", {"late": True}, ["hello"]),
        ("drop_reply", {"late": False}, []),
        ("server_error", {"status": 502, "late": True}, ["hello"]),
        ("server_error", {"status": 500}, []),
    ],
)
async def test_a_lost_answer_is_unknown_and_never_sent_again_by_itself(
    bots: Bots, kind: str, more: dict[str, Any], arrived: list[str]
):
    bob = await bots.reader()
    await bots.fault(kind, "sendMessage", **more)
    lost = await bots.ends(await bots.put(bob["id"]))
    assert lost.state is DeliveryState.UNKNOWN
    assert lost.error == "the connection broke while it was sent"
    await bots.crash()
    after = await bots.ends(await bots.put(bob["id"], "after"))
    assert after.state is DeliveryState.SENT_BY_BOT
    assert [m["text"] for m in await bots.read(bob)] == [*arrived, "after"]
    assert (await bots.get(lost.id)).state is DeliveryState.UNKNOWN


async def test_a_lost_answer_to_the_look_before_loses_nothing(bots: Bots):
    bob = await bots.reader()
    await bots.fault("drop_reply", "getChat")
    sent = await bots.ends(await bots.put(bob["id"]))
    assert (sent.state, sent.faults) == (DeliveryState.SENT_BY_BOT, 1)
    assert [m["text"] for m in await bots.read(bob)] == ["hello"]


async def test_what_a_crash_left_half_sent_is_unknown(bots: Bots):
    bob = await bots.reader()
    async with bots.db.transaction() as tx:
        delivery_id = await deliveries.draft(
            tx, account_id=bots.account, target=str(bob["id"]), text="half"
        )
        before, after = {DeliveryState.DRAFT}, DeliveryState.BOT_SENDING
        await deliveries.move(tx, delivery_id, before, after)
    await bots.crash()
    assert (await bots.ends(delivery_id)).state is DeliveryState.UNKNOWN
    assert await bots.read(bob) == []


async def test_while_sending_is_paused_nothing_new_goes_out(bots: Bots):
    bob = await bots.reader()
    async with bots.db.transaction() as tx:
        await preferences.put(tx, preferences.PAUSED, True, by=1)  # noqa: FBT003 - the value
    paused = await bots.put(bob["id"])
    await asyncio.sleep(seconds(0.3))
    assert (await bots.get(paused)).state is DeliveryState.BOT_PENDING
    async with bots.db.transaction() as tx:
        await preferences.clear(tx, preferences.PAUSED)
    assert (await bots.ends(paused)).state is DeliveryState.SENT_BY_BOT


async def test_each_target_gets_its_messages_in_order_and_none_waits_for_anothers(bots: Bots):
    bob, eve = await bots.reader(), await bots.reader("Eve")
    texts = [f"message {n}" for n in range(12)]
    put = [await bots.put(each["id"], text) for text in texts for each in (bob, eve)]
    for delivery_id in put:
        assert (await bots.ends(delivery_id)).state is DeliveryState.SENT_BY_BOT
    for person in (bob, eve):
        assert [m["text"] for m in await bots.read(person)] == texts


async def test_a_later_part_waits_for_the_earlier_ones(bots: Bots):
    bob = await bots.reader()
    head = await bots.put("@nobody_of_that_name", "one")
    part = await bots.put("@nobody_of_that_name", "two", head_id=head)
    assert (await bots.ends(head)).state is DeliveryState.FAILED
    other = await bots.put(bob["id"], "elsewhere")
    await bots.ends(other)
    assert (await bots.get(part)).state is DeliveryState.BOT_PENDING


async def sent_to(bots: Bots, person: dict[str, Any], **more: Any) -> Delivery:  # noqa: ANN401
    sent = await bots.ends(await bots.put(person["id"], **more))
    assert sent.state is DeliveryState.SENT_BY_BOT
    return sent


async def test_what_the_bot_sent_can_be_edited(bots: Bots):
    bob = await bots.reader()
    text = await sent_to(bots, bob)
    photo = await sent_to(bots, bob, media=Media.PHOTO, files=[PHOTO])
    for sent in (text, photo):
        assert await bots.changes.edit(sent, "bold now", [BOLD]) == ""
        assert await bots.changes.edit(sent, "bold now", [BOLD]) == "", "once more is no fault"
    assert [m["text"] for m in await bots.read(bob)] == ["bold now"] * 2
    assert all(m["entities"] == [BOLD] for m in await bots.read(bob))


async def test_what_the_bot_sent_can_be_deleted_for_everyone(bots: Bots):
    bob = await bots.reader()
    text = await sent_to(bots, bob)
    album = await sent_to(bots, bob, media=Media.ALBUM, files=[PHOTO, PHOTO])
    for sent in (text, album):
        assert await bots.changes.delete(sent) == ""
        assert await bots.changes.delete(sent) == "", "once more is no fault"
    assert await bots.read(bob) == []
    assert await bots.changes.edit(text, "too late", []) == "it is not there any more"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (("throttle", {"retry_after": 7}), "Telegram asks the bot to wait 7 s"),
        (("drop_reply", {}), "the connection broke, so it may be done or not"),
    ],
)
async def test_a_change_that_went_wrong_says_why(
    bots: Bots, fault: tuple[str, dict[str, Any]], words: str
):
    sent = await sent_to(bots, await bots.reader())
    kind, more = fault
    await bots.fault(kind, "*Message*", **more, times=2)
    change: Callable[[], Awaitable[str]]
    for change in (
        lambda: bots.changes.edit(sent, "x", []),
        lambda: bots.changes.delete(sent),
    ):
        assert words in await change()
