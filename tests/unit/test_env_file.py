"""The text of a `.env`, made and read."""

from pathlib import Path

from bot.env_file import TEMPLATE, values_of, with_values


def test_values_are_set_where_they_stand_and_all_else_stays() -> None:
    text = "# mine\nexport BOT_TOKEN = old\nMY_BOT_TOKEN=x\n\nAPI_ID=\n# API_HASH=y"
    assert with_values(text, {"BOT_TOKEN": "1:a\\1", "API_ID": "7", "API_HASH": "ff"}) == (
        "# mine\nBOT_TOKEN=1:a\\1\nMY_BOT_TOKEN=x\n\nAPI_ID=7\n# API_HASH=y\nAPI_HASH=ff\n"
    )


def test_what_was_written_is_read_as_the_settings_read_it(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    assert values_of(file) == {}
    file.write_text(with_values(TEMPLATE, {"BOT_TOKEN": "1:a-b_c", "ADMIN_CHAT_ID": "-1"}))
    assert values_of(file) == {"BOT_TOKEN": "1:a-b_c", "ADMIN_CHAT_ID": "-1"}
