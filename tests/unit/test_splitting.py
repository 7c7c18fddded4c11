"""Long texts: nothing is lost, no part is too long, the formatting stays where it was."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.splitting import MAX_TEXT, Piece, joined, messages, split, tail, units

LETTERS = st.characters(exclude_categories=["Cs"])
TEXTS = st.lists(
    st.one_of(
        st.text(LETTERS, max_size=30),
        st.sampled_from(["\n\n", "\n", ". ", " ", "👩‍👩‍👧 ", "🎉", "é", "שלום ", "x" * 40]),
    ),
    max_size=40,
).map("".join)


def of(text: str, entity: dict[str, Any]) -> str:
    """What of the text an entity covers."""
    raw = text.encode("utf-16-le")
    begin = entity["offset"] * 2
    return raw[begin : begin + entity["length"] * 2].decode("utf-16-le", "surrogatepass")


@st.composite
def pieces(draw: st.DrawFn) -> Piece:
    text = draw(TEXTS)
    offsets = [units(text[:i]) for i in range(len(text) + 1)]
    entities = []
    for _ in range(draw(st.integers(0, 4)) if text else 0):
        begin = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(begin + 1, len(text)))
        kind = draw(st.sampled_from(["bold", "text_link", "mention", "custom_emoji", "pre"]))
        span = {"offset": offsets[begin], "length": offsets[end] - offsets[begin]}
        entities.append({"type": kind, **span})
    return Piece(text, tuple(entities))


@given(piece=pieces(), limit=st.integers(2, 60))
@example(Piece("x" * 9000), MAX_TEXT)
@example(Piece("🎉" * 5000), MAX_TEXT)
def test_the_parts_are_the_text_and_none_is_too_long(piece: Piece, limit: int) -> None:
    parts = split(piece, limit)
    assert "".join(part.text for part in parts) == piece.text
    assert all(part.length <= limit for part in parts)
    assert all(part.length == len(part.text.encode("utf-16-le")) // 2 for part in parts)
    assert all(part.text for part in parts) or not piece.text


@given(piece=pieces(), limit=st.integers(2, 60))
def test_each_entity_covers_in_the_parts_what_it_covered_before(piece: Piece, limit: int) -> None:
    parts = split(piece, limit)
    for part in parts:
        for entity in part.entities:
            assert entity["length"] > 0
            assert entity["offset"] >= 0
            assert entity["offset"] + entity["length"] <= part.length
            of(part.text, dict(entity)).encode()  # no half of a character
    for kind in {e["type"] for e in piece.entities}:
        before = sorted(
            i
            for e in piece.entities
            if e["type"] == kind
            for i in range(e["offset"], e["offset"] + e["length"])
        )
        after: list[int] = []
        shift = 0
        for part in parts:
            for e in part.entities:
                if e["type"] == kind:
                    first = shift + e["offset"]
                    after += range(first, first + e["length"])
            shift += part.length
        assert sorted(after) == before


@given(piece=pieces(), limit=st.integers(2, 60))
def test_no_message_of_a_split_text_is_blank(piece: Piece, limit: int) -> None:
    assert all(part.text.strip() for part in messages(piece, limit))


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("one two.\n\nthree four\nfive six", "one two.\n\n"),
        ("one two\nthree four five six", "one two\n"),
        ("One, two. Three four five six", "One, two. "),
        ("one two three four five six", "one two three "),
        ("a\n\nsixteen-letters and more", "a\n\n"),
        ("onetwothreefourfivesix", "onetwothreefourf"),
        ("onetwothreefou👩‍👩‍👧x", "onetwothreefou"),
        ("onetwothreefoure\u0301x", "onetwothreefour"),
    ],
)
def test_a_text_is_cut_at_a_sensible_place(text: str, first: str) -> None:
    assert split(Piece(text), 16)[0].text == first


def test_a_link_is_not_torn() -> None:
    text = "x" * 10 + "https://t.me/a"
    url = {"type": "url", "offset": 10, "length": 14}
    assert [p.text for p in split(Piece(text, (url,)), 16)] == ["x" * 10, "https://t.me/a"]


def test_a_text_that_fits_stays_as_it_is() -> None:
    bold = {"type": "bold", "offset": 2, "length": 3}
    piece = Piece("🎉bold", (bold,))
    assert split(piece) == [piece]


def test_what_follows_a_command_keeps_its_formatting() -> None:
    entities = (
        {"type": "bot_command", "offset": 0, "length": 5},
        {"type": "text_link", "offset": 11, "length": 4, "url": "https://example.com/"},
    )
    assert tail(Piece("/send @bob 🎉hi", entities), 11) == Piece(
        "🎉hi", ({"type": "text_link", "offset": 0, "length": 4, "url": "https://example.com/"},)
    )


def test_texts_are_joined_with_their_formatting() -> None:
    bold = {"type": "bold", "offset": 0, "length": 2}
    both = joined([Piece("🎉", (bold,)), Piece("ab", (bold,))])
    assert both == Piece("🎉\nab", (bold, {"type": "bold", "offset": 3, "length": 2}))
