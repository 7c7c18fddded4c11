"""Links as Telegram keeps them. Source: `LinkManager.cpp` of TDLib."""

import re

_USER_LINK = re.compile(r"tg:(?://)?user/?\?(?:.*&)?id=([0-9]{1,18})", re.IGNORECASE)
_HTTP_HOST = re.compile(r"(?:https?|ftp|tonsite)://([^/?#\s]+)", re.IGNORECASE)


def checked_link(url: str) -> str | None:
    """The link as Telegram keeps it; None where it would drop it (no host with a dot in it)."""
    url = url.strip()
    if url.lower().startswith(("tg://", "ton://", "mailto:", "tel:")):
        return url
    with_scheme = url if "://" in url else f"http://{url}"
    match = _HTTP_HOST.match(with_scheme)
    if match is None or "." not in match[1].strip(".") or " " in url:
        return None
    rest = with_scheme[match.end() :]
    return with_scheme if rest else f"{with_scheme}/"


def linked_user(url: str) -> int | None:
    """The id in `tg://user?id=`, which makes a mention of a link."""
    match = _USER_LINK.fullmatch(url.strip())
    return int(match[1]) if match else None
