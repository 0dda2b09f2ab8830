"""Spans to a collector, over OTLP/HTTP. The only place that knows OpenTelemetry's library, which is
loaded when traces are on (`pip install clarion[otel]`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, TraceFlags, TraceState
from opentelemetry.trace.status import Status, StatusCode

from clarion.tracing.context import TraceContext
from clarion.tracing.spans import CLIENT, CONSUMER, PRODUCER, Span

WAITING_LIMIT = 20_000
"""Spans that wait for the collector; what comes beyond is dropped."""

BATCH_LIMIT = 512
ANSWER_SECONDS = 5.0
"""How long the collector may take."""

_KINDS = {PRODUCER: SpanKind.PRODUCER, CONSUMER: SpanKind.CONSUMER, CLIENT: SpanKind.CLIENT}

Tally = Callable[[str, int], None]
"""Told `made`, `sent` or `failed`, and how many spans."""


class Collector:
    """Sends spans from a thread of its own."""

    def __init__(
        self,
        endpoint: str,
        *,
        version: str,
        headers: Mapping[str, str],
        attributes: Mapping[str, str],
        tally: Tally,
        pause_seconds: float = 2.0,
    ) -> None:
        """`endpoint` is the whole address; `attributes` tell of this process beside its name and
        `version`; it sends every `pause_seconds`, or when a batch is full."""
        self._tally = tally
        told = {"service.name": "clarion", "service.version": version, **attributes}
        self._resource = Resource.create(told)
        self._scope = InstrumentationScope("clarion", version)
        exporter = OTLPSpanExporter(
            endpoint=endpoint, headers=dict(headers) or None, timeout=ANSWER_SECONDS
        )
        self._processor = BatchSpanProcessor(
            _Counted(exporter, tally),
            max_queue_size=WAITING_LIMIT,
            schedule_delay_millis=pause_seconds * 1000,
            max_export_batch_size=BATCH_LIMIT,
            export_timeout_millis=ANSWER_SECONDS * 1000,
        )

    def take(self, span: Span) -> None:
        """See `Sink.take`."""
        self._tally("made", 1)
        self._processor.on_end(self._readable(span))

    def close(self) -> None:
        """Send what waits. Blocks until it is done or the collector had its time."""
        self._processor.shutdown()  # type: ignore[no-untyped-call]

    def _readable(self, span: Span) -> ReadableSpan:
        context = _of_library(span.context)
        parent = _of_library(span.context._replace(span_id=span.parent)) if span.parent else None
        return ReadableSpan(
            name=span.name,
            context=context,
            parent=parent,
            resource=self._resource,
            attributes=span.attributes,
            links=[Link(_of_library(link)) for link in span.links],
            kind=_KINDS[span.kind],
            status=Status(StatusCode.ERROR, span.error) if span.error else Status(),
            start_time=span.began * 1000,
            end_time=span.ended * 1000,
            instrumentation_scope=self._scope,
        )


class _Counted(SpanExporter):
    def __init__(self, exporter: SpanExporter, tally: Tally) -> None:
        self._exporter = exporter
        self._tally = tally

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._exporter.export(spans)
        self._tally("sent" if result is SpanExportResult.SUCCESS else "failed", len(spans))
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()


def _of_library(context: TraceContext) -> SpanContext:
    return SpanContext(
        trace_id=int(context.trace_id, 16),
        span_id=int(context.span_id, 16),
        is_remote=False,
        trace_flags=TraceFlags(TraceFlags.SAMPLED if context.sampled else TraceFlags.DEFAULT),
        trace_state=TraceState.from_header([context.state]) if context.state else None,
    )
