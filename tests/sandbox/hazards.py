"""What a test says at its end: nothing was done that could cost an account."""

from collections.abc import Collection

from sandbox.datacentre import DataCentre
from sandbox.datacentre.hazards import HazardKind


def assert_no_hazards(datacentre: DataCentre, *, but: Collection[HazardKind] = ()) -> None:
    """The hazard log is empty, but for kinds that the test brought about itself."""
    found = [entry for entry in datacentre.hazards.entries if entry.kind not in but]
    lines = [f"{e.at:%H:%M:%S.%f} {e.kind}, user {e.user_id}: {e.words}" for e in found]
    assert not found, "\n".join(["hazards:", *lines])
