"""Traces on, when the settings name a collector."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import TYPE_CHECKING

from clarion import __version__
from clarion.config import Settings
from clarion.errors import SettingsError
from clarion.telemetry import spans
from clarion.tracing import tracer

if TYPE_CHECKING:
    from clarion.tracing.otlp import Collector

MISSING = (
    "traces are asked for (otel_endpoint or OTEL_EXPORTER_OTLP_ENDPOINT), but OpenTelemetry is not "
    "installed; run `pip install clarion[otel]`, or set CLARION_OTEL_ENDPOINT=off"
)


def has_library() -> bool:
    """Whether `clarion[otel]` is installed."""
    try:
        import clarion.tracing.otlp  # noqa: F401 - whether it can be
    except ImportError:
        return False
    return True


def begin_traces(settings: Settings, secret: bytes) -> Collector | None:
    """Record spans from now on, if the settings say so. SettingsError without the library."""
    traces = settings.traces
    if traces.endpoint is None:
        return None
    if not has_library():
        raise SettingsError(MISSING)
    from clarion.tracing.otlp import Collector

    collector = Collector(
        traces.endpoint,
        version=__version__,
        headers=traces.headers,
        attributes={"service.instance.id": f"{socket.gethostname()}:{os.getpid()}"},
        tally=lambda result, count: spans.labels(result).inc(count),
    )
    tracer.begin(collector, ratio=traces.ratio, secret=secret)
    return collector


async def end_traces(collector: Collector | None) -> None:
    """Record no more, and send what waits."""
    if collector is not None:
        tracer.end(collector)
        await asyncio.to_thread(collector.close)
