"""Every line of the log has an event; each event is in docs/logs.md, and means one thing."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typing_extensions import override

ROOT = Path(__file__).parents[2]
LEVELS = {"debug", "info", "warning", "error", "exception", "log"}
Assigned = list[tuple[str, int, ast.expr]]
ONE = "log = logger.bind(event='a.b')\n  log.info('x')"
OTHER = "log = logger.bind(event='c.d')\n  log.info('x')"
EVENT = re.compile(r"[a-z_]+(\.[a-z_]+|\.\*)?")
PROMISED = {
    "connection.lost",
    "proxy.fallback_country",
    "proxy.reactivated",
    "reconnect.attempt",
    "reconnect.ok",
    "recovery.completed",
    "recovery.started",
    "send.connection",
    "send.entity",
    "send.sent",
    "shutdown.signal",
    "userbot.online",
    "userbot.start_failed",
}


class Bad(AssertionError):
    """Where in the code, and what is wrong with it."""


class Calls(ast.NodeVisitor):
    """Follows `logger` through its chains and the names it is given in a class or function."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.found: list[tuple[set[str], set[str]]] = []
        """The events that each call may have, and the other fields that are bound."""
        self._known: list[Assigned] = []

    @override
    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._known.append(_assigned(node, attributes=True))
        self.generic_visit(node)
        self._known.pop()

    @override
    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._known.append(_assigned(node, attributes=False))
        self.generic_visit(node)
        self._known.pop()

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 - ast's name

    @override
    def visit_Call(self, node: ast.Call) -> None:
        called = node.func
        if isinstance(called, ast.Attribute) and called.attr in LEVELS:
            chain = list(self._chain(called.value))
            if chain and chain[-1] == "logger":
                self._note(node, [bound for bound in chain if isinstance(bound, ast.keyword)])
        self.generic_visit(node)

    def _note(self, node: ast.Call, bound: list[ast.keyword]) -> None:
        events = [b.value for b in bound if b.arg == "event"]
        if not events:
            raise Bad(f"{self.where}:{node.lineno} logs without an event")
        # The chain is walked from its end: the last bind is the one that holds.
        names = self._texts(events[0])
        if not names or any(EVENT.fullmatch(name) is None for name in names):
            raise Bad(f"{self.where}:{node.lineno}: which event is it? {ast.unparse(events[0])}")
        self.found.append((names, {b.arg for b in bound if b.arg}))

    def _chain(self, value: ast.expr) -> Iterator[ast.keyword | str]:
        """What was bound on the way from `logger`, the latest first; then its name."""
        while True:
            match value:
                case ast.Call(
                    func=ast.Attribute(value=inner, attr="bind" | "opt"), keywords=given
                ):
                    yield from given
                    value = inner
                case ast.Name(id="logger"):
                    yield "logger"
                    return
                case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="self"), attr=name):
                    if (before := self._look_up(name, value.lineno)) is None:
                        return
                    value = before
                case _:
                    return

    def _look_up(self, name: str, at: int) -> ast.expr | None:
        """What it was set to last before that line, here or around."""
        for known in reversed(self._known):
            if before := [v for n, line, v in known if n == name and line < at]:
                return before[-1]
        return None

    def _texts(self, value: ast.expr) -> set[str]:
        match value:
            case ast.Constant(value=str(text)):
                return {text}
            case ast.IfExp(body=one, orelse=other):
                return self._texts(one) | self._texts(other)
            case ast.Name(id=name) if (before := self._look_up(name, value.lineno)) is not None:
                return self._texts(before)
            case ast.JoinedStr(values=parts):
                return {"".join(p.value if isinstance(p, ast.Constant) else "*" for p in parts)}  # type: ignore[misc]
            case _:
                return set()


def _assigned(node: ast.AST, *, attributes: bool) -> Assigned:
    """What names, or attributes of `self`, are set to; in the order of the lines.

    An attribute is set in `__init__`: before every line that uses it.
    """
    found: Assigned = []
    for each in ast.walk(node):
        match each:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if not attributes:
                found.append((name, each.lineno, value))
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)]):
                if attributes:
                    found.append((name, 0, each.value))
            case _:
                pass
    return sorted(found, key=lambda one: one[1])


def calls() -> Iterator[tuple[set[str], set[str]]]:
    for package in ("bot", "userbot", "storage"):
        for path in sorted((ROOT / package).rglob("*.py")):
            text = path.read_text()
            if "logger" in text:
                found = Calls(str(path.relative_to(ROOT)))
                found.visit(ast.parse(text))
                yield from found.found


def listed() -> list[str]:
    """The events of the tables, each with its sentence."""
    text = (ROOT / "docs/logs.md").read_text().partition("## Events")[2]
    return re.findall(r"^\| `([^`]+)` \| \S", text, re.MULTILINE)


def test_every_event_of_the_code_is_listed_once_and_no_other() -> None:
    in_code = {name for names, _ in calls() for name in names}
    assert in_code >= PROMISED
    assert len(listed()) == len(set(listed()))
    assert set(listed()) == in_code


def test_a_line_on_a_message_names_the_message_and_one_on_a_userbot_its_account() -> None:
    for names, fields in calls():
        for name in names:
            if name.startswith("send."):
                assert {"delivery", "account"} <= fields, name
            if name.startswith(("userbot.", "connection.", "reconnect.", "supervisor.")):
                assert "account" in fields, name


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("logger.info('x')", None),
        ("logger.bind(account=1).info('x')", None),
        ("logger.bind(event='a.b').info('x')", {"a.b"}),
        ("log = logger.bind(event='a.b')\n  log.opt(exception=True).error('x')", {"a.b"}),
        ("log = logger.bind(a=1)\n  log.bind(event='a.b').error('x')", {"a.b"}),
        (f"{ONE}\n  {ONE}\n  {OTHER}\n  {ONE}", {"a.b", "c.d"}),
        ("kind = 'a.b' if y else 'c.d'\n  logger.bind(event=kind).error('x')", {"a.b", "c.d"}),
        ("logger.bind(event=f'a.{y}').error('x')", {"a.*"}),
        ("logger.bind(event=unknown()).error('x')", None),
        ("log = math\n  log.log(3)", set()),
    ],
)
def test_this_test_finds_them(code: str, found: set[str] | None) -> None:
    seen = Calls("here")
    tree = ast.parse(f"def f():\n  {code}")
    if found is None:
        with pytest.raises(Bad):
            seen.visit(tree)
        return
    seen.visit(tree)
    assert {name for names, _ in seen.found for name in names} == found
