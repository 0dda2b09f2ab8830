"""Names of all metrics, in one list, and the log. Labels never hold users, tokens or addresses."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics

from clarion.meters import CountFamily, DurationFamily, counts, durations

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
"""The two forms of the metrics; the second has exemplars."""

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)

registry = CollectorRegistry()
audit_registry = CollectorRegistry()
"""What `clarion audit` writes into a file."""


class Described(NamedTuple):
    """A metric as the documents show it; `kind` is `counter`, `gauge` or `histogram`. `shared`: it
    is read from the store, so that every process tells the same of it; of the others each process
    tells its own part."""

    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str
    shared: bool = False


described: list[Described] = []
"""All metrics in the order in which they are defined."""


def _counter(name: str, meaning: str, *labels: str) -> Counter:
    described.append(Described(name, "counter", labels, meaning))
    return Counter(name, meaning, labels, registry=registry)


def _gauge(name: str, meaning: str, *labels: str, shared: bool = False) -> Gauge:
    described.append(Described(name, "gauge", labels, meaning, shared))
    return Gauge(name, meaning, labels, registry=registry)


def _count(name: str, meaning: str, *labels: str) -> CountFamily:
    """A counter of what happens at every message."""
    described.append(Described(name, "counter", labels, meaning))
    return counts(registry, name, meaning, labels)


def _histogram(name: str, meaning: str, *labels: str) -> DurationFamily:
    described.append(Described(name, "histogram", labels, meaning))
    return durations(registry, name, meaning, labels, SECONDS)


def _audited(name: str, meaning: str) -> Gauge:
    described.append(Described(name, "gauge", (), meaning, shared=True))
    return Gauge(name, meaning, registry=audit_registry)


events_ingested = _counter(
    "clarion_events_ingested_total", "Events taken in", "source_kind", "result"
)
events_shed = _counter(
    "clarion_events_shed_total", "Events refused as too much waits", "lane", "bound"
)
decisions = _counter(
    "clarion_decisions_total",
    "Decisions by result; `channel` is empty where the whole notification was decided",
    "channel",
    "result",
    "reason",
)
deliveries = _count(
    "clarion_deliveries_total", "Tries by outcome", "channel", "provider", "outcome"
)
attempt_duration_seconds = _histogram(
    "clarion_delivery_attempt_duration_seconds",
    "Time of one call to a provider",
    "channel",
    "provider",
)
delivery_latency_seconds = _histogram(
    "clarion_delivery_latency_seconds",
    "From the event's acceptance to the provider's",
    "channel",
    "lane",
)
queue_depth = _gauge(
    "clarion_queue_depth",
    "Deliveries that are ready or being sent, open tasks, what is held (up to 100,000)",
    "queue",
    "lane",
    shared=True,
)
queue_oldest_age_seconds = _gauge(
    "clarion_queue_oldest_age_seconds",
    "Age of the oldest due work",
    "lane",
    shared=True,
)
held_overdue_seconds = _gauge(
    "clarion_held_overdue_seconds",
    "Since when the first of what is held should be decided",
    "lane",
    shared=True,
)
states = _counter(
    "clarion_states_total",
    "States of entities: accepted, ignored as not newer, applied, failed",
    "entity",
    "result",
)
states_waiting = _gauge(
    "clarion_states_waiting", "States that are not applied yet, and those that failed",
    "entity", "state", shared=True,
)  # fmt: skip
states_oldest_age_seconds = _gauge(
    "clarion_states_oldest_age_seconds",
    "Age of the oldest state not applied yet",
    "entity",
    shared=True,
)
outbox_lag_seconds = _gauge(
    "clarion_outbox_lag_seconds",
    "How late what takes work is: deliver and fan out, resume, replicate",
    "worker_kind",
    shared=True,
)
digest_windows_open = _gauge(
    "clarion_digest_windows_open", "Digests that still gather (up to 100,000)", shared=True
)
digest_items = _counter("clarion_digest_items_total", "Events gathered by digests", "lane")
retries = _counter("clarion_retries_total", "Tries put off", "channel", "provider", "reason")
dead_letters = _counter(
    "clarion_dead_letters_total", "Deliveries given up", "channel", "provider", "reason"
)
destinations_disabled = _counter(
    "clarion_destinations_disabled_total", "Destinations switched off", "channel", "reason"
)
duplicates_suppressed = _counter("clarion_duplicates_suppressed_total", "Repeats answered", "stage")
ambiguous_outcomes = _counter(
    "clarion_ambiguous_outcomes_total",
    "Sends that may or may not have happened",
    "channel",
    "provider",
    "policy",
)
late_outcomes = _counter(
    "clarion_late_outcomes_total",
    "Sends taken for unknown that turned out to be accepted",
    "lane",
)
redriven = _counter(
    "clarion_redriven_total", "Dead letters met by a redrive, by what became of them", "result"
)
alerts = _counter("clarion_alerts_total", "Alerts told to the operators", "target", "outcome")
provider_breaker = _gauge(
    "clarion_provider_breaker",
    "State of the account's breaker: 0 closed, 1 ramping, 2 probing, 3 open",
    "provider",
)
breaker_state = _gauge(
    "clarion_breaker_state",
    "The same in three steps: 0 closed, 1 half-open (ramping or probing), 2 open",
    "channel",
    "provider",
)
throttled_seconds = _counter(
    "clarion_throttled_seconds_total",
    "How long a lane's messages were kept from an account: by its `quota` while some were due, by "
    "a `pause` that the vendor asked for, by its `breaker`",
    "provider",
    "bucket_kind",
)
provider_share = _gauge(
    "clarion_provider_share_ratio", "Share of the in-flight limit in use", "provider"
)
provider_in_flight = _gauge(
    "clarion_provider_in_flight", "Sends under way in this process", "provider"
)
provider_in_flight_limit = _gauge(
    "clarion_provider_in_flight_limit", "Sends that may be under way, a lane", "provider"
)
provider_pauses = _counter(
    "clarion_provider_pauses_total", "Times a vendor asked for a pause", "provider"
)
breaker_turns = _counter(
    "clarion_breaker_turns_total", "Phases a breaker came to", "provider", "phase"
)
diverted = _counter(
    "clarion_deliveries_diverted_total",
    "Deliveries handed over to another account",
    "provider",
    "target",
)
retries_put_off = _counter(
    "clarion_retries_put_off_total", "Retries that waited for the lane's budget", "lane"
)
bus_rings = _counter(
    "clarion_bus_rings_total",
    "Rings between processes: sent, received, dropped at a bound, ignored as no ring",
    "direction",
)
bus_tellings = _counter(
    "clarion_bus_tellings_total",
    "Messages between processes that name whose inbox changed: sent, received",
    "direction",
)
realtime_connections = _gauge(
    "clarion_realtime_connections", "Open streams (sse) and sockets (ws) of inboxes", "transport"
)
realtime_frames = _counter(
    "clarion_realtime_frames_total", "Messages written to streams and sockets", "type"
)
realtime_ended = _counter(
    "clarion_realtime_ended_total",
    "Streams and sockets that ended: gone, slow, expired, erased, stopping; or had no room (full)",
    "transport",
    "reason",
)
realtime_lag_seconds = _histogram(
    "clarion_realtime_lag_seconds",
    "From the hint that an inbox changed until it is with its connections",
)
commit_seconds = _histogram(
    "clarion_commit_seconds",
    "Time of a transaction, from being asked for to being answered, by how urgent it is",
    "lane",
)
loop_lag_seconds = _histogram(
    "clarion_loop_lag_seconds",
    "How late the event loop of a process with urgent lanes comes to what is due",
)
bulk_headway = _gauge(
    "clarion_bulk_headway_ratio", "Share of its time that bulk work uses; below 1 it yields"
)
pressure = _counter(
    "clarion_bulk_pressure_total",
    "Times urgent work was found to suffer, by its transactions (commit) or its loop (lag)",
    "cause",
)
lease_lost = _counter(
    "clarion_lease_lost_total",
    "Times this process was taken for dead: as a `worker` of lanes, or as one without (`other`)",
    "worker_kind",
)
spans = _counter(
    "clarion_trace_spans_total", "Spans of traces: made, sent to the collector, failed", "result"
)
build_info = _gauge("clarion_build_info", "1, with the version of the program", "version")
ready = _gauge(
    "clarion_ready", "1 while the store can be read and written, as `/readyz` says; else 0",
    shared=True,
)  # fmt: skip
store_up = _gauge("clarion_store_up", "1 while the store answers to reading, else 0", shared=True)
process_up = _gauge("clarion_process_up", "1 while this process of `--processes` is up", "process")
process_restarts = _gauge(
    "clarion_process_restarts", "How often this process of `--processes` was started again",
    "process",
)  # fmt: skip
bus_connected = _gauge("clarion_bus_connected", "1 while rings reach other processes", "bus")


audit_unbalanced = _audited(
    "clarion_audit_unbalanced", "Counts that differed from their rows in the last audit"
)
audit_events = _audited("clarion_audit_events", "Events that the last audit recounted")
audit_timestamp_seconds = _audited(
    "clarion_audit_timestamp_seconds", "When the last audit ended, seconds since 1970"
)


def exposition(form: str = TEXT) -> bytes:
    """All metrics of this process, as TEXT or OPENMETRICS."""
    if form == OPENMETRICS:
        told: bytes = openmetrics.generate_latest(registry)  # type: ignore[no-untyped-call]
        return told
    return generate_latest(registry)


def audit_exposition() -> bytes:
    """What the last audit found, as TEXT, for the file that a node exporter reads."""
    return generate_latest(audit_registry)


def form_of(accept: str) -> str:
    """The form that a scraper's Accept asks for."""
    return OPENMETRICS if "application/openmetrics-text" in accept else TEXT


def shared_families() -> frozenset[str]:
    """Names of the metrics of which all processes tell the same."""
    return frozenset(metric.name for metric in described if metric.shared)


class Subject(Protocol):
    """What a task is about, as the log tells it."""

    def log_fields(self) -> Mapping[str, str | int]:
        """Field -> value, without addresses, tokens and bodies."""
        ...


about: ContextVar[Subject | None] = ContextVar("about", default=None)
"""Of what is logged in this task; asked only when a line is written."""


@contextmanager
def told_about(subject: Subject | None) -> Iterator[None]:
    """Lines that are written in the block are about the subject."""
    token = about.set(subject)
    try:
        yield
    finally:
        about.reset(token)


def logger(name: str) -> logging.Logger:
    """The log of a room; `assemble` says where it goes."""
    return logging.getLogger(f"clarion.{name}")


def metrics_page() -> str:
    """The text of docs/metrics.md."""
    lines = [
        "# Metrics",
        "",
        "Generated from the source: `python -m clarion.telemetry > docs/metrics.md`. `provider` is",
        "the name of the account, as in the settings. With `--processes` each sample also has the",
        "label `process`, the number of the process that counted it; `sum` over them, and over the",
        "hosts of a cluster. What is marked with * is read from the store, so that each host tells",
        "the same of it: take the `max`. The `clarion_audit_*` come from",
        "`clarion audit --textfile FILE`, the rest from [`/metrics`](how-to/monitor.md).",
        "",
        "| name | kind | labels | meaning |",
        "| --- | --- | --- | --- |",
    ]
    for metric in described:
        labels = ", ".join(f"`{label}`" for label in metric.labels)
        star = " *" if metric.shared else ""
        lines.append(f"| `{metric.name}`{star} | {metric.kind} | {labels} | {metric.meaning} |")
    lines += ["", f"Buckets of the histograms, in seconds: {', '.join(map(str, SECONDS))}."]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    import sys

    sys.stdout.write(metrics_page())
