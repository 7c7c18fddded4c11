"""The steps of the tour, for the page (`page/tour/`).

Each says what to do (`text`), where (`where`, `point`), and what in the world ticks it (`until`):
an `event` of the timeline, of a `user` or with certain `words` in it, or a `message` of the bot
with certain words, and with a certain `key` below it. The first step carries what all need.
"""

import secrets
from typing import Any

from sandbox.demo.cast import Cast

Step = dict[str, Any]
_ALL_THE_SAME = (
    "She has no line now. Approve the draft all the same: press Send as account on its card."
)


def steps(cast: Cast) -> list[Step]:
    alice, proxy = cast.accounts[0], cast.proxy_of(0)
    name, number = alice.first_name, 1
    cut = {"name": f"Cut: {name}"}
    found = [
        _chat("Say hello to the bot: press Status.", {"key": "Status"}, {"message": "Status\n"}),
        _world(
            f"Cut {name}'s line: press Cut beside her name.",
            cut,
            {"event": "disconnected", "user": alice.id},
        ),
        _world(
            "Watch her light. Mooring has noticed, and connects her again by itself.",
            cut,
            {"event": "connected", "user": alice.id},
        ),
        _chat(
            f"Open her card: write /a{number} and send it.",
            {"name": "Message"},
            {"message": f"#{number} {name}", "key": "Why"},
        ),
        _chat(
            "Now press Reconnect: Mooring hangs up and dials anew.",
            {"key": "Reconnect"},
            {"event": "connected", "user": alice.id},
        ),
        _world(
            f"Take proxy {proxy.id} down: press Stop. {name} and three others are behind it.",
            {"name": f"Stop: proxy {proxy.id}"},
            {"event": "stopped", "words": f"Proxy {proxy.id} "},
        ),
        _chat(
            "Read the alert: one message, with the cause and all who wait.",
            {"message": "refuses connections"},
            {"message": "refuses connections"},
        ),
        _chat(
            f"{_ALL_THE_SAME} The bot steps in after five seconds.",
            {"key": "Send as account"},
            {"message": "Sent as the bot"},
        ),
        _world(
            f"Start proxy {proxy.id} again.",
            {"name": f"Start: proxy {proxy.id}"},
            {"event": "started", "words": f"Proxy {proxy.id} "},
        ),
        _chat(
            "Everybody comes back, and the alert is closed: it says how long they were away.",
            {"message": "is over"},
            {"message": "is over"},
        ),
    ]
    # Another world has another id, so that the page begins from the start there.
    shared = {"id": secrets.token_hex(4), "user": cast.operators[0].id, "peer": cast.bot.id}
    return [found[0] | shared, *found[1:]]


def _chat(text: str, point: dict[str, str], until: dict[str, Any]) -> Step:
    return {"where": "chat", "text": text, "point": point, "until": until}


def _world(text: str, point: dict[str, str], until: dict[str, Any]) -> Step:
    return {"where": "world", "text": text, "point": point, "until": until}
