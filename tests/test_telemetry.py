"""Metrics: one list, a page made from it, nothing personal in a label."""

from __future__ import annotations

import re
from pathlib import Path

from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from clarion import telemetry
from clarion.meters import Family

PAGE = Path(__file__).parents[1] / "docs" / "metrics.md"

BOUNDED = {
    "bound", "bucket_kind", "bus", "cause", "channel", "direction", "entity", "kind", "lane",
    "outcome", "phase", "policy", "process", "provider", "queue", "reason", "result",
    "source_kind", "stage", "state", "target", "transport", "type", "version", "worker_kind",
}  # fmt: skip
"""All labels there are. Their values are words of the program, names from the operator's settings
(accounts), or numbers of processes: nothing that grows with people, messages or tenants."""


def test_the_page_of_metrics_is_current() -> None:
    assert PAGE.read_text("utf-8") == telemetry.metrics_page()


def test_every_metric_of_the_registry_is_described() -> None:
    registered = {
        metric.name + ("_total" if metric.type == "counter" else "")
        for registry in (telemetry.registry, telemetry.audit_registry)
        for metric in registry.collect()
    }
    assert registered == {metric.name for metric in telemetry.described}


def test_every_metric_is_fed_somewhere() -> None:
    source = Path(telemetry.__file__).parent
    rooms = [path for path in source.rglob("*.py") if path != Path(telemetry.__file__)]
    text = "\n".join(path.read_text("utf-8") for path in rooms)
    fed = set(re.findall(r"\b(\w+)\.(?:labels|observe|set)\(", text))
    kinds = (MetricWrapperBase, Family)
    metrics = {name for name, value in vars(telemetry).items() if isinstance(value, kinds)}
    assert len(metrics) == len(telemetry.described)
    assert sorted(metrics - fed) == []


def test_no_label_tells_who_somebody_is_or_grows_with_what_is_sent() -> None:
    labels = {label for metric in telemetry.described for label in metric.labels}
    assert sorted(labels - BOUNDED) == []


def test_names_say_their_unit_and_kind() -> None:
    for metric in telemetry.described:
        assert re.fullmatch(r"clarion_[a-z_]+", metric.name)
        assert metric.name.endswith("_total") == (metric.kind == "counter"), metric.name
        assert metric.kind != "histogram" or metric.name.endswith("_seconds"), metric.name


def test_a_counted_decision_is_exposed_under_its_name() -> None:
    telemetry.decisions.labels("push", "send", "level_all").inc()
    told = b'clarion_decisions_total{channel="push",reason="level_all",result="send"}'
    assert told in telemetry.exposition()


def test_openmetrics_is_told_to_those_who_ask_for_it() -> None:
    asked = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2"
    assert telemetry.form_of(asked) == telemetry.OPENMETRICS
    assert telemetry.form_of("*/*") == telemetry.TEXT
    text = telemetry.exposition(telemetry.OPENMETRICS).decode()
    families = text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
    names = {family.name for family in families}
    assert "clarion_delivery_latency_seconds" in names
