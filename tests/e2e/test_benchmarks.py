"""The benchmarks still run: against a sandbox, and so small that no figure counts."""

import argparse
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks import report
from benchmarks.__main__ import BENCHMARKS, Benchmark, measure, run
from benchmarks.idle import QUIETLY, kurigram_files, session_files
from benchmarks.idler import Keeper, Order, carry_out
from benchmarks.place import enrol, place, settings_for
from benchmarks.report import Section, Where, keep, stored, told
from benchmarks.results import Result, merged
from bot.settings import Settings

WHERE = Where("2026-01-31", "a machine", "versions", 7)


async def test_a_benchmark_runs():
    section = await measure("capacity", quick=True)
    assert section.results
    assert all(result.value >= 0 for result in section.results)


async def test_what_idle_accounts_take_is_counted(tmp_path: Path):
    count = 20
    async with place(count) as where:
        settings = await settings_for(where.sandbox, tmp_path, **QUIETLY)
        await enrol(Settings.model_validate(settings), where)
        telethons = await session_files(where, tmp_path)
        kurigrams = tmp_path / "kurigram"
        kurigrams.mkdir()
        for keeper, clients, peers in [
            ("mooring", [], 2),
            ("telethon", telethons, 2),
            ("telethon", [(person, proxy, "") for person, proxy, _ in telethons], 0),
            ("kurigram", await kurigram_files(where, kurigrams), 0),
        ]:
            kind: Keeper = keeper  # type: ignore[assignment]
            found = await carry_out(
                Order(
                    keeper=kind,
                    settings=settings,
                    clients=clients,
                    addresses=where.sandbox.addresses,
                    accounts=count,
                    settle_s=0,
                    idle_s=0.1,
                    peers=peers,
                )
            )
            assert found.rss_kib > 0
            assert found.cores > 0


def test_a_result_is_met_where_both_its_goals_are():
    def result(value: float) -> Result:
        return Result("x", value, "s", 4, is_at_most=True, peer="y", peer_value=10, ratio_goal=0.3)

    assert [result(value).is_met for value in (2, 3.5, 5)] == [True, False, False]
    assert result(2).plain()["ok"]
    section = Section("t", [result(2)], WHERE)
    assert "| x | 2 s | 1 | 10 s (y) | 0.2 | ≤ 4 s, ≤ 0.3 x | met |" in told([section])


def test_of_several_runs_the_medians_count_and_the_ratio_is_the_median_of_theirs():
    runs = [
        [Result("x", ours, "s", 4, is_at_most=True, peer="y", peer_value=theirs, ratio_goal=0.5)]
        for ours, theirs in [(1.0, 10.0), (9.0, 10.0), (3.0, 2.0)]
    ]
    (found,) = merged(runs)
    assert (found.value, found.peer_value, found.ratio) == (3, 10, 0.9)
    assert (found.runs, found.low, found.high, found.goal) == (3, 1, 9, 4)
    assert not found.is_ratio_met
    assert found.is_at_most


async def test_a_section_is_kept_beside_the_others(tmp_path: Path):
    slow = Result("sends", 3.5, "per s", peer="Telethon", peer_value=7, ratio_goal=1)
    met = Result("x <&>", 1, "ms", 2, is_at_most=True)
    await keep(Section("Second", [met], WHERE), ["First", "Second"], tmp_path)
    await keep(Section("First", [slow], WHERE), ["First", "Second"], tmp_path)
    assert [section.title for section in stored(tmp_path)] == ["First", "Second"]
    assert stored(tmp_path)[0].results == [slow]
    found = json.loads((tmp_path / "results.json").read_text())
    keys = {"name", "value", "unit", "peer", "peer_value", "ratio", "goal", "ok"}
    assert all(keys <= each.keys() for each in found)
    assert [each["ok"] for each in found] == [False, True]
    text = (tmp_path / "RESULTS.md").read_text()
    assert text.index("## First") < text.index("## Second")
    assert "2026-01-31. a machine; versions; seed 7." in text
    for chart in ("first.svg", "second.svg"):
        assert f"(charts/{chart})" in text
        drawing = (tmp_path / "charts" / chart).read_text()
        assert ET.fromstring(drawing).tag.endswith("svg")  # noqa: S314 - our own


@pytest.mark.parametrize(
    ("goal", "is_quick", "code"), [(0.5, False, 1), (0.1, False, 0), (0.5, True, 0)]
)
def test_a_missed_ratio_ends_it_with_an_error(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    goal: float,
    is_quick: bool,
    code: int,
):
    async def made(_scale: float) -> list[Result]:
        return [Result("sends", 1, "per s", 9, peer="Telethon", peer_value=4, ratio_goal=goal)]

    monkeypatch.setitem(BENCHMARKS, "made", Benchmark("Made", made))
    assert run(argparse.Namespace(names=["made"], quick=is_quick, seed=1, into=tmp_path)) == code
    said = capsys.readouterr()
    assert ("missed: sends: 0.25 x Telethon" in said.err) == bool(code)
    assert "| sends | 1 per s |" in said.out


def test_the_kept_results_are_what_make_bench_wrote():
    """No figure of the report was written by hand."""
    kept = (report.FOLDER / "RESULTS.md").read_text()
    assert told(stored(), with_charts=True) == kept
