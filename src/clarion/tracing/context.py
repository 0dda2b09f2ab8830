"""The place of a span in its trace, as W3C Trace Context (level 1) writes it."""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

MOST_MEMBERS = 32
MOST_STATE_CHARACTERS = 512
LONG_MEMBER_CHARACTERS = 128
"""What is cut off first when a tracestate is too long."""

_PARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.S)
_MEMBER = re.compile(
    r"(?:[a-z0-9][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})"
    r"=[ -+\--<>-~]{0,255}[!-+\--<>-~]"
)
_FORBIDDEN, _FIRST = "ff", "00"
_NO_TRACE, _NO_SPAN = "0" * 32, "0" * 16


class TraceContext(NamedTuple):
    """A span: its ids in lower-case hex, whether it is recorded, and the `tracestate` of others."""

    trace_id: str
    span_id: str
    sampled: bool
    state: str = ""

    @property
    def traceparent(self) -> str:
        """The header."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"

    @property
    def kept(self) -> str:
        """Both headers in one text, as the event's row keeps them."""
        return f"{self.traceparent} {self.state}".rstrip()


def read_context(traceparent: str | None, tracestate: str | None = None) -> TraceContext | None:
    """What came with a request; None when it is no sound `traceparent`: then a new trace begins,
    and the `tracestate` is dropped. One that is unsound by itself is dropped alone."""
    found = _PARENT.fullmatch((traceparent or "").strip())
    if found is None:
        return None
    version, trace_id, span_id, flags, rest = found.groups()
    if version == _FORBIDDEN or (version == _FIRST and rest):
        return None
    if trace_id == _NO_TRACE or span_id == _NO_SPAN:
        return None
    return TraceContext(trace_id, span_id, bool(int(flags, 16) & 1), cut_state(tracestate or ""))


def cut_state(tracestate: str) -> str:
    """A tracestate within its bounds (32 members, 512 characters): long members go first, then the
    last ones. "" when it is not sound."""
    members = [part.strip() for part in tracestate.split(",") if part.strip()]
    if not all(_MEMBER.fullmatch(member) for member in members):
        return ""
    keys = [member.partition("=")[0] for member in members]
    if len({*keys}) < len(keys):
        return ""
    if not _fits(members):
        members = [member for member in members if len(member) <= LONG_MEMBER_CHARACTERS]
    while not _fits(members):
        members.pop()
    return ",".join(members)


def kept_context(kept: str) -> TraceContext | None:
    """What `TraceContext.kept` wrote."""
    traceparent, _, state = kept.partition(" ")
    found = read_context(traceparent)
    return None if found is None else found._replace(state=state)


def derived_trace(*parts: object) -> str:
    """An id of a trace that whoever knows the parts comes to, in any process."""
    return _hash(16, parts)


def derived_span(*parts: object) -> str:
    """An id of a span, likewise."""
    return _hash(8, parts)


def _hash(size: int, parts: tuple[object, ...]) -> str:
    text = "\0".join(map(str, parts)).encode()
    return hashlib.blake2b(text, digest_size=size).hexdigest()


def _fits(members: list[str]) -> bool:
    return len(members) <= MOST_MEMBERS and len(",".join(members)) <= MOST_STATE_CHARACTERS
