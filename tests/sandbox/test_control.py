"""The control API: people, chats, presses, waits, and what it refuses."""

import asyncio
import base64

import pytest

from sandbox.sandbox import NotLoopback, Sandbox
from sandbox.world.logins import AuthKey
from tests.sandbox.control_fixtures import TOKEN, Caller
from tests.timing import limit

KEYBOARD = {
    "inline_keyboard": [
        [{"text": "Yes", "callback_data": "y"}, {"text": "Docs", "url": "https://a.io/"}]
    ]
}


async def test_people_are_made_and_listed(caller: Caller) -> None:
    olga = await caller.post(
        "/users",
        first_name="Olga",
        last_name="Petrova",
        phone="+99966123",
        username="@olga",
        password="secret",
    )
    assert olga == {
        "id": olga["id"],
        "first_name": "Olga",
        "last_name": "Petrova",
        "username": "olga",
        "phone": "99966123",
        "is_bot": False,
    }
    assert olga in await caller.get("/users")
    assert await caller.get(f"/users/{olga['id']}") == olga
    user = caller.sandbox.world.people.by_id[olga["id"]]
    assert user.password == "secret"
    bot = await caller.post("/bots", token=TOKEN, username="harbour_bot", first_name="Harbour")
    assert (bot["id"], bot["is_bot"]) == (7000000001, True)
    assert await caller.get("/bots") == [bot]


async def test_thousands_are_made_at_once_with_keys_of_their_own(caller: Caller) -> None:
    made = await caller.post("/users/bulk", count=2000, logged_in=True)
    assert len({user["phone"] for user in made}) == 2000
    assert len({user["auth_key"] for user in made}) == 2000
    for user in made[:3]:
        key = AuthKey(base64.b64decode(user["auth_key"]))
        assert caller.sandbox.world.logins.keys[key.id].user_id == user["id"]
        dc = f"{user['dc_id']}:{user['host']}:{user['port']}"
        assert dc == caller.addresses["telegram_dc"]
    (fresh,) = await caller.post("/users/bulk", count=1, logged_in=False)
    assert fresh["auth_key"] is None
    ready = await caller.post(f"/users/{fresh['id']}/ready_key")
    assert len(base64.b64decode(ready["auth_key"])) == 256
    assert set(ready) == {"auth_key", "dc_id", "host", "port"}


async def test_a_login_code_is_told_while_it_is_out(caller: Caller) -> None:
    user = await caller.post("/users", first_name="Olga", phone="+99966123")
    path = f"/users/{user['id']}/login_code"
    await caller.ask("GET", path, status=404)
    code = caller.sandbox.world.send_login_code("+99966123")
    assert (await caller.get(path))["code"] == code.code
    codes = (await caller.get("/overview"))["codes"]
    assert codes == [{"phone": "99966123", "code": code.code}]


async def test_a_chat_is_written_and_read_from_both_sides(caller: Caller) -> None:
    bot_id, user_id = await caller.meet()
    await caller.bot(
        "sendMessage",
        chat_id=user_id,
        text="<b>Hi</b>",
        parse_mode="HTML",
        reply_markup=KEYBOARD,
    )
    chat = await caller.get(f"/users/{user_id}/chats/{bot_id}/messages")
    start, hi = chat["messages"]
    assert (start["text"], start["out"], start["from_id"]) == ("/start", True, user_id)
    assert start["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert (hi["text"], hi["out"], hi["edited_at"]) == ("Hi", False, None)
    assert hi["entities"] == [{"type": "bold", "offset": 0, "length": 2}]
    assert hi["buttons"] == [
        [
            {"text": "Yes", "data": "y", "url": None},
            {"text": "Docs", "data": None, "url": "https://a.io/"},
        ]
    ]
    assert not hi["force_reply"]
    answer = await caller.post(
        f"/users/{user_id}/chats/{bot_id}/messages", text=" hello ", reply_to=hi["id"]
    )
    assert answer["message"]["reply_to"] == hi["id"]
    updates = await caller.bot("getUpdates")
    assert updates[-1]["message"]["text"] == "hello"
    assert updates[-1]["message"]["reply_to_message"]["text"] == "Hi"
    (listed,) = await caller.get(f"/users/{user_id}/chats")
    assert listed["peer"]["username"] == "harbour_bot"
    assert listed["last"]["text"] == "hello"
    assert listed["counter"] == answer["counter"]


async def test_a_press_brings_the_bots_answer(caller: Caller) -> None:
    bot_id, user_id = await caller.meet()
    await caller.bot("sendMessage", chat_id=user_id, text="?", reply_markup=KEYBOARD)
    chat = await caller.get(f"/users/{user_id}/chats/{bot_id}/messages")
    offset = (await caller.bot("getUpdates"))[-1]["update_id"] + 1
    made_up = {"data": "z", "is_made_up": True}
    for button, data in (({"data": "y"}, "y"), ({"text": "Yes"}, "y"), (made_up, "z")):
        order = {"message_id": chat["messages"][-1]["id"], **button}
        async with asyncio.timeout(limit(10)), asyncio.TaskGroup() as group:
            pressing = group.create_task(
                caller.post(f"/users/{user_id}/chats/{bot_id}/press", **order)
            )
            (update,) = await caller.bot("getUpdates", offset=offset, timeout=10)
            offset = update["update_id"] + 1
            query = update["callback_query"]
            assert (query["data"], query["from"]["id"]) == (data, user_id)
            await caller.bot(
                "answerCallbackQuery",
                callback_query_id=query["id"],
                text="Thanks",
                show_alert=True,
            )
            assert await pressing == {"text": "Thanks", "show_alert": True, "url": ""}


async def test_a_press_that_cannot_be_is_refused_with_the_reason(caller: Caller) -> None:
    bot_id, user_id = await caller.meet()
    sent = await caller.bot("sendMessage", chat_id=user_id, text="?", reply_markup=KEYBOARD)
    path = f"/users/{user_id}/chats/{bot_id}/press"
    chat = await caller.get(f"/users/{user_id}/chats/{bot_id}/messages")
    message_id = chat["messages"][-1]["id"]
    cases: list[tuple[dict[str, object], int, str]] = [
        ({}, 400, "message_id: Field required"),
        ({"message_id": message_id}, 400, "expected one of data and text"),
        ({"message_id": message_id, "data": "y", "text": "Yes"}, 400, "expected one of"),
        ({"message_id": message_id, "text": "No"}, 404, "it has: Yes, Docs"),
        ({"message_id": message_id, "text": "Docs"}, 400, "is a link to https://a.io/"),
        ({"message_id": 99, "data": "y"}, 404, "there is no message 99"),
        ({"message_id": message_id, "data": "y", "timeout": 0}, 400, "greater than 0"),
        ({"message_id": message_id, "data": "y", "timeout": 0.1}, 504, "did not answer"),
    ]
    for body, status, reason in cases:
        assert reason in await caller.error(path, body, status=status)
    caller.sandbox.world.messages.delete(bot_id, [sent["message_id"]], revoke=False)
    reason = await caller.error(path, {"message_id": message_id, "data": "y"}, status=409)
    assert "no copy" in reason


async def test_waiting_ends_with_the_change_and_with_its_time(caller: Caller) -> None:
    bot_id, user_id = await caller.meet()
    path = f"/users/{user_id}/chats/@harbour_bot"
    counter = (await caller.get(f"{path}/messages"))["counter"]
    still = await caller.get(f"{path}/wait?after={counter}&timeout=0.1")
    assert (still["changed"], still["counter"]) == (False, counter)
    async with asyncio.timeout(limit(10)), asyncio.TaskGroup() as group:
        waiting = group.create_task(caller.get(f"{path}/wait?after={counter}&timeout=30"))
        sent = await caller.bot("sendMessage", chat_id=user_id, text="news")
        news = await waiting
    assert news["changed"]
    assert news["messages"][-1]["text"] == "news"
    assert (await caller.get(f"{path}/wait?after={counter}"))["counter"] == news["counter"]
    await caller.bot("deleteMessage", chat_id=user_id, message_id=sent["message_id"])
    gone = await caller.get(f"{path}/wait?after={news['counter']}&timeout=5")
    assert gone["changed"]
    assert [m["text"] for m in gone["messages"]] == ["/start"]
    await caller.ask("GET", f"{path}/wait?after=soon", status=400)
    assert bot_id


async def test_the_live_line_pushes_the_chat_and_every_change(caller: Caller) -> None:
    bot_id, user_id = await caller.meet()
    url = caller.addresses["control"] + "/live"
    async with (
        asyncio.timeout(limit(10)),
        caller.session.ws_connect(f"{url}?user={user_id}&peer=@harbour_bot") as line,
    ):
        first = await line.receive_json()
        assert [m["text"] for m in first["messages"]] == ["/start"]
        await caller.bot("sendMessage", chat_id=user_id, text="live")
        second = await line.receive_json()
        assert second["messages"][-1]["text"] == "live"
        assert second["counter"] > first["counter"]
    await caller.ask("GET", "/live", status=400)
    await caller.ask("GET", f"/live?user={user_id}&peer=@nobody", status=404)
    assert bot_id


async def test_a_block_holds_until_the_person_writes_again(caller: Caller) -> None:
    bot_id, user_id = await caller.meet()
    await caller.post("/block", user=user_id, peer=bot_id)
    assert caller.sandbox.world.has_blocked(user_id, bot_id)
    await caller.post(f"/users/{user_id}/chats/{bot_id}/messages", text="/start")
    assert not caller.sandbox.world.has_blocked(user_id, bot_id)


@pytest.mark.parametrize(
    ("path", "body", "status", "reason"),
    [
        ("/users", {}, 400, "first_name: Field required. Expected: first_name, last_name?"),
        ("/users", {"first_name": "A", "age": 3}, 400, "age: there is no such field"),
        ("/users", {"first_name": 5}, 400, "first_name: Input should be a valid string"),
        ("/users", {"first_name": "A", "phone": "one"}, 400, "phone: String should match"),
        ("/users", [1], 400, "Input should be an object"),
        ("/users", {"first_name": "A", "username": "harbour_bot"}, 409, "has an owner"),
        ("/users", {"first_name": "A", "phone": "99966000"}, 409, "99966000 has an owner"),
        ("/users/bulk", {"count": 0}, 400, "count: Input should be greater"),
        ("/bots", {"token": "x", "username": "abcd", "first_name": "A"}, 400, "token: String"),
        (
            "/bots",
            {"token": TOKEN, "username": "abcd", "first_name": "A"},
            409,
            "is there already",
        ),
        (
            "/bots",
            {"token": "7000000005:abc", "username": "olga", "first_name": "A"},
            409,
            "olga has an owner",
        ),
        ("/users/1/ready_key", {}, 404, "there is no user 1"),
        ("/users/7000000001/ready_key", {}, 400, "is a bot"),
        ("/users/7000000001/chats/1/messages", {"text": "x"}, 400, "is a bot"),
        ("/block", {"user": 1, "peer": 2}, 404, "there is no user 1"),
        ("/sessions/revoke", {"user": 1}, 404, "there is no user 1"),
        ("/connections/cut", {"user": 1}, 404, "there is no user 1"),
        ("/proxies", {"username": "a"}, 400, "expected username and password, or neither"),
        ("/proxies/9/stop", {}, 404, "there is no proxy 9"),
        (f"/users/{10**30}/ready_key", {}, 404, "Not Found"),
        ("/nothing", {}, 404, "/control/nothing: Not Found"),
        ("/addresses", {}, 405, "does not take POST; expected GET"),
    ],
)
async def test_bad_input_is_refused_with_what_is_expected(
    caller: Caller, path: str, body: object, status: int, reason: str
) -> None:
    await caller.meet()
    assert reason in await caller.error(path, body, status=status)


async def test_bad_messages_are_refused(caller: Caller) -> None:
    bot_id, user_id = await caller.meet()
    path = f"/users/{user_id}/chats/{bot_id}/messages"
    for text in ("", "  ", "x" * 4097):
        assert "text" in await caller.error(path, {"text": text}, status=400)
    await caller.error(path, {"text": "x", "reply_to": 99}, status=404)
    await caller.error(f"/users/{user_id}/chats/@nobody/messages", {"text": "x"}, status=404)
    async with caller.session.post(caller.addresses["control"] + path, data=b"\xff{") as response:
        assert response.status == 400


async def test_foreign_pages_in_the_same_browser_are_refused(caller: Caller) -> None:
    url = caller.addresses["control"] + "/users"
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
        async with caller.session.get(url, headers=headers) as response:
            assert response.status == 403
    own = caller.addresses["page"].rstrip("/")
    async with caller.session.get(url, headers={"Origin": own}) as response:
        assert response.status == 200


async def test_unknown_methods_are_logged(caller: Caller) -> None:
    await caller.meet()
    url = f"{caller.addresses['bot_api']}/bot{TOKEN}/sendHologram"
    async with caller.session.post(url) as response:
        assert response.status == 404
    log = await caller.get("/log")
    assert log == {"unknown_methods": {"bot_api": ["sendHologram"], "data_centre": []}}


async def test_the_addresses_name_every_server(caller: Caller) -> None:
    addresses = await caller.get("/addresses")
    assert addresses == caller.sandbox.addresses()
    keys = {
        "telegram_dc",
        "public_key_file",
        "bot_api",
        "bright_data",
        "control",
        "page",
        "proxies",
    }
    assert set(addresses) == keys


def test_only_a_loopback_host_is_taken() -> None:
    with pytest.raises(NotLoopback):
        Sandbox(host="0.0.0.0")  # noqa: S104 - to be refused
