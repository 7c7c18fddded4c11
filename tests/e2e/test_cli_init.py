"""`mooring init` and `mooring invite`: from an empty directory to a bot that has an owner."""

import re
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from storage import operators
from storage.operators import Role
from tests.e2e.harness import API_HASH, Mooring
from tests.e2e.secret_scan import leaks
from tests.e2e.shell import Said, beside, shell
from tests.e2e.telegram import Telegram

UNKNOWN = "123456789:" + "x" * 35
LINK = re.compile(r"https://t\.me/(\w+)\?start=([\w-]{20,64})\n")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """An empty directory."""
    made = tmp_path / "here"
    made.mkdir()
    return made


def names(here: Path) -> list[str]:
    return sorted(path.name for path in here.iterdir())


def env_of(telegram: Telegram, **more: str) -> dict[str, str]:
    return {"BOT_API_URL": telegram.addresses["bot_api"], **more}


def roles(here: Path) -> list[str]:
    """The roles of all invitations that were made."""
    with closing(sqlite3.connect(here / "data" / "mooring.db")) as database:
        return [role for (role,) in database.execute("SELECT role FROM invites")]


def no_secret(said: Said, token: str) -> bool:
    secrets = {"token": token.partition(":")[2].encode(), "hash": API_HASH.encode()}
    return leaks(secrets, (said.out + said.err).encode()) == []


async def test_it_asks_checks_each_answer_at_once_and_ends_with_the_owners_link(
    telegram: Telegram, here: Path
) -> None:
    token, bot = await telegram.bot()
    answers = ["no token", UNKNOWN, token, "me", "0", "17349", "abc", API_HASH, "Ops", ""]
    said = await shell("init", cwd=here, env=env_of(telegram), stdin="\n".join(answers) + "\n")
    assert said.code == 0, said.err
    assert (found := LINK.fullmatch(said.out))
    assert found[1] == bot["username"]
    for words in (
        "@BotFather",
        "my.telegram.org",
        "a token has the form",
        "does not know this token",
        f"That is @{bot['username']}.",
        "an API id is a number",
        "32 hexadecimal digits",
        "a chat id is a number",
        "mooring run",
        "within 10 minutes",
    ):
        assert words in said.err
    file = here / ".env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert f"BOT_TOKEN={token}\n" in file.read_text()
    assert f"API_ID=17349\nAPI_HASH={API_HASH}\n" in file.read_text()
    assert roles(here) == ["owner"]
    assert found[2].encode() not in (here / "data" / "mooring.db").read_bytes()
    assert no_secret(said, token)
    assert names(here) == [".env", "data"]


async def test_the_link_makes_whoever_opens_it_first_the_owner(mooring: Mooring) -> None:
    mooring.settings.admin_ids.clear()
    made = await beside(mooring, "init", "--keep")
    assert made.code == 0, made.err
    found = LINK.fullmatch(made.out)
    assert found
    app = await mooring.start()
    await mooring.chat.say(f"/start {found[2]}")
    await mooring.chat.shows("Mooring")
    async with app.database.read() as tx:
        assert await operators.role_of(tx, mooring.operator["id"]) is Role.OWNER


@pytest.mark.parametrize("answers", [[], ["{token}"], ["{token}", "17349"]])
async def test_where_the_answers_end_too_early_nothing_is_written(
    telegram: Telegram, here: Path, answers: list[str]
) -> None:
    token, _ = await telegram.bot()
    typed = "".join(f"{answer}\n".format(token=token) for answer in answers)
    said = await shell("init", cwd=here, env=env_of(telegram), stdin=typed)
    assert (said.code, said.out) == (1, "")
    assert "Nothing was written" in said.err
    assert names(here) == []
    assert no_secret(said, token)


async def test_where_all_is_given_nothing_is_asked(telegram: Telegram, here: Path) -> None:
    token, bot = await telegram.bot()
    (here / "token").write_text(f"{token}\n")
    (here / "hash").write_text(API_HASH)
    given = ["--token-file", "token", "--api-hash-file", "hash", "--admin-chat", "-1001234567890"]
    said = await shell("init", *given, "--json", cwd=here, env=env_of(telegram, API_ID="17349"))
    assert said.code == 0, said.err
    assert said.document["bot"] == bot["username"]
    assert said.document["role"] == "owner"
    assert said.document["link"].startswith(f"https://t.me/{bot['username']}?start=")
    assert "ADMIN_CHAT_ID=-1001234567890\n" in (here / ".env").read_text()
    again = await shell("init", *given, cwd=here, env=env_of(telegram, API_ID="17349"))
    assert (again.code, again.out) == (1, "")
    assert "never overwritten" in again.err
    assert no_secret(said, token)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"BOT_TOKEN": UNKNOWN}, "BOT_TOKEN: the Bot API does not know this token"),
        ({"BOT_TOKEN": "x"}, "BOT_TOKEN: a token has the form"),
        ({"API_ID": "-3"}, "API_ID: an API id is a number"),
        ({"API_HASH": "x" * 32}, "API_HASH: an API hash has 32"),
        ({"BOT_API_URL": "http://127.0.0.1:9"}, "can't be asked"),
        ({"PING_EVERY": "soon"}, "PING_EVERY: expected a duration"),
    ],
    ids=str,
)
async def test_what_is_given_and_wrong_is_named_and_nothing_is_written(
    telegram: Telegram, here: Path, changed: dict[str, str], words: str
) -> None:
    token, _ = await telegram.bot()
    env = env_of(telegram, BOT_TOKEN=token, API_ID="17349", API_HASH=API_HASH) | changed
    said = await shell("init", cwd=here, env=env)
    assert said.code in {1, 2}
    assert said.out == ""
    assert words in said.err
    assert names(here) == []


async def test_an_env_that_is_there_is_kept_or_serves_another_file_as_defaults(
    telegram: Telegram, here: Path
) -> None:
    token, _ = await telegram.bot()
    before = f"# mine\nBOT_TOKEN={token}\nAPI_ID=17349\nAPI_HASH={API_HASH}\nPROXY_CAPACITY=9\n"
    (here / ".env").write_text(before)
    kept = await shell("init", cwd=here, env=env_of(telegram), stdin="\n")
    assert kept.code == 0, kept.err
    assert LINK.fullmatch(kept.out)
    new = "ADMIN_CHAT_ID=-100777"
    answers = ["other.env", "", "", "ff" * 16, "-100777"]
    other = await shell("init", cwd=here, env=env_of(telegram), stdin="\n".join(answers) + "\n")
    assert other.code == 0, other.err
    assert "EnvironmentFile=" in other.err
    assert (here / ".env").read_text() == before
    expected = before.replace(API_HASH, "ff" * 16) + f"{new}\n"
    assert (here / "other.env").read_text() == expected
    assert stat.S_IMODE((here / "other.env").stat().st_mode) == 0o600
    assert roles(here) == ["owner", "owner"]
    assert no_secret(kept, token)
    assert no_secret(other, token)


async def test_an_invitation_is_made_at_any_time_with_the_role_that_was_asked_for(
    mooring: Mooring, telegram: Telegram
) -> None:
    app = await mooring.start()
    said = await beside(mooring, "invite", "--role", "viewer")
    assert said.code == 0, said.err
    found = LINK.fullmatch(said.out)
    assert found
    assert "becomes viewer: one person, within 10 minutes" in said.err
    vera = await telegram.person("Vera")
    chat = await telegram.chat(vera, mooring.bot)
    await chat.say(f"/start {found[2]}")
    await chat.shows("Mooring")
    async with app.database.read() as tx:
        assert await operators.role_of(tx, vera["id"]) is Role.VIEWER
    as_json = await beside(mooring, "invite", "--json")
    assert as_json.document["role"] == "operator"


async def test_without_a_database_or_with_a_wrong_token_nobody_is_invited(
    mooring: Mooring,
) -> None:
    nothing = await beside(mooring, "invite")
    assert (nothing.code, nothing.out) == (1, "")
    assert "There is no database" in nothing.err
    assert (await beside(mooring, "init", "--keep")).code == 0
    wrong = await beside(mooring, "invite", BOT_TOKEN=UNKNOWN)
    assert (wrong.code, wrong.out) == (1, "")
    assert "does not know this token" in wrong.err
    odd = await beside(mooring, "invite", "--role", "king")
    assert odd.code == 2
