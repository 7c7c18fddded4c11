"""Short ways to write down Prometheus's metric families. Every name begins with `mooring_`."""

from collections.abc import Mapping
from itertools import accumulate

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.metrics_core import Metric

from storage.timings import Timings

Labelled = Mapping[tuple[str, ...], float]


def gauge(name: str, text: str, value: float | None) -> Metric:
    """One figure; where there is none, only its name and text."""
    family = GaugeMetricFamily(f"mooring_{name}", text)
    if value is not None:
        family.add_metric([], value)
    return family


def gauges(name: str, text: str, labels: tuple[str, ...], values: Labelled) -> Metric:
    family = GaugeMetricFamily(f"mooring_{name}", text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def counters(name: str, text: str, labels: tuple[str, ...], values: Labelled) -> Metric:
    family = CounterMetricFamily(f"mooring_{name}", text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def histogram(
    name: str, text: str, timings: Mapping[str, Timings], label: str | None = None
) -> Metric:
    """Seconds in buckets; with a label, one histogram for each key."""
    family = HistogramMetricFamily(f"mooring_{name}", text, labels=[label] if label else [])
    for key, one in timings.items():
        bounds = [*(str(float(bound)) for bound in one.bounds), "+Inf"]
        buckets = list(zip(bounds, accumulate(one.counts), strict=True))
        family.add_metric([key] if label else [], buckets, one.total_s)
    return family


def by(values: Mapping[str, float]) -> Labelled:
    """By one label."""
    return {(key,): value for key, value in values.items()}
