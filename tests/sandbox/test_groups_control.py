"""Groups in the control API: made, changed, written in, read; forwards and contacts to a bot."""

from typing import Any

import pytest

from tests.sandbox.control_fixtures import Caller


async def group(caller: Caller, creator: int, *members: int, **more: object) -> dict[str, Any]:
    made: dict[str, Any] = await caller.post(
        "/groups", title="Crew", creator=creator, members=list(members), **more
    )
    return made


async def test_groups_are_made_listed_and_changed(caller: Caller) -> None:
    bot_id, user_id = await caller.meet()
    made = await group(caller, user_id, bot_id, username="@harbour_crew")
    assert made == {
        "id": made["id"],
        "kind": "supergroup",
        "title": "Crew",
        "username": "harbour_crew",
        "only_admins_write": False,
        "slow_mode_s": 0,
        "members": [
            {"user": user_id, "standing": "creator"},
            {"user": bot_id, "standing": "member"},
        ],
    }
    assert made["id"] < -(10**12)
    basic = await group(caller, user_id, kind="group")
    assert -(10**12) < basic["id"] < 0
    path = f"/groups/{made['id']}"
    changed = await caller.ask("PATCH", path, {"slow_mode_s": 30, "only_admins_write": True})
    assert (changed["slow_mode_s"], changed["only_admins_write"]) == (30, True)
    banned = await caller.post(path + "/members", user=bot_id, standing="kicked")
    assert banned["members"][1] == {"user": bot_id, "standing": "kicked"}
    assert await caller.get("/groups") == [banned, basic]
    assert await caller.get(path) == banned


async def test_what_telegram_has_not_is_refused(caller: Caller) -> None:
    bot_id, user_id = await caller.meet()
    basic = await group(caller, user_id, bot_id, kind="group")
    await group(caller, user_id, username="harbour_crew")
    members = f"/groups/{basic['id']}/members"
    new = {"title": "Crew", "creator": user_id}
    cases: list[tuple[str, dict[str, object], int, str]] = [
        ("/groups", new | {"kind": "group", "username": "name1"}, 400, "has no username"),
        ("/groups", new | {"kind": "forum"}, 400, "kind: "),
        ("/groups", new | {"username": "Harbour_Crew"}, 409, "has an owner already"),
        ("/groups", new | {"username": "harbour_bot"}, 409, "has an owner already"),
        ("/groups", new | {"creator": 99}, 404, "there is no user 99"),
        ("/groups", new | {"kind": "group", "slow_mode_s": 5}, 400, "supergroups have slow mode"),
        (members, {"user": user_id, "standing": "restricted"}, 400, "in supergroups only"),
        ("/groups/-77/members", {"user": user_id}, 404, "there is no group -77"),
        ("/users", {"first_name": "X", "username": "harbour_crew"}, 409, "has an owner"),
    ]
    for path, body, status, reason in cases:
        assert reason in await caller.error(path, body, status=status)


@pytest.mark.parametrize("kind", ["group", "supergroup"])
async def test_a_member_writes_and_reads_there(caller: Caller, kind: str) -> None:
    bot_id, user_id = await caller.meet()
    other = (await caller.post("/users", first_name="Rosa"))["id"]
    chat = (await group(caller, user_id, bot_id, other, kind=kind))["id"]
    first = await caller.post(f"/users/{user_id}/chats/{chat}/messages", text="Who is there?")
    assert first["message"]["out"]
    (seen,) = (await caller.get(f"/users/{other}/chats/{chat}/messages"))["messages"]
    assert (seen["text"], seen["out"], seen["from_id"]) == ("Who is there?", False, user_id)
    answer = await caller.post(
        f"/users/{other}/chats/{chat}/messages", text="I", reply_to=seen["id"]
    )
    assert answer["message"]["reply_to"] == seen["id"]
    read = await caller.get(f"/groups/{chat}/messages")
    assert [m["text"] for m in read["messages"]] == ["Who is there?", "I"]
    listed = await caller.get(f"/users/{other}/chats")
    assert [(c["peer"]["title"], c["last"]["text"]) for c in listed] == [("Crew", "I")]
    waited = await caller.get(f"/users/{other}/chats/{chat}/wait?timeout=0&after=0")
    assert waited["changed"]


async def test_who_may_not_write_is_told_why(caller: Caller) -> None:
    _, user_id = await caller.meet()
    rosa = (await caller.post("/users", first_name="Rosa"))["id"]
    chat = (await group(caller, user_id, rosa, slow_mode_s=60))["id"]
    path = f"/users/{rosa}/chats/{chat}/messages"
    await caller.post(path, text="one")
    assert "in 60 s" in await caller.error(path, {"text": "two"}, status=403)
    for standing, reason in (
        ("restricted", "may read, and not write"),
        ("left", "not a member"),
        ("kicked", "banned"),
    ):
        await caller.post(f"/groups/{chat}/members", user=rosa, standing=standing)
        assert reason in await caller.error(path, {"text": "three"}, status=403)


async def test_the_control_api_presses_a_button_in_a_group(caller: Caller) -> None:
    bot_id, user_id = await caller.meet()
    chat = (await group(caller, user_id, bot_id))["id"]
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    sent = await caller.bot("sendMessage", chat_id=chat, text="?", reply_markup=keyboard)
    order = {"message_id": sent["message_id"], "data": "y", "timeout": 0.01}
    await caller.error(f"/users/{user_id}/chats/{chat}/press", order, status=504)
    query = (await caller.bot("getUpdates"))[-1]["callback_query"]
    assert query["message"]["chat"]["id"] == chat


async def test_a_forward_names_who_wrote_it_first(caller: Caller) -> None:
    bot_id, user_id = await caller.meet()
    rosa = await caller.post("/users", first_name="Rosa", username="rosa_harbour")
    crew = await group(caller, user_id)
    news = await group(caller, user_id, kind="channel", username="harbour_news")
    path = f"/users/{user_id}/chats/{bot_id}/forward"
    for body in (
        {"from_user": rosa["id"]},
        {"from_name": "Somebody"},
        {"from_chat": crew["id"]},
        {"from_chat": news["id"], "message_id": 7},
    ):
        answer = await caller.post(path, text="as said", **body)
        assert answer["message"]["forwarded_from"] is not None
    updates = await caller.bot("getUpdates", offset=-4)
    origins = [update["message"]["forward_origin"] for update in updates]
    assert all(isinstance(origin.pop("date"), int) for origin in origins)
    assert origins == [
        {
            "type": "user",
            "sender_user": {
                "id": rosa["id"],
                "is_bot": False,
                "first_name": "Rosa",
                "username": "rosa_harbour",
            },
        },
        {"type": "hidden_user", "sender_user_name": "Somebody"},
        {
            "type": "chat",
            "sender_chat": {"id": crew["id"], "title": "Crew", "type": "supergroup"},
        },
        {
            "type": "channel",
            "chat": {
                "id": news["id"],
                "title": "Crew",
                "type": "channel",
                "username": "harbour_news",
            },
            "message_id": 7,
        },
    ]
    assert "exactly one" not in await caller.error(path, {"text": "x"}, status=400)
    await caller.error(path, {"text": "x", "from_chat": -5}, status=404)


async def test_a_contact_is_shared_with_the_bot(caller: Caller) -> None:
    bot_id, user_id = await caller.meet()
    path = f"/users/{user_id}/chats/{bot_id}/contact"
    await caller.post(path, phone="+99966001", first_name="Rosa", last_name="Lee", user=user_id)
    answer = await caller.post(path, phone="99966002", first_name="Nobody")
    assert answer["message"]["contact"]["phone"] == "99966002"
    known, unknown = [u["message"] for u in await caller.bot("getUpdates", offset=-2)]
    assert known["contact"] == {
        "phone_number": "99966001",
        "first_name": "Rosa",
        "last_name": "Lee",
        "user_id": user_id,
    }
    assert unknown["contact"] == {"phone_number": "99966002", "first_name": "Nobody"}
    assert "text" not in known


async def test_a_block_is_set_and_lifted(caller: Caller) -> None:
    bot_id, user_id = await caller.meet()
    order = {"user": user_id, "peer": bot_id}
    assert await caller.post("/block", **order) == {"blocked": True}
    assert caller.sandbox.world.has_blocked(user_id, bot_id)
    assert await caller.post("/block", **order, blocked=False) == {"blocked": False}
    await caller.bot("sendMessage", chat_id=user_id, text="again")


async def test_numbers_are_saved_and_accounts_limited_to_those_who_have_theirs(
    caller: Caller,
) -> None:
    bot_id, user_id = await caller.meet()
    answer = await caller.post(f"/users/{user_id}/contacts", user=bot_id)
    assert answer == {"contacts": [bot_id]}
    fault = await caller.post("/faults/limit_account", user=user_id)
    assert (fault["kind"], fault["user"]) == ("limit_account", user_id)
    await caller.error("/faults/limit_account", {}, status=400)


async def test_a_basic_group_becomes_a_supergroup_once(caller: Caller) -> None:
    bot_id, user_id = await caller.meet()
    basic = await group(caller, user_id, bot_id, kind="group")
    path = f"/groups/{basic['id']}/upgrade"
    grown = await caller.post(path)
    assert grown == {**basic, "id": grown["id"], "kind": "supergroup"}
    assert grown["id"] < -(10**12)
    assert "only once" in await caller.error(path, {}, status=400)
    said = f"/users/{user_id}/chats/{basic['id']}/messages"
    assert "not a member" in await caller.error(said, {"text": "hello"}, status=403)
