"""Secrets as files, as systemd and containers hand them over.

Where `CREDENTIALS_DIRECTORY` names a directory, as systemd does for `LoadCredential=`, a file there
that is called like a setting in small letters holds its value: `bot_token` is BOT_TOKEN.
"""

import os
from pathlib import Path

VARIABLE = "CREDENTIALS_DIRECTORY"


def directory() -> Path | None:
    """Where those files are; None where there are none. Raises OSError where it is closed to us."""
    named = os.environ.get(VARIABLE)
    if not named or not Path(named).is_dir():
        return None
    return Path(named)
