"""Every dialog of the chat: how it is opened, and what it says to what it can't take."""

# ruff: noqa: RUF001 - what the bot says, and what a person may type

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.handlers.login.dialog import Login

LARGE_BYTES = (20 << 20) + 1
"""More than the Bot API hands out."""
TEXTS = {
    "blank": "\u2800",
    "long": "x" * 4096,
    "emoji": "🙂🏴‍☠️👩‍👩‍👧",
    "markup": "<b>&amp; <Bob>",
    "right to left": "שלום \u202eעולם",
    "forward": "so they say",
}
"""What comes as a text; the last one is forwarded."""
FILES = ("photo", "large file", "contact")
INPUTS = (*TEXTS, *FILES)
FAULT = "Something went wrong"


@dataclass(frozen=True)
class Dialog:
    """How a dialog is opened, and what it says to what it can't take."""

    opened_by: tuple[str, ...]
    """Data of presses, or texts behind `>`; the words that come behind the last are `asks`."""
    asks: str
    bad_text: str
    """Its answer to a text."""
    bad_file: str = "I need a text"
    """Its answer to what is none."""
    takes: frozenset[str] = frozenset()
    """What is no mistake here, and is not tried."""
    others: Mapping[str, str] = field(default_factory=dict)
    """Answers that are different."""

    def answer_to(self, kind: str) -> str:
        return self.others.get(kind) or (self.bad_text if kind in TEXTS else self.bad_file)


ANY_TEXT = frozenset(TEXTS)
"""Of a dialog that takes whatever is written."""
ONLY_TEXT = "I need a text message here. /cancel"
OF_PROXIES = {"large file": "larger than 2 MB"}
TARGET = "nobody I can write to"
COUNTRY = "That is no country’s code"
NO_TAG = "letters, digits, - and _"
LONG_TAG = {"long": "characters"}
DIALOGS: dict[str, Dialog] = {
    "Login:phone": Dialog(
        ("go:add_account:0",), "Which number?", "a phone number has only digits"
    ),
    "Login:code": Dialog(
        ("go:add_account:0", ">{phone}"),
        "Login code for",
        "makes a code worthless",
        "makes a code worthless",
    ),
    "Login:password": Dialog(
        ("go:add_account:0", ">{phone with password}", "code"),
        "Two-step verification",
        "That was not the password",
    ),
    "Login:picture": Dialog(
        ("l:qr:0",), "Scan this", "wait for the picture", "wait for the picture"
    ),
    "Importing:phone": Dialog(("l:import:0",), "Which number", "a phone number has only digits"),
    "Importing:session": Dialog(
        ("l:import:0", ">+4420794600199"),
        "Now send the session",
        "Not imported: this is not a Telethon StringSession",
        "I need a .session file",
        others={"large file": "larger than 20 MB"},
    ),
    "AddProxy:line": Dialog(
        ("go:add_proxy:0",),
        "Send me proxies",
        "no proxy I can use",
        "text or a .txt file",
        others=OF_PROXIES,
    ),
    "ProxyDialog:change": Dialog(("p:change:{proxy}",), "Change", "no proxy I can use"),
    "ProxyDialog:price": Dialog(
        ("p:price:{proxy}",),
        "cost a month",
        "That amount I can’t read",
        others={"forward": "Send an amount"},
    ),
    "ProxyDialog:country": Dialog(("p:country:{proxy}",), "Where is", COUNTRY),
    "ProxyDialog:lease": Dialog(("le:ask:0:",), "In which country?", COUNTRY),
    "Send:sender": Dialog(
        ("go:send:0",),
        "Send as which account",
        TARGET,
        TARGET,
        frozenset({"contact"}),
        others={"forward": "hides who they are"},
    ),
    "Send:target": Dialog(
        ("a:send:{account}",),
        "to whom?",
        TARGET,
        TARGET,
        frozenset({"contact"}),
        others={"forward": "hides who they are"},
    ),
    "Send:content": Dialog(
        ("a:send:{account}", ">me"),
        "What is the text?",
        "",
        "can’t send that",
        ANY_TEXT | {"photo"},
        others={"large file": "I can take files of up to 20 MB"},
    ),
    "Send:split": Dialog(
        ("a:send:{account}", ">me", "two parts"),
        "That makes 2 messages",
        "",
        "can’t send that",
        ANY_TEXT | {"photo"},
        others={"large file": "I can take files of up to 20 MB"},
    ),
    "Change:text": Dialog(
        ("w:edit:{draft}",), "Send me the new text", "", "To change the file", takes=ANY_TEXT
    ),
    "Change:link": Dialog(
        ("w:reply:{draft}",), "Which message", "That is no link to a message", ONLY_TEXT
    ),
    "Change:time": Dialog(("w:at:{draft}",), "When?", "I don’t understand that time", ONLY_TEXT),
    "SentChange:text": Dialog(("d:edit:{sent}",), "new text", "", takes=ANY_TEXT),
    "Setting:label": Dialog(
        ("t:label:{account}:",), "be called?", "characters, and 64 fit", takes=ANY_TEXT - {"long"}
    ),
    "Setting:tags": Dialog(
        ("t:tags:{account}:",), "Which tags", NO_TAG, others=LONG_TAG, takes=frozenset({"forward"})
    ),
    "Setting:country": Dialog(("t:country:{account}:",), "In which country", COUNTRY),
    "Tagging:tags": Dialog(
        ("g:ask:tag:all:-:::0",),
        "Which tag",
        NO_TAG,
        others=LONG_TAG,
        takes=frozenset({"forward"}),
    ),
    "Exporting:passphrase": Dialog(
        ("a:export:{account}",), "passphrase", "That is too short", takes=ANY_TEXT - {"blank"}
    ),
    "Forgetting:label": Dialog(
        ("a:forget:{account}",), "Forget", "That is not it, so nothing was forgotten"
    ),
    "OwnZone:name": Dialog(
        ("go:zone:0",), "My time zone", "no time zone of that name", "no time zone of that name"
    ),
}
MOMENTARY = {Login.connecting.state, Login.checking.state}
"""Nobody is asked anything there."""
