"""What `mooring send` says became of a message: a script that repeats it goes by that."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.cli.common import FAILED, OK, UNCERTAIN
from bot.cli.send import as_text, code_of, outcome_of
from bot.settings import Settings
from storage.delivery import DeliveryState
from tests.unit.test_delivery_views import parts_of
from tests.unit.test_views import DRAFT

S = DeliveryState


@pytest.mark.parametrize(
    ("states", "attempts", "outcome", "code"),
    [
        ([S.SENT], 1, "sent", OK),
        ([S.SENT, S.SENT_BY_BOT], 0, "sent", OK),
        ([S.FAILED], 0, "failed", FAILED),
        ([S.FAILED, S.PENDING], 0, "failed", FAILED),
        ([S.CANCELLED], 0, "failed", FAILED),
        ([S.FAILED], 1, "unknown", UNCERTAIN),
        ([S.UNKNOWN], 0, "unknown", UNCERTAIN),
        ([S.UNKNOWN, S.CANCELLED], 0, "unknown", UNCERTAIN),
        ([S.SENT, S.FAILED, S.PENDING], 0, "partly", UNCERTAIN),
        ([S.SENT, S.CANCELLED], 0, "partly", UNCERTAIN),
        ([S.SENT, S.PENDING], 0, "waiting", UNCERTAIN),
        ([S.SENDING, S.CANCELLED], 0, "waiting", UNCERTAIN),
        ([], 0, "unknown", UNCERTAIN),
    ],
)
def test_only_what_certainly_did_not_go_out_at_all_ends_with_1(
    states: list[DeliveryState], attempts: int, outcome: str, code: int
) -> None:
    parts = [replace(part, attempts=attempts) for part in parts_of(*states)]
    assert outcome_of(parts) == outcome
    assert code_of(parts) == code


def test_what_was_given_up_is_not_called_unsent(tmp_path: Path) -> None:
    needed = {"bot_token": f"1:{'x' * 35}", "api_id": 1, "api_hash": "0" * 32}
    settings = Settings.model_validate({**needed, "data_dir": tmp_path})
    given_up = replace(DRAFT, state=S.FAILED, attempts=6, error="Telegram did not answer in time")
    told = as_text([given_up], settings)
    assert told == (
        "3: given up, it may have gone out as #7 to @bob: Telegram did not answer in time. Press "
        "Retry as account on its card: it is never sent twice\n"
    )
    assert "3: failed, as #7" in as_text([replace(given_up, attempts=0)], settings)
