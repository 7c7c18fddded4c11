"""What a person may write where, when the control API writes for them."""

from math import ceil

from sandbox.control.requests import ControlError
from sandbox.world import World
from sandbox.world.chats import Chat
from sandbox.world.people import User


def check_writing(world: World, user_id: int, place: User | Chat) -> None:
    """403 with the reason where Telegram would not take a message from that user."""
    if not isinstance(place, Chat):
        return
    if refusal := place.refusal(user_id):
        raise ControlError(403, f"user {user_id} may not write in {place.id}: {refusal}")
    until, now = place.slow_until(user_id), world.now()
    if until is not None and until > now:
        left = ceil((until - now).total_seconds())
        raise ControlError(403, f"slow mode: user {user_id} may write in {place.id} in {left} s")
