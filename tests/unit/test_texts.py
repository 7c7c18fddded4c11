"""Every text that the code asks for is there, with the variables it gets, and every one is used."""

import ast
import html
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest
from fluent.runtime import FluentResource
from fluent.runtime.errors import FluentReferenceError
from fluent.syntax import ast as ftl
from fluent.syntax import visitor

from bot import command_menu
from bot.callbacks import By, EventGroup, GroupAct, Which
from bot.desk import OUTCOME_LIMIT_S
from bot.finding import KINDS
from bot.prices import CostFlaw
from bot.sent_filter import Sent
from bot.texts import SAID, Html, Texts, key_of
from bot.views import account_settings, deliveries, group
from bot.views import round as rounds
from storage.alert_switches import AlertKind
from storage.delivery import DeliveryState
from storage.incidents import About
from storage.labels import TagFlaw
from storage.proxies import Kind
from tests.unit import sentences
from userbot import login_answers, media_words
from userbot.states import State

BOT = Path(__file__).parents[2] / "bot"
CODE = sorted(BOT.rglob("*.py"))
STEPS = {"registry", "connection", "entity", "chat", "send", "no-reply"}
FAMILIES: dict[str, set[str]] = {
    "state-": {state.value for state in State},
    "card-": {state.value for state in DeliveryState},
    "login-error-": login_answers.ERRORS,
    "login-via-": login_answers.WAYS,
    "login-resend-": login_answers.NEXT_WAYS - {"other"},
    "traits-importance-": {str(each) for each in account_settings.IMPORTANCES},
    "traits-bad-tag-": {str(flaw) for flaw in TagFlaw},
    "alert-": {"offline", "failed", "needs_login", "banned"},
    "remind-": {"needs_login", "banned"},
    "alerts-kind-": {str(kind) for kind in AlertKind},
    "about-": {str(kind) for kind in About},
    "over-": {str(kind) for kind in About},
    "command-": set(command_menu.ALL),
    "holds-": set(media_words.WORDS),
    "proxy-kind-": {str(kind) for kind in Kind},
    "scheme-": {"socks5", "socks4", "http", "mtproto"},
    "price-bad-": {str(flaw) for flaw in CostFlaw},
    "step-": STEPS,
    "act-": {str(act) for act in deliveries.TOLD},
    "sent-which-": {str(which) for which in Sent},
    "sent-button-": {str(which) for which in Sent},
    "events-group-": {str(group) for group in EventGroup},
    "list-which-": {str(which) for which in Which},
    "list-button-": {str(which) for which in Which},
    "list-by-": {str(by) for by in By if by is not By.NOTHING},
    "list-narrow-": {str(by) for by in (By.PROXY, By.COUNTRY, By.TAG)},
    "group-": {str(act) for act in group.CHOICE},
    "group-now-": {str(act) for act in GroupAct},
    "round-": set(KINDS.values()),
    SAID: {key_of(sentence).removeprefix(SAID) for sentence in sentences.everywhere()},
    "round-over-": set(KINDS.values()),
    "round-why-": set(rounds._ERRORS.values()) | {"internal"},
}
NAMES = {"t", "ctx.t", "self._t"}
"""What texts are called in the code."""
VARIANTS = {
    "card-PENDING-asks",
    "card-PENDING-waits",
    "card-SENDING-again",
    "card-SENDING-waits",
    "card-BOT_PENDING-waits",
    "card-BOT_SENDING-waits",
    "card-SENT_BY_BOT-detour",
    "card-FAILED-detour",
    "card-FAILED-open",
    "card-FAILED-part",
    "card-FAILED-detour-part",
    "card-FAILED-open-part",
    "card-UNKNOWN-open",
    "card-CANCELLED-rest",
}
"""Keys that `bot.views.deliveries` builds in two steps."""


class Variables(visitor.Visitor):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ftl.VariableReference) -> None:  # noqa: N802 - its name
        self.names.add(node.id.name)


@cache
def messages() -> dict[str, set[str]]:
    """Each message of the files and the variables it shows."""
    files = sorted((BOT / "texts" / "en").glob("*.ftl"))
    found: dict[str, set[str]] = {}
    for entry in (e for f in files for e in FluentResource(f.read_text(encoding="utf-8")).body):
        assert not isinstance(entry, ftl.Junk), entry.content
        if isinstance(entry, ftl.Message):
            assert entry.id.name not in found, f"{entry.id.name} is there twice"
            variables = Variables()
            variables.visit(entry)
            found[entry.id.name] = variables.names
    return found


def keys_of(node: ast.expr) -> set[str]:
    """The keys that an argument of `t(…)` can be."""
    match node:
        case ast.Constant(value=str(key)):
            return {key}
        case ast.IfExp():
            return keys_of(node.body) | keys_of(node.orelse)
        case ast.JoinedStr(values=[ast.Constant(value=str(prefix)), ast.FormattedValue()]):
            return {prefix + member for member in FAMILIES[prefix]}
        case _:
            return set()


@cache
def calls() -> Sequence[tuple[str, set[str], set[str]]]:
    """Where a text is asked for, the keys, and the variables it is given."""
    return list(_calls())


def _calls() -> Iterator[tuple[str, set[str], set[str]]]:
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in NAMES:
                given = {k.arg for k in node.keywords if k.arg}
                for keyword in node.keywords:  # **{"from": …}
                    if keyword.arg is None and isinstance(keyword.value, ast.Dict):
                        given |= {ast.literal_eval(key) for key in keyword.value.keys if key}
                yield (
                    f"{path.parent.name}/{path.name}:{node.lineno}:{node.col_offset}",
                    keys_of(node.args[0]),
                    given,
                )


def asked_for() -> set[str]:
    """Every key that the code can ask for: whole literals, wherever they stand, and families."""
    literals = {
        node.value
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    families = {prefix + member for prefix, members in FAMILIES.items() for member in members}
    return (literals & messages().keys()) | families | VARIANTS


def test_each_text_that_is_asked_for_exists_and_gets_its_variables() -> None:
    unknown = [f"{where}: {key}" for where, keys, _ in calls() for key in keys - messages().keys()]
    assert unknown == []
    lacking = [
        f"{where}: {key} lacks {messages()[key] - given}"
        for where, keys, given in calls()
        for key in keys
        if not messages()[key] <= given
    ]
    assert lacking == []


def test_a_variable_that_is_given_is_shown_by_one_of_the_texts() -> None:
    for where, keys, given in calls():
        shown: set[str] = set().union(*(messages().get(key, set()) for key in keys))
        if len(keys) == 1:
            assert given <= shown, f"{where} gives {given - shown} for nothing"


def test_each_member_of_a_family_has_its_text() -> None:
    members = {prefix + m for prefix, found in FAMILIES.items() for m in found}
    assert members - messages().keys() == set()


def test_each_family_of_keys_in_the_code_is_one_that_these_tests_know() -> None:
    found = {
        match[1]
        for path in CODE
        for match in re.finditer(r'\bt\(\s*f"([a-z-]+-)\{', path.read_text(encoding="utf-8"))
    }
    assert found <= set(FAMILIES)


def test_no_text_is_there_for_nothing() -> None:
    assert set(messages()) - asked_for() == set()


@pytest.mark.parametrize("value", ["<u>&", 0, 1, 5])
def test_each_text_renders_with_words_and_with_numbers(value: str | int, t: Texts) -> None:
    for key, variables in messages().items():
        rendered = t(key, **dict.fromkeys(variables, value))
        assert rendered.strip(), key
        assert "<u>" not in rendered, key
        assert "{" not in rendered, key
        assert balanced(rendered), f"{key}: {rendered}"


def balanced(text: str) -> bool:
    """Whether Telegram would take the HTML: each tag is known, and closed in its order."""
    stack: list[str] = []
    for closing, name in re.findall(r"<(/?)([a-z]+)>", text):
        if name not in {"b", "i", "code", "pre", "u", "s"}:
            return False
        if not closing:
            stack.append(name)
        elif not stack or stack.pop() != name:
            return False
    return not stack


@pytest.mark.parametrize("sentence", sorted(sentences.everywhere()))
def test_a_sentence_of_the_code_has_its_message_and_reads_the_same(
    sentence: str, t: Texts
) -> None:
    said = t.said(sentence)
    assert isinstance(said, Html), f"said.ftl lacks {key_of(sentence)}"
    assert html.unescape(said) == sentence
    assert t("account-reason", reason=sentence) == t("account-reason", reason=said)


def test_a_sentence_that_no_message_says_stays_as_it_is(t: Texts) -> None:
    for words in ("the moon is <full>", "", "x" * 4096, "🙂", "said"):
        assert t.said(words) == words
        assert not isinstance(t.said(words), Html)


def test_a_key_that_is_not_there_is_an_error(t: Texts) -> None:
    with pytest.raises(LookupError):
        t("no-such-text")


def test_a_variable_that_is_missing_is_an_error(t: Texts) -> None:
    with pytest.raises(FluentReferenceError, match="proxy"):
        t("proxy-added")


def test_what_is_html_already_is_not_escaped_again(t: Texts) -> None:
    assert t("proxy-added", proxy="<b>&'\"") == "Added &lt;b&gt;&amp;'\"."
    assert t("proxy-added", proxy=Html("<b>x</b>")) == "Added <b>x</b>."
    assert isinstance(t("due-now"), Html)


@pytest.mark.parametrize("key", [f"command-{name}" for name in command_menu.ALL])
def test_a_command_of_the_menu_fits_the_bot_api(key: str, t: Texts) -> None:
    assert 1 <= len(t(key)) <= 256
    assert re.fullmatch(r"[a-z0-9_]{1,32}", key.removeprefix("command-"))


def test_a_late_answer_names_how_long_it_was_waited_for() -> None:
    assert f"within {OUTCOME_LIMIT_S // 60:g}½ minutes" in Texts()("press-again-later")
    assert OUTCOME_LIMIT_S % 60 == 30
