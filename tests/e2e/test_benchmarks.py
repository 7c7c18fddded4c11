"""The benchmarks still run: against a sandbox, and so small that no figure counts."""

from pathlib import Path

import pytest

from benchmarks.__main__ import measure_all
from benchmarks.idle import QUIETLY, session_files
from benchmarks.idler import Order, carry_out
from benchmarks.place import enrol, place, settings_for
from benchmarks.results import Result, report
from bot.settings import Settings

TINY = 0.01
"""Twenty accounts of two thousand."""


@pytest.mark.parametrize("name", ["capacity"])
async def test_a_benchmark_runs(name: str):
    (found,) = (await measure_all([name], TINY)).values()
    assert found
    assert all(result.value >= 0 for result in found)


async def test_what_idle_accounts_take_is_counted(tmp_path: Path):
    count = 20
    async with place(count) as where:
        settings = await settings_for(where.sandbox, tmp_path, **QUIETLY)
        await enrol(Settings.model_validate(settings), where)

        def order(of_mooring: dict[str, object] | None) -> Order:
            return Order(
                settings=of_mooring,
                clients=[] if of_mooring else session_files(where, tmp_path),
                addresses=where.sandbox.addresses,
                accounts=count,
                settle_s=0,
                idle_s=0.1,
                peers=2,
            )

        for found in (await carry_out(order(settings)), await carry_out(order(None))):
            assert found.rss_kib > 0
            assert found.cores > 0


def test_a_result_is_met_where_both_its_goals_are():
    def result(value: float) -> Result:
        return Result("x", value, "s", 4, is_at_most=True, peer="y", peer_value=10, ratio_goal=0.3)

    assert [result(value).is_met for value in (2, 3.5, 5)] == [True, False, False]
    assert result(2).plain()["ok"]
    assert "| x | 2 s | 10 s (y) | 0.2 | ≤ 4 s, ≤ 0.3 x | met |" in report({"t": [result(2)]})
