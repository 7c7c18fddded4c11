"""Telegram's MarkdownV2 and the Markdown of before, and their errors."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.botapi.markdown import parse_markdown
from sandbox.botapi.markdown_old import parse_old_markdown
from sandbox.botapi.tags import Malformed
from sandbox.world.messages import Entity

Span = tuple[str, int, int, dict[str, Any]]


def spans(parsed: tuple[str, tuple[Entity, ...]]) -> tuple[str, list[Span]]:
    text, entities = parsed
    return text, [(e.kind, e.offset, e.length, e.extra) for e in entities]


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("*x*", "x", [("bold", 0, 1, {})]),
        ("_x_", "x", [("italic", 0, 1, {})]),
        ("__x__", "x", [("underline", 0, 1, {})]),
        ("~x~", "x", [("strikethrough", 0, 1, {})]),
        ("||x||", "x", [("spoiler", 0, 1, {})]),
        ("`x`", "x", [("code", 0, 1, {})]),
        ("```x```", "x", [("pre", 0, 1, {})]),
        ("```py\nx = 1\n```", "x = 1\n", [("pre", 0, 6, {"language": "py"})]),
        ("`a\\`b*_`", "a`b*_", [("code", 0, 5, {})]),
        ("\\*a\\.b\\\\", "*a.b\\", []),
        ("🏟_a \\* b_", "🏟a * b", [("italic", 2, 5, {})]),
        ("*1_2_*", "12", [("bold", 0, 2, {}), ("italic", 1, 1, {})]),
        ("_1__2___", "12", [("italic", 0, 2, {}), ("underline", 1, 1, {})]),
        ("**a____", "a", []),
        ("[x](a.io)", "x", [("text_link", 0, 1, {"url": "http://a.io/"})]),
        ("[x](https://a.io/\\))", "x", [("text_link", 0, 1, {"url": "https://a.io/)"})]),
        ("[a\\.io]y", "a.ioy", [("text_link", 0, 4, {"url": "http://a.io/"})]),
        ("[x](tg://user?id=42)", "x", [("text_mention", 0, 1, {"user_id": 42})]),
        ("[x](nope)", "x", []),
        ("![👍](TG://emoji?id=25#x)", "👍", [("custom_emoji", 0, 2, {"custom_emoji_id": "25"})]),
        (">a\n>b\nc", "a\nb\nc", [("blockquote", 0, 4, {})]),
        ("a\n>*b*", "a\nb", [("blockquote", 2, 1, {}), ("bold", 2, 1, {})]),
        (
            ">a\n**>b\n>c||\nd",
            "a\nb\nc\nd",
            [("blockquote", 0, 2, {}), ("expandable_blockquote", 2, 4, {})],
        ),
    ],
)
def test_every_mark_makes_its_entity(source: str, text: str, expected: list[Span]) -> None:
    assert spans(parse_markdown(source)) == (text, expected)


@pytest.mark.parametrize(
    ("source", "error"),
    [
        *(
            (
                f"é{mark}",
                f"Character '{mark}' is reserved and must be escaped with the preceding '\\'",
            )
            for mark in "]()>#+-=|{}.!"
        ),
        ("é_a *b", "Can't find end of Bold entity at byte offset 5"),
        ("é__a_", "Can't find end of Italic entity at byte offset 5"),
        ("||a\\|", "Can't find end of Spoiler entity at byte offset 0"),
        ("```py x", "Can't find end of PreCode entity at byte offset 0"),
        (">*a\nb*", "Can't find end of Bold entity at byte offset 1"),
        ("[x](a", "Can't find end of a URL at byte offset 4"),
        ("![x]", "Custom emoji entity must contain a tg://emoji URL"),
        ("![x](tg://emoji?id=1", "Can't find end of a custom emoji URL at byte offset 5"),
        ("![x](t://emoji?id=1)", "Custom emoji URL must have scheme tg"),
        ("![x](tg:emojis?id=1)", 'Custom emoji URL must have host "emoji"'),
        ("![x](tg://emoji#id=1)", "Custom emoji URL must have an emoji identifier"),
        ("![x](tg://emoji?id=01)", "Invalid custom emoji identifier specified"),
    ],
)
def test_what_telegram_refuses_is_refused_in_its_words(source: str, error: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse_markdown(source)
    assert str(refused.value) == error


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("*b* _i_ `c`", "b i c", [("bold", 0, 1, {}), ("italic", 2, 1, {}), ("code", 4, 1, {})]),
        ("\\*a\\. 🏟*b_c*", "*a\\. 🏟b_c", [("bold", 7, 3, {})]),
        ("```py\nx```", "x", [("pre", 0, 1, {"language": "py"})]),
        ("[x](http://a.io)", "x", [("text_link", 0, 1, {"url": "http://a.io/"})]),
        ("[x](tg://user?id=42)", "x", [("text_mention", 0, 1, {"user_id": 42})]),
    ],
)
def test_the_markdown_of_before_is_read(source: str, text: str, expected: list[Span]) -> None:
    assert spans(parse_old_markdown(source)) == (text, expected)


@pytest.mark.parametrize("parse", [parse_old_markdown, parse_markdown])
def test_a_mark_without_its_end_names_its_byte(parse: Callable[[str], object]) -> None:
    with pytest.raises(Malformed, match="at byte offset 2"):
        parse("é_a")
