"""The dashboard, the alert rules and the manual name what a real Mooring exports."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.harness import Mooring
from tests.e2e.scraping import FREE, ask, families, metric_names, until

ROOT = Path(__file__).parents[2]
DASHBOARD = json.loads((ROOT / "deploy/grafana/mooring.json").read_text())
RULES = yaml.safe_load((ROOT / "deploy/prometheus/mooring.rules.yml").read_text())
MANUAL = (ROOT / "docs/metrics.md").read_text()
CHARTS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
ALERTS = [rule for group in RULES["groups"] for rule in group["rules"]]


Labels = Mapping[str, Mapping[str, set[str]]]
OF_A_TARGET = {"instance": {"$instance"}}
"""What Prometheus puts on every sample, and the dashboard's choice of it."""
FROM_PROMETHEUS = {"up": {"job": set(re.findall(r"job_name: (\w+)", MANUAL))}}


def named(expression: str) -> set[str]:
    return set(re.findall(r"\bmooring_[a-z_]+", expression))


def known_labels(page: str) -> dict[str, dict[str, set[str]]]:
    """Of each metric with samples, what every label of it was seen to be."""
    known: dict[str, dict[str, set[str]]] = {}
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            labels = known.setdefault(sample.name, {})
            for label, value in sample.labels.items():
                labels.setdefault(label, set()).add(value)
    return known


def unknown_matchers(expression: str, known: Labels) -> list[str]:
    """Those of an expression that can match nothing, or nothing more than without them."""
    wrong = []
    for name, inside in re.findall(r"([a-z_]+)\{([^}]*)\}", expression):
        matchers = re.findall(r'(\w+)(=~|!~|!=|=)"([^"]*)"(?:,|$)', inside)
        assert "".join(f'{a}{b}"{c}",' for a, b, c in matchers) == f"{inside.rstrip(',')},"
        for label, _, value in matchers:
            seen = OF_A_TARGET | FROM_PROMETHEUS.get(name, {}) | dict(known.get(name, {}))
            if not set(value.split("|")) <= seen.get(label, set()):
                wrong.append(f"{name}: {label} {value}")
    for labels in re.findall(r"\bby \(([^)]*)\)", expression):
        there = {label for name in named(expression) for label in documented_labels(name)}
        wrong += [
            label for label in labels.split(", ") if label not in there | {*OF_A_TARGET, "le"}
        ]
    return wrong


def documented_labels(name: str) -> set[str]:
    base = re.sub(r"_(bucket|sum|count)$", "", name)
    (row,) = re.findall(rf"^\| `{base}` \|([^|]*)\|", MANUAL, re.MULTILINE)
    return set(re.findall(r"`(\w+)`", row))


def is_balanced(expression: str) -> bool:
    open_ones: list[str] = []
    for sign in re.sub(r'"[^"]*"', "", expression):
        if sign in "([{":
            open_ones.append(sign)
        elif sign in ")]}" and (not open_ones or open_ones.pop() + sign not in "()[]{}"):
            return False
    return not open_ones


async def test_what_rules_and_dashboard_pick_out_is_there_to_be_picked(mooring: Mooring) -> None:
    app = await mooring.start(http_bind=FREE)
    # The figures of the whole too: they are missing where the database is slow.
    page = await until(app, "/metrics", lambda p: p.value("mooring_flood_waits", on="calls") == 0)
    known = known_labels(page.text)
    for name, labels in known.items():
        assert labels.keys() - {"le"} == documented_labels(name), name
    expressions = [rule["expr"] for rule in ALERTS]
    expressions += [target["expr"] for chart in CHARTS for target in chart["targets"]]
    assert [wrong for each in expressions for wrong in unknown_matchers(each, known)] == []
    assert unknown_matchers('sum(mooring_seat{seat="botx"})', known)
    assert unknown_matchers('sum(mooring_accounts{sate="ONLINE"})', known)
    assert unknown_matchers('sum(mooring_accounts{state=~"ONLINE|ON"})', known)
    assert unknown_matchers("sum by (states) (mooring_accounts)", known)
    assert unknown_matchers('up{job="moorings"}', known)


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
