"""Meters for what happens at every message: what they tell is what the library would tell."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from clarion.meters import counts, durations

BOUNDS = (0.1, 1, 2.5)
TOOK = (0.05, 0.1, 0.7, 2.5, 99.0)


def told(registry: CollectorRegistry) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    text = generate_latest(registry).decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def test_counters_and_histograms_tell_the_same_as_those_of_the_library() -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    sent = counts(ours, "sent_total", "Sent", ["lane"])
    took = durations(ours, "took_seconds", "Took", ["lane"], BOUNDS)
    sent2 = Counter("sent_total", "Sent", ["lane"], registry=theirs)
    took2 = Histogram("took_seconds", "Took", ["lane"], buckets=BOUNDS, registry=theirs)
    for seconds in TOOK:
        sent.labels("bulk").inc()
        sent2.labels("bulk").inc()
        took.labels("bulk").observe(seconds)
        took2.labels("bulk").observe(seconds)
    assert told(ours) == told(theirs)


def test_a_meter_without_labels_is_told_before_it_counts() -> None:
    registry = CollectorRegistry()
    counts(registry, "seen_total", "Seen", [])
    assert told(registry) == {("seen_total", ()): 0.0}


def test_a_bucket_shows_the_last_trace_that_fell_into_it() -> None:
    registry = CollectorRegistry()
    took = durations(registry, "took_seconds", "Took", ["lane"], BOUNDS).labels("bulk")
    took.observe(0.4, "0af7")
    took.observe(0.5, "4bf9")
    took.observe(0.6)
    text = openmetrics.generate_latest(registry).decode()  # type: ignore[no-untyped-call]
    assert 'took_seconds_bucket{lane="bulk",le="1.0"} 3.0 # {trace_id="4bf9"} 0.5\n' in text
    assert "trace_id" not in generate_latest(registry).decode()
    assert text.endswith("# EOF\n")


def test_labels_too_many_or_few_are_refused() -> None:
    sent = counts(CollectorRegistry(), "sent_total", "Sent", ["lane"])
    with pytest.raises(ValueError, match="sent_total has the labels lane"):
        sent.labels("bulk", "mail")
