"""Finished spans, and the one place of a process that they are handed to. Off, as it is at first,
it costs a look at `tracer.on`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import NamedTuple, Protocol

from clarion.tracing.context import TraceContext

PRODUCER, CONSUMER, CLIENT = "producer", "consumer", "client"
"""Kinds of spans."""

Value = str | int | float | bool | Sequence[str]

_WHOLE = 2**64


class Span(NamedTuple):
    """Something that has ended. Instants are microseconds UTC; `parent` is the id of the span that
    it is a part of, "" for the first of a trace; `error` is a word for what went wrong, ""
    when nothing did."""

    name: str
    kind: str
    context: TraceContext
    parent: str
    began: int
    ended: int
    attributes: Mapping[str, Value]
    links: tuple[TraceContext, ...] = ()
    error: str = ""


class Origin(NamedTuple):
    """Where an event comes from: `hop` is the request that brought it, `made` the CloudEvent's own
    context."""

    hop: TraceContext | None = None
    made: TraceContext | None = None


class Sink(Protocol):
    """Where spans go."""

    def take(self, span: Span) -> None:
        """Must neither block nor raise."""
        ...


class Tracer:
    """What a process records. `on` only between `begin` and `end`."""

    def __init__(self) -> None:
        self.on = False
        self._sink: Sink | None = None
        self._secret = b""
        self._ratio = 1.0

    def begin(self, sink: Sink, *, ratio: float = 1.0, secret: bytes = b"") -> None:
        """Record from now on. `ratio` is the share of events that are recorded, of those whose
        producer did not say; `secret` (64 bytes at most) is what recipients are hashed with."""
        self._sink, self._ratio, self._secret, self.on = sink, ratio, secret[:64], True

    def end(self, sink: Sink) -> None:
        """Record no more, unless somebody else began since."""
        if self._sink is sink:
            self._sink, self.on = None, False

    def take(self, span: Span) -> None:
        """Hand a span over, if it is to be recorded."""
        if self._sink is not None and span.context.sampled:
            self._sink.take(span)

    def samples(self, trace_id: str) -> bool:
        """Whether a trace that begins here is recorded; the same in every process."""
        return int(trace_id[16:], 16) < self._ratio * _WHOLE

    def hashed(self, *parts: object) -> str:
        """A name for somebody that leads nowhere without the secret of this installation."""
        text = "\0".join(map(str, parts)).encode()
        return hashlib.blake2b(text, digest_size=8, key=self._secret).hexdigest()


tracer = Tracer()
"""Of this process, as its metrics are."""

current: ContextVar[TraceContext | None] = ContextVar("current", default=None)
"""The try at a provider that this task is about."""

origins: ContextVar[Sequence[Origin]] = ContextVar("origins", default=())
"""Of the events that this task hands over, by their place; fewer than these: the rest has none."""
