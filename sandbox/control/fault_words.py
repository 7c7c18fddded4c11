"""What a fault is, in one plain sentence."""

from sandbox.control.boards import Place, Placement
from sandbox.faults import Fault
from sandbox.world import World

_DATA_CENTRE = {
    "freeze": "Lines of {who} are frozen: nothing is answered",
    "delay": "Everything reaches {who} {seconds:g} s late",
    "close_at_once": "Lines of {who} are closed at once",
    "refuse": "Telegram refuses connections",
    "transport_error": "Packets of {who} get transport error -{code}",
    "fail_exchange": "Key exchanges fail ({end})",
    "rpc_error": "Calls of {who} to {method} fail: {code} {text}",
    "wait": "{who} gets {text} of {seconds} s on {method}",
    "first_call_runs": "A repeat by {who} hears that the first message is still on its way",
    "drop_reply": "Answers to {method} of {who} are lost",
    "garble": "Answers to {method} of {who} can't be read",
    "deny": "{who} is told {text}",
    "ban": "{who} is banned",
    "freeze_account": "{who} is frozen: the account can only read",
    "limit_account": "{who} is limited: no messages to strangers",
}
_BOT_API = {
    "throttle": "Bot API: {method} gets 429, retry after {retry_after} s",
    "server_error": "Bot API: {method} gets {status}",
    "conflict": "Bot API: {method} gets 409, another instance is said to poll",
    "drop_reply": "Bot API: answers to {method} are lost",
}
_PROXY = {
    "reject_login": "{proxy} rejects every login",
    "close_at_once": "{proxy} closes every connection at once",
    "say_nothing": "{proxy} accepts and says nothing",
    "slow": "{proxy} waits {seconds:g} s before it dials",
    "forbid": "{proxy} dials for nobody",
    "freeze": "{proxy} relays nothing",
    "refuse": "{proxy} refuses connections",
}
_BRIGHT_DATA = {
    "throttle": "Bright Data: {method} gets 429",
    "server_error": "Bright Data: {method} gets {status}",
    "hang": "Bright Data: {method} is never answered",
    "drop_reply": "Bright Data: answers to {method} are lost",
    "garble": "Bright Data: answers to {method} can't be read",
}
_WORDS = {
    Place.DATA_CENTRE: _DATA_CENTRE,
    Place.BOT_API: _BOT_API,
    Place.PROXY: _PROXY,
    Place.SUPER_PROXY: _PROXY,
    Place.BRIGHT_DATA: _BRIGHT_DATA,
}
_ANYTHING = {None: "anything", "*": "anything"}


def fault_words(world: World, placement: Placement, fault: Fault) -> str:
    """Without its end: whether it is set or lifted is for others to say."""
    details = fault.details()
    form = _WORDS[placement.place].get(fault.kind, fault.kind.replace("_", " "))
    method = details.get("method")
    proxy = "Bright Data's proxy" if placement.proxy is None else f"Proxy {placement.proxy}"
    own = {"who": _who(world, fault), "proxy": proxy, "method": _ANYTHING.get(method, method)}
    words = form.format(**(details | own))
    if details.get("late") and placement.place in {Place.BOT_API, Place.BRIGHT_DATA}:
        words += ", after it took effect"
    return words[:1].upper() + words[1:]


def _who(world: World, fault: Fault) -> str:
    user = world.people.by_id.get(fault.user_id or 0)
    if user is not None:
        return user.first_name
    return "everybody" if fault.key_id is None else "one key"
