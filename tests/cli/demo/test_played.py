from __future__ import annotations

from typing import Any

import msgspec

from clarion.cli.demo.act import Act, Expected, Send, Tally
from clarion.cli.demo.played import answered, is_over, misses, waited_ms

EXPECTED = Expected(label="order", user="ana", verdict="told", reason="level_all")
ACT = Act(
    title="An act",
    scene="",
    sends=(Send(label="order", event={}),),
    expected=(EXPECTED,),
    tallies=(Tally(label="order", sent=1, skipped=0),),
)


def _answer(verdict: str = "told", reason: str = "level_all") -> dict[str, Any]:
    return {
        "verdict": verdict,
        "because": "...",
        "event_id": "evt_1",
        "channels": [{"reason": reason}],
    }


def _stands(status: str = "complete", sent: int = 1) -> dict[str, Any]:
    return {"order": {"status": status, "counts": {"sent": sent, "skipped": 0}}}


def test_an_act_that_came_out_as_told_misses_nothing() -> None:
    assert misses(ACT, _stands(), [answered(EXPECTED, _answer())]) == []


def test_another_verdict_or_reason_is_a_miss() -> None:
    for answer in (_answer(verdict="not_told"), _answer(reason="mention")):
        found = misses(ACT, _stands(), [answered(EXPECTED, answer)])
        assert len(found) == 1
        assert "ana" in found[0]


def test_another_count_or_an_open_event_is_a_miss() -> None:
    good = [answered(EXPECTED, _answer())]
    assert misses(ACT, _stands(sent=2), good) == ["order: expected 1 sent, counted 2"]
    assert misses(ACT, _stands(status="expanding"), good) == [
        "order: the event is expanding, not complete"
    ]


def test_what_is_held_is_over_when_as_many_as_told_are() -> None:
    counts = {"open": 0, "held": 1, "sent": 0, "skipped": 0}
    stands = {"status": "expanding", "counts": counts}
    assert is_over(stands, 1)
    assert not is_over(stands, 2)
    assert not is_over(stands, 0)
    counts["open"] = 1
    assert not is_over(stands, 1)


def test_messages_are_counted_by_channel() -> None:
    act = msgspec.structs.replace(
        ACT, tallies=(Tally(label="order", sent=1, skipped=0, messages={"push": 2}),)
    )
    stands = _stands()
    stands["order"]["deliveries"] = {"push": {"sent": 1}}
    assert misses(act, stands, [answered(EXPECTED, _answer())]) == [
        "order: expected 2 push sent, counted 1"
    ]


def test_latency_counts_from_the_acceptance_to_the_first_provider() -> None:
    stands = {"accepted_at": "2026-01-02T03:04:05.000000Z"}
    rows = [
        {"outcome": "accepted", "updated_at": "2026-01-02T03:04:05.031000Z"},
        {"outcome": "accepted", "updated_at": "2026-01-02T03:04:05.012000Z"},
        {"outcome": "permanent", "updated_at": "2026-01-02T03:04:05.001000Z"},
    ]
    assert waited_ms(stands, {"deliveries": rows}) == 12
