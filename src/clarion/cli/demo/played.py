"""What came of the story, and whether it is what had to come of it."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.cli.demo.story import Act, Expected, Tally
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
    sentence of the act's own.
    """

    title: str
    stands: dict[str, dict[str, Any]]
    answers: list[Answered]
    took_ms: int
    waited_ms: dict[str, int]
    misses: list[str]
    note: str = ""


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
    found += [
        f"{label}: the event is {event['status']}, not complete"
        for label, event in stands.items()
        if event["status"] != "complete"
    ]
    for tally in act.tallies:
        found += _miscounts(tally, stands[tally.label]["counts"])
    return found


def waited_ms(stands: dict[str, Any], answer: dict[str, Any]) -> int:
    """From the acceptance of an event to the first provider that took a message of it."""
    taken = [row["updated_at"] for row in answer["deliveries"] if row["outcome"] == "accepted"]
    if not taken:
        return 0
    return (from_rfc3339(min(taken)) - from_rfc3339(stands["accepted_at"])) // 1000


def _miscounts(tally: Tally, counts: dict[str, int]) -> list[str]:
    return [
        f"{tally.label}: expected {wanted} {name}, counted {counts[name]}"
        for name, wanted in (("sent", tally.sent), ("skipped", tally.skipped))
        if counts[name] != wanted
    ]
