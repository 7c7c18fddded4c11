"""What a dialog has found out so far about a message to send, as its stored data."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from bot.drafting import texts
from bot.splitting import MAX_CAPTION, Entity, Piece, joined
from storage.delivery import Media
from storage.drafting import Words


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that the operator sent, still at Telegram."""

    file_id: str
    kind: Media
    name: str
    mime_type: str
    duration_s: int | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What is to be sent: files with a caption, and texts."""

    pieces: tuple[Piece, ...]
    files: tuple[Enclosed, ...] = ()

    @property
    def parts(self) -> list[Words]:
        """The messages that it makes."""
        return texts(self.pieces, has_files=bool(self.files))

    @property
    def long_caption(self) -> int:
        """How long the caption is, where that is too long for one; else 0."""
        length = self.pieces[0].length if self.files and self.pieces else 0
        return length if length > MAX_CAPTION else 0


def together(contents: Sequence[Content]) -> Content:
    """What came in at one go: the captions of an album are one, further texts follow."""
    files = tuple(file for content in contents for file in content.files)
    captions = [piece for content in contents if content.files for piece in content.pieces]
    later = [piece for content in contents if not content.files for piece in content.pieces]
    return Content((*([joined(captions)] if captions else []), *later), files)


@dataclass(frozen=True, slots=True)
class Plan:
    """Who sends what to whom; what is missing is asked for."""

    account_id: int | None = None
    is_automatic: bool = False
    """Whether the best account is to send; it is chosen once the target is known."""
    target: str = ""
    at: datetime | None = None
    for_admins: bool = False
    """Whether the card goes to the admin chat, for anybody there to approve."""
    content: Content | None = None
    is_split: bool = False
    """Whether the operator agreed to several messages."""
    fetching: int = 0
    """The message under which files are being fetched: what comes later takes their place."""

    def stored(self) -> dict[str, Any]:
        data = asdict(self)
        data["at"] = self.at.isoformat() if self.at else None
        return data

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Plan":
        """The plan that a dialog's data holds; an empty one where it holds none."""
        known = {name: data[name] for name in cls.__slots__ if name in data}
        if at := known.get("at"):
            known["at"] = datetime.fromisoformat(at)
        if content := known.get("content"):
            known["content"] = _content(content)
        return cls(**known)


def _content(data: Mapping[str, Any]) -> Content:
    pieces = tuple(Piece(p["text"], _entities(p["entities"])) for p in data["pieces"])
    files = tuple(Enclosed(**{**f, "kind": Media(f["kind"])}) for f in data["files"])
    return Content(pieces, files)


def _entities(data: Sequence[Entity]) -> tuple[Entity, ...]:
    return tuple(dict(entity) for entity in data)
