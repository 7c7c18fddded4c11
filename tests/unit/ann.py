"""An account that is well, as the views' tests show it."""

from datetime import UTC, datetime, timedelta

from storage.accounts import Account, Desired, Observed

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ANN = Account(
    id=7,
    phone="+442079460000",
    user_id=70,
    username="ann",
    name="Ann",
    desired=Desired.RUN,
    elsewhere=None,
    observed=Observed("ONLINE", "", 0, None, NOW - timedelta(minutes=5)),
    proxy_id=1,
    proxy_name="203.0.113.7:1080",
    always_online=True,
    one_time_phone=True,
    last_online_at=NOW,
)
