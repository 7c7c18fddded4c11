"""Telegram's HTML, its errors, and the entities that Telegram finds by itself."""

import html
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.botapi.errors import Refusal
from sandbox.botapi.formatting import formatted_text
from sandbox.botapi.parameters import Parameters
from sandbox.botapi.tags import Malformed, parse_html
from sandbox.world import World
from sandbox.world.automatic import utf16_length, with_automatic
from sandbox.world.messages import Content

Span = tuple[str, int, int, dict[str, Any]]


def spans(source: str) -> tuple[str, list[Span]]:
    text, entities = parse_html(source)
    return text, [(e.kind, e.offset, e.length, e.extra) for e in entities]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("<b>x</b>", "bold"),
        ("<strong>x</strong>", "bold"),
        ("<i>x</i>", "italic"),
        ("<em>x</em>", "italic"),
        ("<u>x</u>", "underline"),
        ("<ins>x</ins>", "underline"),
        ("<s>x</s>", "strikethrough"),
        ("<strike>x</strike>", "strikethrough"),
        ("<del>x</del>", "strikethrough"),
        ("<tg-spoiler>x</tg-spoiler>", "spoiler"),
        ('<span class="tg-spoiler">x</span>', "spoiler"),
        ("<code>x</code>", "code"),
        ('<code class="language-py">x</code>', "code"),
        ("<pre>x</pre>", "pre"),
        ("<blockquote>x</blockquote>", "blockquote"),
        ("<blockquote expandable>x</blockquote>", "expandable_blockquote"),
        ("<B>x</b >", "bold"),
        ("<b>x</>", "bold"),
    ],
)
def test_every_tag_makes_its_entity(source: str, kind: str) -> None:
    assert spans(source) == ("x", [(kind, 0, 1, {})])


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ('<a href="https://a.io">x</a>', "x", [("text_link", 0, 1, {"url": "https://a.io/"})]),
        ("<a href='a.io/b'>x</a>", "x", [("text_link", 0, 1, {"url": "http://a.io/b"})]),
        ("<a>a.io/b</a>", "a.io/b", [("text_link", 0, 6, {"url": "http://a.io/b"})]),
        ('<a href="nope">x</a>', "x", []),
        ('<a href="tg://user?id=42">x</a>', "x", [("text_mention", 0, 1, {"user_id": 42})]),
        (
            '<pre><code class="language-python">x</code></pre>',
            "x",
            [("pre", 0, 1, {"language": "python"})],
        ),
        (
            '<a href="https://a.io/?a=1&amp;b=&quot;">x</a>',
            "x",
            [("text_link", 0, 1, {"url": 'https://a.io/?a=1&b="'})],
        ),
        ("<b></b>x", "x", []),
        ("😀<b>é😀</b>", "😀é😀", [("bold", 2, 3, {})]),
        ("<b>1<i>2</i></b>", "12", [("bold", 0, 2, {}), ("italic", 1, 1, {})]),
        ("&lt;b&gt; &amp; &quot;", '<b> & "', []),
        ("&#60;&#x1F600;&lt", "<😀<", []),
        ("&nbsp; &copy; & &#0; &#xFFFFFFFFF;", "&nbsp; &copy; & &#0; &#xFFFFFFFFF;", []),
        ("&#" + "9" * 5000 + ";", "&#" + "9" * 5000 + ";", []),
        ("&#x10FFFF;", "&#x10FFFF;", []),
        (
            '<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>',
            "👍",
            [("custom_emoji", 0, 2, {"custom_emoji_id": "5368324170671202286"})],
        ),
    ],
)
def test_text_links_and_references(source: str, text: str, expected: list[Span]) -> None:
    assert spans(source) == (text, expected)


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("ab <foo>x</foo>", 'Unsupported start tag "foo" at byte offset 3'),
        ("é <p>x</p>", 'Unsupported start tag "p" at byte offset 3'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<a href=", 'Unclosed start tag "a" at byte offset 0'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        (
            "<b><i>x</b></i>",
            'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"',
        ),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<b>x</b y>", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<a =x>", 'Empty attribute name in the tag "a" at byte offset 0'),
        (
            "<a href>x</a>",
            'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0',
        ),
        ("<a href=http://a.io>x</a>", "Unexpected end of name token at byte offset 8"),
        (
            f'<tg-emoji emoji-id="{"9" * 5000}">x</tg-emoji>',
            "Invalid custom emoji identifier specified",
        ),
        ("<tg-emoji>x</tg-emoji>", "Invalid custom emoji identifier specified"),
        (
            "&#xD800;",
            (
                "Text contains invalid Unicode characters after decoding HTML entities, check for"
                " unmatched surrogate code units"
            ),
        ),
    ],
)
def test_errors_are_telegrams(source: str, error: str) -> None:
    with pytest.raises(Malformed) as raised:
        parse_html(source)
    assert str(raised.value) == error


PIECES = [
    *("<b>", "</b>", "<i>", "</i>", "<pre>", "</pre>", "</code>", "</a>", "</span>"),
    *("<code class='language-x'>", '<a href="https://a.io">', '<span class="tg-spoiler">'),
    *("<", ">", "</", "&", "&lt;", "&#38;", "&#xD800;", "=", '"', "'", " ", "\0", "😀"),
]
HTML_LIKE = st.lists(st.one_of(st.text(max_size=5), st.sampled_from(PIECES)), max_size=20).map(
    "".join
)


@given(HTML_LIKE)
def test_no_text_crashes_the_reader_and_no_entity_leaves_the_text(source: str) -> None:
    try:
        text, entities = parse_html(source)
    except Malformed:
        return
    for entity in entities:
        assert entity.offset >= 0
        assert entity.length > 0
        assert entity.offset + entity.length <= utf16_length(text)


@given(HTML_LIKE)
def test_what_comes_out_of_a_request_is_short_trimmed_and_inside_the_text(source: str) -> None:
    parameters = Parameters({"text": source, "parse_mode": "HTML"})
    try:
        text, entities = formatted_text(parameters, World())
    except Refusal:
        return
    assert text == text.strip()
    code = [e for e in entities if e.kind in {"code", "pre"}]
    for entity in entities:
        assert 0 <= entity.offset < entity.offset + entity.length <= utf16_length(text)
        for block in code:
            if entity is not block:
                is_apart = (
                    entity.offset >= block.offset + block.length
                    or block.offset >= entity.offset + entity.length
                )
                assert is_apart


@given(st.text(), st.text(min_size=1), st.text())
def test_offsets_count_utf16_units(before: str, inside: str, after: str) -> None:
    source = f"{html.escape(before)}<b>{html.escape(inside)}</b>{html.escape(after)}"
    # html.escape writes &#x27; for an apostrophe, which is a reference that Telegram knows.
    text, (bold,) = parse_html(source)
    assert text == before + inside + after
    units = text.encode("utf-16-le")
    marked = units[bold.offset * 2 : (bold.offset + bold.length) * 2]
    assert marked.decode("utf-16-le") == inside


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/start", [("bot_command", 0, 6)]),
        ("😀 /start@harbour_bot x", [("bot_command", 3, 18)]),
        ("and/or 1/2 </b>", []),
        ("hi @olga.", [("mention", 3, 5)]),
        ("olga@example.org", []),
        ("see https://a.io/b?c=1.", [("url", 4, 18)]),
        ("t.me/x", [("url", 0, 6)]),
        ("https://a.io/@olga/start", [("url", 0, 24)]),
        ("#tag #1", [("hashtag", 0, 4)]),
        ("plain", []),
    ],
)
def test_commands_mentions_links_and_hashtags_are_found(
    text: str, expected: list[tuple[str, int, int]]
) -> None:
    found = with_automatic(Content(text)).entities
    assert [(e.kind, e.offset, e.length) for e in found] == expected


def test_nothing_is_found_inside_code_and_links() -> None:
    text, entities = parse_html('<code>/start</code> <a href="https://a.io">@olga</a> /help')
    found = with_automatic(Content(text, entities)).entities
    assert [e.kind for e in found] == ["code", "text_link", "bot_command"]


def test_code_cuts_what_lies_around_it() -> None:
    parameters = Parameters({"text": "<b>1<code>2</code>3</b>", "parse_mode": "HTML"})
    text, entities = formatted_text(parameters, World())
    assert text == "123"
    assert [(e.kind, e.offset) for e in entities] == [("bold", 0), ("code", 1), ("bold", 2)]


@given(st.text(alphabet=st.sampled_from("/@#ab1.: \n😀htps_")))
def test_found_entities_never_meet(text: str) -> None:
    end = 0
    for entity in with_automatic(Content(text)).entities:
        assert entity.offset >= end
        end = entity.offset + entity.length
    assert end <= utf16_length(text)
