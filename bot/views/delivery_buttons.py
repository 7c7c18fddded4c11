"""What can be done with a delivery: the buttons of its card, by state."""

from collections.abc import Callable, Sequence

from bot.callbacks import DeliveryAct, Go, OnDelivery, Room
from bot.stories import Story
from bot.texts import Texts
from bot.views.sending import draft_buttons
from bot.views.view import Button, LinkButton, in_columns
from storage.delivery import DeliveryState

Rows = Sequence[Sequence[Button | LinkButton]]
_WAITING = frozenset({DeliveryState.PENDING, DeliveryState.BOT_PENDING})


def buttons(t: Texts, story: Story, *, is_detailed: bool) -> Rows:
    """The rows for the part that the card is about now."""
    return _ROWS[story.current.state](_Keys(t, story, is_detailed=is_detailed))


class _Keys:
    """Makes the buttons of one card."""

    def __init__(self, t: Texts, story: Story, *, is_detailed: bool) -> None:
        self.t = t
        self.story = story
        self.now = story.current
        self._is_detailed = is_detailed

    def key(self, label: str, act: DeliveryAct) -> Button:
        return (self.t(label), OnDelivery(act=act, id=self.story.head.id))

    @property
    def unfold(self) -> Button:
        if self._is_detailed:
            return self.key("button-less", DeliveryAct.SHOW)
        return self.key("button-details", DeliveryAct.DETAILS)

    @property
    def as_bot(self) -> Button:
        return self.key("button-as-bot", DeliveryAct.AS_BOT)

    @property
    def cancel(self) -> Button:
        """Calls off what still waits: all of it, or the parts behind those that do not."""
        waiting = sum(part.state in _WAITING for part in self.story.parts)
        is_all = waiting == len(self.story.parts)
        label = "button-cancel-sending" if is_all else "button-cancel-rest"
        return self.key(label, DeliveryAct.CANCEL)

    @property
    def last(self) -> Button:
        """The chat as the account sees it; what went as the bot is in another one."""
        return self.key("button-last", DeliveryAct.LAST)

    @property
    def another(self) -> Button:
        return (self.t("button-send-another"), Go(room=Room.SEND))


def _draft(keys: _Keys) -> Rows:
    # One from a backup may have gone out since: as the account that is settled, as the bot doubled.
    as_bot = [] if keys.now.is_possibly_sent else [keys.as_bot]
    return [
        [keys.key("button-as-account", DeliveryAct.AS_ACCOUNT), *as_bot],
        *draft_buttons(keys.t, keys.story.head),
        [keys.last, keys.key("button-discard", DeliveryAct.DISCARD)],
    ]


def _waiting(keys: _Keys) -> Rows:
    if not keys.now.is_asking:
        return [[keys.cancel]]
    wait = keys.key("button-wait-for-account", DeliveryAct.WAIT)
    return [[keys.as_bot, wait], [keys.cancel]]


def _under_way(keys: _Keys) -> Rows:
    return [_rest(keys)]


def _failed(keys: _Keys) -> Rows:
    retry = keys.key("button-retry", DeliveryAct.AS_ACCOUNT)
    # As the account it is safe: the same request is never taken twice.
    other = keys.last if keys.now.is_possibly_sent else keys.as_bot
    return [[retry, other], [keys.unfold, *_rest(keys)], _deleting(keys), [keys.another]]


def _unknown(keys: _Keys) -> Rows:
    arrived = keys.key("button-arrived", DeliveryAct.ARRIVED)
    if not keys.now.is_possibly_sent:
        again = keys.key("button-send-again-as-bot", DeliveryAct.AGAIN)
        return [[arrived, again], [keys.unfold, *_rest(keys)]]
    # The account's request is the same again, and Telegram takes it once.
    again = keys.key("button-send-again", DeliveryAct.AGAIN)
    return [[arrived, again], [keys.last, keys.unfold, *_rest(keys)]]


def _cancelled(keys: _Keys) -> Rows:
    return [_deleting(keys), [keys.unfold, keys.another]]


def _sent(keys: _Keys) -> Rows:
    parts = keys.story.parts
    changes = [*_edits(keys), *_deleting(keys)]
    link = next((part.link for part in parts if part.link and not part.deleted_at), "")
    opened: list[LinkButton] = [(keys.t("button-open"), link)] if link else []
    return [*in_columns(changes, 2), [keys.unfold, *opened], [keys.another]]


def _rest(keys: _Keys) -> list[Button]:
    """Call off the parts that wait behind the one that did not go out."""
    return [keys.cancel] if any(part.state in _WAITING for part in keys.story.parts) else []


def _deleting(keys: _Keys) -> list[Button]:
    """Of what is out: all of it, or the parts before one that did not go out."""
    return [keys.key("button-delete", DeliveryAct.DELETE)] if keys.story.standing else []


def _edits(keys: _Keys) -> list[Button]:
    """A button for each message that can have another text."""
    parts = keys.story.parts
    if len(parts) == 1:
        return [keys.key("button-edit", DeliveryAct.EDIT)] if keys.story.standing else []
    return [
        (
            keys.t("button-edit-part", number=number, total=len(parts)),
            OnDelivery(act=DeliveryAct.EDIT, id=part.id),
        )
        for number, part in enumerate(parts, start=1)
        if part.deleted_at is None
    ]


_ROWS: dict[DeliveryState, Callable[[_Keys], Rows]] = {
    DeliveryState.DRAFT: _draft,
    DeliveryState.PENDING: _waiting,
    DeliveryState.SENDING: _under_way,
    DeliveryState.BOT_PENDING: _waiting,
    DeliveryState.BOT_SENDING: _under_way,
    DeliveryState.SENT: _sent,
    DeliveryState.SENT_BY_BOT: _sent,
    DeliveryState.UNKNOWN: _unknown,
    DeliveryState.FAILED: _failed,
    DeliveryState.CANCELLED: _cancelled,
}
