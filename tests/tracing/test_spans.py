"""The one place that spans are handed to."""

from __future__ import annotations

from clarion.tracing import CLIENT, Span, TraceContext, Tracer, derived_trace

CONTEXT = TraceContext("ab" * 16, "cd" * 8, sampled=True)


class Kept:
    def __init__(self) -> None:
        self.spans: list[Span] = []

    def take(self, span: Span) -> None:
        self.spans.append(span)


def a_span(*, sampled: bool = True) -> Span:
    context = CONTEXT._replace(sampled=sampled)
    return Span("POST", CLIENT, context, "", began=1, ended=2, attributes={})


def test_spans_go_nowhere_until_somebody_begins_and_after_the_end() -> None:
    tracer, kept = Tracer(), Kept()
    tracer.take(a_span())
    tracer.begin(kept)
    assert tracer.on
    tracer.take(a_span())
    tracer.take(a_span(sampled=False))
    tracer.end(kept)
    tracer.take(a_span())
    assert (len(kept.spans), tracer.on) == (1, False)


def test_the_end_of_one_does_not_end_another() -> None:
    tracer, first, second = Tracer(), Kept(), Kept()
    tracer.begin(first)
    tracer.begin(second)
    tracer.end(first)
    tracer.take(a_span())
    assert (first.spans, len(second.spans)) == ([], 1)


def test_the_share_of_recorded_traces_is_kept_and_the_same_everywhere() -> None:
    one, other = Tracer(), Tracer()
    one.begin(Kept(), ratio=0.25)
    other.begin(Kept(), ratio=0.25)
    traces = [derived_trace(n) for n in range(2000)]
    taken = [trace for trace in traces if one.samples(trace)]
    assert 400 < len(taken) < 600
    assert taken == [trace for trace in traces if other.samples(trace)]
    one.begin(Kept(), ratio=0.0)
    assert not any(map(one.samples, traces))
    one.begin(Kept(), ratio=1.0)
    assert all(map(one.samples, traces))


def test_somebody_is_hashed_with_the_secret_of_the_installation() -> None:
    one, other = Tracer(), Tracer()
    one.begin(Kept(), secret=b"one")
    other.begin(Kept(), secret=b"other")
    assert one.hashed(1, 7) == one.hashed(1, 7) != one.hashed(1, 8)
    assert one.hashed(1, 7) != other.hashed(1, 7)
