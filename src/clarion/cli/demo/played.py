"""What came of the story, and whether it is what had to come of it."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.cli.demo.act import Act, Expected, Tally
from clarion.clock import from_rfc3339


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's answer to "why?": the API's own words."""

    label: str
    user: str
    verdict: str
    because: str
    event_id: str
    as_told: bool


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """An act that was played.

    `stands` holds each event's own answer by label, `answers` those of "why?". `took_ms` is how
    long the first event took until everybody was told, `waited_ms` how long each timed one took
    until a provider had it. `misses` says what came otherwise than the story tells, `note` is a
    sentence of the act's own. `told_as` are the events that digests of the act were told as; their
    messages are the act's, their recipients are counted by what they tell of.
    """

    title: str
    stands: dict[str, dict[str, Any]]
    answers: list[Answered]
    took_ms: int
    waited_ms: dict[str, int]
    misses: list[str]
    note: str = ""
    told_as: dict[str, dict[str, Any]] = {}


def answered(expected: Expected, answer: dict[str, Any]) -> Answered:
    """An answer, compared with the story."""
    reasons = [channel["reason"] for channel in answer["channels"]]
    as_told = answer["verdict"] == expected.verdict and (
        not expected.reason or expected.reason in reasons
    )
    return Answered(
        label=expected.label,
        user=expected.user,
        verdict=answer["verdict"],
        because=answer["because"],
        event_id=answer["event_id"],
        as_told=as_told,
    )


def misses(act: Act, stands: dict[str, dict[str, Any]], answers: list[Answered]) -> list[str]:
    """Every way in which an act came out otherwise than told."""
    found = [
        f"{answer.user} ({answer.label}): expected {wanted.verdict}, was {answer.verdict}"
        for wanted, answer in zip(act.expected, answers, strict=True)
        if not answer.as_told
    ]
    held = {tally.label: tally.held for tally in act.tallies}
    found += [
        f"{label}: the event is {event['status']}, not complete"
        for label, event in stands.items()
        if not is_over(event, held.get(label, 0))
    ]
    for tally in act.tallies:
        found += _miscounts(tally, stands[tally.label])
    return found


def is_over(stands: dict[str, Any], held: int) -> bool:
    """Whether all is done about an event but what is held, which are so many recipients."""
    if stands["status"] == "complete":
        return True
    counts = stands["counts"]
    return bool(held) and counts["held"] == held and not counts["open"]


def waited_ms(stands: dict[str, Any], answer: dict[str, Any]) -> int:
    """From the acceptance of an event to the first provider that took a message of it."""
    taken = [row["updated_at"] for row in answer["deliveries"] if row["outcome"] == "accepted"]
    if not taken:
        return 0
    return (from_rfc3339(min(taken)) - from_rfc3339(stands["accepted_at"])) // 1000


def _miscounts(tally: Tally, stands: dict[str, Any]) -> list[str]:
    counts = stands["counts"]
    wanted = [("sent", tally.sent), ("skipped", tally.skipped), ("held", tally.held)]
    found = [(name, number, counts.get(name, 0)) for name, number in wanted]
    found += [
        (f"{channel} sent", number, stands["deliveries"].get(channel, {}).get("sent", 0))
        for channel, number in tally.messages.items()
    ]
    return [
        f"{tally.label}: expected {number} {name}, counted {counted}"
        for name, number, counted in found
        if number != counted
    ]
