"""The gate by itself: clocks that are turned by hand."""

from dataclasses import dataclass

from userbot.lease import MARGIN_S, Lease


@dataclass
class Clocks:
    boot: float = 1000.0
    wall: float = 5000.0

    def forward(self, seconds: float) -> None:
        self.boot += seconds
        self.wall += seconds


def made(clocks: Clocks) -> Lease:
    return Lease(lambda: clocks.boot, lambda: clocks.wall)


def test_the_gate_is_closed_before_a_lease_is_taken_and_after_it_ran_out() -> None:
    clocks = Clocks()
    lease = made(clocks)
    assert not lease.holds()
    lease.begin(lease.now())
    clocks.forward(15 - MARGIN_S - 0.01)
    assert lease.holds()
    clocks.forward(0.02)
    assert not lease.holds()


def test_the_deadline_is_reckoned_from_before_the_renewal_was_sent() -> None:
    clocks = Clocks()
    lease = made(clocks)
    lease.begin(lease.now())
    asked_at = lease.now()
    clocks.forward(9)  # the answer came late
    assert lease.extend(asked_at)
    clocks.forward(15 - MARGIN_S - 9 - 0.01)
    assert lease.holds()
    clocks.forward(0.02)
    assert not lease.holds()


def test_ended_is_ended() -> None:
    clocks = Clocks()
    lease = made(clocks)
    lease.begin(lease.now())
    lease.end()
    assert not lease.holds()
    assert not lease.extend(lease.now())


def test_a_renewal_that_comes_after_the_deadline_revives_nothing() -> None:
    clocks = Clocks()
    lease = made(clocks)
    lease.begin(lease.now())
    clocks.forward(11)
    asked_at = lease.now()
    clocks.forward(2)
    assert not lease.extend(asked_at)
    assert not lease.holds()


def test_a_wall_clock_that_jumps_is_noticed_and_one_that_drifts_is_not() -> None:
    clocks = Clocks()
    lease = made(clocks)
    for _ in range(100):
        clocks.forward(0.5)
        clocks.wall += 0.01
        assert not lease.has_jumped()
    clocks.wall += 3.5
    assert lease.has_jumped()
    assert not lease.has_jumped(), "told once"
    clocks.wall -= 3.5
    assert lease.has_jumped()
