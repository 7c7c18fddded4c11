"""What people do with their own messages, and the commands that they are offered."""

from tests.sandbox.control_fixtures import Caller, running_sandbox


async def test_one_changes_and_deletes_what_one_wrote() -> None:
    async with running_sandbox() as caller:
        bot_id, user_id = await caller.meet()
        chat = f"/users/{user_id}/chats/{bot_id}/messages"
        mine = (await caller.post(chat, text="Helo"))["message"]["id"]
        theirs = (await caller.bot("sendMessage", chat_id=user_id, text="?"))["message_id"]
        changed = await caller.ask("PATCH", f"{chat}/{mine}", {"text": " Hello /start "})
        assert changed["message"]["text"] == "Hello /start"
        assert changed["message"]["edited_at"]
        assert [each["type"] for each in changed["message"]["entities"]] == ["bot_command"]
        for text in ("", " ", "🚢" * 2049):
            await caller.ask("PATCH", f"{chat}/{mine}", {"text": text}, status=400)
        await caller.ask("PATCH", f"{chat}/{theirs}", {"text": "!"}, status=403)
        await caller.ask("DELETE", f"{chat}/{theirs}", status=403)
        await caller.ask("DELETE", f"{chat}/999", status=404)
        assert (await caller.ask("DELETE", f"{chat}/{mine}"))["deleted"] == [mine]
        left = [each["text"] for each in (await caller.get(chat))["messages"]]
        assert left == ["/start", "?"]


async def test_a_caption_may_be_emptied_and_a_contact_not_changed() -> None:
    async with running_sandbox() as caller:
        bot_id, user_id = await caller.meet()
        chat = f"/users/{user_id}/chats/{bot_id}"
        file = {"kind": "document", "data": "eA==", "name": "x", "caption": "old"}
        sent = (await caller.post(f"{chat}/media", files=[file]))["messages"][0]["id"]
        answer = await caller.ask("PATCH", f"{chat}/messages/{sent}", {"text": ""})
        assert (answer["message"]["text"], answer["message"]["attachment"]["name"]) == ("", "x")
        await caller.ask("PATCH", f"{chat}/messages/{sent}", {"text": "x" * 1025}, status=400)
        contact = await caller.post(f"{chat}/contact", phone="+99966001", first_name="P")
        where = f"{chat}/messages/{contact['message']['id']}"
        await caller.ask("PATCH", where, {"text": "Q"}, status=400)


async def offered(caller: Caller, user_id: int, peer_id: int) -> list[str]:
    found = await caller.get(f"/users/{user_id}/chats/{peer_id}/commands")
    assert all(each["bot"] == "harbour_bot" for each in found)
    return [each["command"] for each in found]


async def test_the_narrowest_list_of_commands_is_offered() -> None:
    """The order is that of core.telegram.org/bots/api#determining-list-of-commands."""
    async with running_sandbox() as caller:
        bot_id, olga = await caller.meet()
        peter = (await caller.post("/users", first_name="Peter"))["id"]
        crew = await caller.post("/groups", title="Crew", creator=olga, members=[bot_id, peter])
        assert await offered(caller, olga, bot_id) == []
        asked = ((olga, bot_id), (peter, bot_id), (olga, crew["id"]), (peter, crew["id"]))
        seen: list[list[str]] = []
        for scope in (
            {"type": "default"},
            {"type": "all_private_chats"},
            {"type": "chat", "chat_id": olga},
            {"type": "all_group_chats"},
            {"type": "all_chat_administrators"},
            {"type": "chat", "chat_id": crew["id"]},
            {"type": "chat_administrators", "chat_id": crew["id"]},
            {"type": "chat_member", "chat_id": crew["id"], "user_id": peter},
        ):
            name = f"n{len(seen)}"
            commands = [{"command": name, "description": "x"}]
            await caller.bot("setMyCommands", commands=commands, scope=scope)
            seen.append([(await offered(caller, *each))[0] for each in asked])
        assert seen == [
            ["n0", "n0", "n0", "n0"],
            ["n1", "n1", "n0", "n0"],
            ["n2", "n1", "n0", "n0"],
            ["n2", "n1", "n3", "n3"],
            ["n2", "n1", "n4", "n3"],
            ["n2", "n1", "n5", "n5"],
            ["n2", "n1", "n6", "n5"],
            ["n2", "n1", "n6", "n7"],
        ]
        assert await offered(caller, olga, peter) == []
