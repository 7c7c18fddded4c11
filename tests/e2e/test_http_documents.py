"""The dashboard, the alert rules and the manual name what a real Mooring exports."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.harness import Mooring
from tests.e2e.scraping import FREE, ask, families, metric_names

ROOT = Path(__file__).parents[2]
DASHBOARD = json.loads((ROOT / "deploy/grafana/mooring.json").read_text())
RULES = yaml.safe_load((ROOT / "deploy/prometheus/mooring.rules.yml").read_text())
MANUAL = (ROOT / "docs/metrics.md").read_text()
CHARTS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
ALERTS = [rule for group in RULES["groups"] for rule in group["rules"]]


def named(expression: str) -> set[str]:
    return set(re.findall(r"\bmooring_[a-z_]+", expression))


def is_balanced(expression: str) -> bool:
    open_ones: list[str] = []
    for sign in re.sub(r'"[^"]*"', "", expression):
        if sign in "([{":
            open_ones.append(sign)
        elif sign in ")]}" and (not open_ones or open_ones.pop() + sign not in "()[]{}"):
            return False
    return not open_ones


@pytest.mark.req("S1.9")
async def test_what_is_documented_drawn_and_alerted_on_is_what_is_exported(
    mooring: Mooring,
) -> None:
    page = (await ask(await mooring.start(http_bind=FREE), "/metrics")).text
    exported, families_there = metric_names(page), families(page)
    assert all(name.startswith("mooring_") for name in families_there)
    documented = set(re.findall(r"^\| `(mooring_\w+)` \|", MANUAL, re.MULTILINE))
    assert documented == families_there

    drawn = {name for chart in CHARTS for t in chart["targets"] for name in named(t["expr"])}
    assert drawn - exported == set()
    assert {name for rule in ALERTS for name in named(rule["expr"])} - exported == set()
    # Nothing is exported for nobody: a figure is on the dashboard, or an alert watches it.
    watched = drawn | {name for rule in ALERTS for name in named(rule["expr"])}
    bases = {re.sub(r"_(bucket|sum|count)$", "", name) for name in watched}
    assert families_there - bases <= {
        "mooring_info",
        "mooring_instances",
        "mooring_instance_start_time_seconds",
        "mooring_monitor_age_seconds",
        "mooring_polling_up",
        "mooring_process_start_time_seconds",
        "mooring_process_virtual_memory_bytes",
    }


def test_each_alert_says_what_it_is_and_the_manual_what_to_do() -> None:
    names = [rule["alert"] for rule in ALERTS]
    assert len(set(names)) == len(names)
    for rule in ALERTS:
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
        assert re.fullmatch(r"\d+[mh]", rule["for"])
        assert rule["labels"]["severity"] in {"info", "warning", "critical"}
        assert set(rule["annotations"]) == {"summary", "description"}
        assert is_balanced(rule["expr"]), rule["expr"]
        assert not re.search(r"\brate\(mooring_(?!\w+_(total|bucket|sum|count)\b)", rule["expr"])
    assert re.findall(r"^\| `(Mooring\w+)` \|", MANUAL, re.MULTILINE) == names


def test_the_dashboard_can_be_imported() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at: dict[str, Any] = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
    for chart in CHARTS:
        assert chart["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert chart["title"]
        for target in chart["targets"]:
            assert is_balanced(target["expr"]), target["expr"]
    assert [v["name"] for v in DASHBOARD["templating"]["list"]] == ["datasource", "instance"]
