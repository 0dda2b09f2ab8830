"""Metrics: one list, a page made from it, nothing personal in a label."""

from __future__ import annotations

import re
from pathlib import Path

from prometheus_client.metrics import MetricWrapperBase

from clarion import telemetry

PAGE = Path(__file__).parents[1] / "docs" / "metrics.md"
PERSONAL = {"user", "token", "address", "email", "phone", "destination", "event", "recipient"}


def test_the_page_of_metrics_is_current() -> None:
    assert PAGE.read_text("utf-8") == telemetry.metrics_page()


def test_every_metric_of_the_registry_is_described() -> None:
    registered = {
        metric.name + ("_total" if metric.type == "counter" else "")
        for metric in telemetry.registry.collect()
    }
    assert registered == {metric.name for metric in telemetry.described}


def test_every_metric_is_fed_somewhere() -> None:
    source = Path(telemetry.__file__).parent
    rooms = [path for path in source.rglob("*.py") if path != Path(telemetry.__file__)]
    text = "\n".join(path.read_text("utf-8") for path in rooms)
    fed = set(re.findall(r"\b(\w+)\.(?:labels|observe|set)\(", text))
    metrics = {name for name, v in vars(telemetry).items() if isinstance(v, MetricWrapperBase)}
    assert len(metrics) == len(telemetry.described)
    assert sorted(metrics - fed) == []


def test_no_label_tells_who_somebody_is() -> None:
    labels = {label for metric in telemetry.described for label in metric.labels}
    assert labels & PERSONAL == set()


def test_a_counted_decision_is_exposed_under_its_name() -> None:
    telemetry.decisions.labels("send", "level_all").inc()
    assert b'clarion_decisions_total{reason="level_all",result="send"}' in telemetry.exposition()
