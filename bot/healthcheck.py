"""`python -m bot.healthcheck`: whether the process answers, for a container's health check.

It asks `/livez`, not `/readyz`: whoever restarts what is unhealthy must not cut every line because
the Bot API or the database is away. The standard library alone: this runs every half minute.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException

DEFAULT = "127.0.0.1:9667"
"""What HTTP_BIND is where nobody sets it."""
LIMIT_S = 5.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - listened at, not by us


def is_alive(bind: str) -> bool:
    """Whether who listens there answers. Without an address nothing listens, and nobody knows."""
    if not bind:
        return True
    host, _, port = bind.rpartition(":")
    host = host.strip("[]")
    asked = HTTPConnection(_EVERYWHERE.get(host, host), int(port), timeout=LIMIT_S)
    try:
        asked.request("GET", "/livez")
        return asked.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        asked.close()


if __name__ == "__main__":
    sys.exit(0 if is_alive(os.environ.get("HTTP_BIND", DEFAULT)) else 1)
