"""Traces: what is going on around an event, as spans that a collector puts together."""

from clarion.tracing.context import (
    TraceContext,
    derived_span,
    derived_trace,
    kept_context,
    read_context,
)
from clarion.tracing.spans import (
    CLIENT,
    CONSUMER,
    PRODUCER,
    Origin,
    Sink,
    Span,
    Tracer,
    current,
    origins,
    tracer,
)

__all__ = [
    "CLIENT",
    "CONSUMER",
    "Origin",
    "PRODUCER",
    "Sink",
    "Span",
    "TraceContext",
    "Tracer",
    "current",
    "derived_span",
    "derived_trace",
    "kept_context",
    "origins",
    "read_context",
    "tracer",
]
