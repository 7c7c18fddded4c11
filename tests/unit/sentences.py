"""The sentences in which the code below the chat says what is wrong."""

import ast
from pathlib import Path

from storage import standstill
from userbot import elsewhere, errors, leaving, refusals
from userbot.proxies.causes import Cause
from userbot.proxies.flaws import Flaw

ROOT = Path(__file__).parents[2]
RAISED = {"AlreadyKnown", "BadPhone", "BadSession", "BadTarget", "NoProxy"}
"""What is raised with a sentence that the chat shows."""
WHERE = (
    "userbot/foreign.py",
    "userbot/importing.py",
    "userbot/session_files.py",
    "userbot/exporting.py",
    "userbot/targets.py",
    "bot/importing.py",
)


def raised() -> set[str]:
    """Sentences of errors, each number in them as 0; those with a name in them are left out."""
    found: set[str] = set()
    for path in WHERE:
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        constants = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name) and isinstance(node.value.value, str)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in RAISED and node.args:
                found.add(_words(node.args[0], constants))
    return found - {""}


def _words(node: ast.expr, constants: dict[str, str]) -> str:
    match node:
        case ast.Constant(value=str(words)):
            return words
        case ast.Name(id=name):
            return constants.get(name, "")
        case ast.JoinedStr(values=[ast.Constant(), *_] as parts):
            return "".join(p.value if isinstance(p, ast.Constant) else "0" for p in parts)  # type: ignore[misc]
        case _:
            return ""


def everywhere() -> set[str]:
    """All that the chat may show."""
    listed = [*errors._LISTED.values(), *errors._TRANSPORT.values()]
    families = [answer for _, answer in errors._FAMILIES]
    return {
        *(words for _, words in [*listed, *families]),
        *(cause.words for cause in Cause),
        *(flaw.value for flaw in Flaw),
        *refusals._WORDS.values(),
        *refusals._BY_NAME.values(),
        *elsewhere.REASONS.values(),
        leaving.LOGGED_OUT,
        standstill.WHY,
        "Telegram asks to wait",
        *raised(),
    }
