"""Spans as a collector gets them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Told

from clarion.testing.fakes.collector import FakeCollector
from clarion.testing.fakes.reaction import Reaction
from clarion.tracing import CLIENT, PRODUCER, Span, TraceContext
from clarion.tracing.otlp import Collector
from clarion.tracing.spans import Value

CONTEXT = TraceContext("ab" * 16, "cd" * 8, True, "vendor=1")
LINK = TraceContext("12" * 16, "34" * 8, sampled=True)


@pytest.fixture
async def collector() -> AsyncIterator[FakeCollector]:
    fake = FakeCollector()
    await fake.start()
    yield fake
    await fake.stop()


def sending_to(fake: FakeCollector, tally: Counter[str]) -> Collector:
    return Collector(
        fake.endpoint,
        version="1.2",
        headers={"x-team": "ops"},
        attributes={"service.instance.id": "here"},
        tally=lambda result, count: tally.update({result: count}),
    )


async def test_a_span_arrives_as_it_was(collector: FakeCollector) -> None:
    tally: Counter[str] = Counter()
    sending = sending_to(collector, tally)
    attributes: dict[str, Value] = {"notification.attempt": 2, "notification.channel": "push"}
    begun, ended = 1_000_001, 1_000_005
    sending.take(
        Span("send x", CLIENT, CONTEXT, "ef" * 8, begun, ended, attributes, (LINK,), "retry")
    )
    sending.take(Span("accept x", PRODUCER, CONTEXT, "", 1, 2, {}))
    await asyncio.to_thread(sending.close)
    first, second = collector.spans
    assert (first.trace_id.hex(), first.span_id.hex()) == (CONTEXT.trace_id, CONTEXT.span_id)
    assert (first.parent_span_id.hex(), first.trace_state) == ("ef" * 8, "vendor=1")
    assert (first.start_time_unix_nano, first.end_time_unix_nano) == (1_000_001_000, 1_000_005_000)
    assert first.kind == Told.SPAN_KIND_CLIENT
    assert {a.key for a in first.attributes} == {*attributes}
    assert [link.span_id.hex() for link in first.links] == [LINK.span_id]
    assert (first.status.code, first.status.message) == (2, "retry")
    assert (second.parent_span_id, second.status.code) == (b"", 0)
    assert collector.headers[0]["x-team"] == "ops"
    told = collector.resources[0]
    assert (told["service.name"], told["service.version"]) == ("clarion", "1.2")
    assert told["service.instance.id"] == "here"
    assert tally == {"made": 2, "sent": 2}


async def test_spans_that_nobody_takes_are_counted_as_failed(collector: FakeCollector) -> None:
    collector.reaction = Reaction(status=400)
    tally: Counter[str] = Counter()
    sending = sending_to(collector, tally)
    sending.take(Span("send x", CLIENT, CONTEXT, "", 1, 2, {}))
    await asyncio.to_thread(sending.close)
    assert tally == {"made": 1, "failed": 1}
