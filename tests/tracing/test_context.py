"""W3C Trace Context, by its vectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clarion.tracing import TraceContext, derived_trace, kept_context, read_context
from clarion.tracing.context import cut_state

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "trace_context.json").read_text("utf-8")
)
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize("case", VECTORS["valid"], ids=lambda case: str(case["traceparent"])[:2])
def test_a_sound_traceparent_is_read(case: dict[str, Any]) -> None:
    found = read_context(case["traceparent"], "vendor=1")
    assert found is not None
    assert found.sampled == case["sampled"]
    assert found.trace_id == case.get("trace_id", found.trace_id)
    assert found.span_id == case.get("parent_id", found.span_id)
    assert found.state == "vendor=1"


@pytest.mark.parametrize("case", VECTORS["invalid_restart_trace"], ids=lambda case: case["why"])
def test_an_unsound_traceparent_begins_a_new_trace(case: dict[str, Any]) -> None:
    assert read_context(case["traceparent"], "vendor=1") is None


def test_nothing_is_no_context() -> None:
    assert read_context(None) is None
    assert read_context("", "vendor=1") is None


def test_a_tracestate_is_cut_to_its_bounds_the_long_members_first() -> None:
    limits = VECTORS["tracestate"]
    many = [f"k{n}=v" for n in range(40)]
    assert cut_state(",".join(many)) == ",".join(many[: limits["max_members"]])
    long = "long=" + "x" * 140
    short = [f"s{n:02}=" + "y" * 40 for n in range(9)]
    assert cut_state(",".join([long, *short])) == ",".join(short)
    wide = [f"w{n}=" + "z" * 100 for n in range(6)]
    cut = cut_state(",".join(wide))
    assert cut == ",".join(wide[:4])
    assert len(cut) <= limits["minimum_bytes_to_propagate"]


@pytest.mark.parametrize("text", ["no-equals", "A=1", "a=1,a=2", "a=\n", "a=1=2", "ä=1"])
def test_an_unsound_tracestate_is_dropped_alone(text: str) -> None:
    found = read_context(PARENT, text)
    assert found is not None
    assert found.state == ""


def test_what_is_kept_is_read_back() -> None:
    for state in ("", "a=1,b=2 3"):
        found = read_context(PARENT, state)
        assert found is not None
        assert found.traceparent == PARENT
        assert kept_context(found.kept) == found
    assert kept_context("nonsense") is None


def test_derived_ids_are_sound_and_differ_by_their_parts() -> None:
    one, other = derived_trace("event", "ab"), derived_trace("event", "a", "b")
    assert one != other
    assert read_context(TraceContext(one, one[:16], sampled=True).traceparent) is not None
