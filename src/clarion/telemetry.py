"""Names of all metrics, in one list, and the log. Labels never hold users, tokens or addresses."""

from __future__ import annotations

import logging

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)

registry = CollectorRegistry()

events_ingested = Counter(
    "clarion_events_ingested_total", "Events taken in", ["source_kind", "result"], registry=registry
)
decisions = Counter(
    "clarion_decisions_total", "Decisions by result", ["result", "reason"], registry=registry
)
deliveries = Counter(
    "clarion_deliveries_total",
    "Tries by outcome",
    ["channel", "provider", "outcome"],
    registry=registry,
)
attempt_duration_seconds = Histogram(
    "clarion_delivery_attempt_duration_seconds",
    "Time of one call to a provider",
    ["channel", "provider"],
    buckets=_SECONDS,
    registry=registry,
)
delivery_latency_seconds = Histogram(
    "clarion_delivery_latency_seconds",
    "From the event's acceptance to the provider's",
    ["channel", "lane"],
    buckets=_SECONDS,
    registry=registry,
)
queue_depth = Gauge(
    "clarion_queue_depth", "Ready deliveries and open tasks", ["queue", "lane"], registry=registry
)
queue_oldest_age_seconds = Gauge(
    "clarion_queue_oldest_age_seconds", "Age of the oldest due work", ["lane"], registry=registry
)
retries = Counter(
    "clarion_retries_total", "Tries put off", ["channel", "provider", "reason"], registry=registry
)
dead_letters = Counter(
    "clarion_dead_letters_total",
    "Deliveries given up",
    ["channel", "provider", "reason"],
    registry=registry,
)
destinations_disabled = Counter(
    "clarion_destinations_disabled_total",
    "Destinations switched off",
    ["channel", "reason"],
    registry=registry,
)
duplicates_suppressed = Counter(
    "clarion_duplicates_suppressed_total", "Repeats answered", ["stage"], registry=registry
)
ambiguous_outcomes = Counter(
    "clarion_ambiguous_outcomes_total",
    "Sends that may or may not have happened",
    ["channel", "provider", "policy"],
    registry=registry,
)


def exposition() -> bytes:
    """All metrics in the Prometheus text format."""
    return generate_latest(registry)


def logger(name: str) -> logging.Logger:
    """The log of a room; `assemble` says where it goes."""
    return logging.getLogger(f"clarion.{name}")
