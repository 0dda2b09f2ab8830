"""What may hold a message for a while: the gates one by one, and their order."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from clarion.core.decision import Gate, Result, StepDecision
from clarion.core.facts import CapOutcome
from clarion.core.recipient import Mention
from clarion.core.waits import (
    HOLDING_GATES,
    cap,
    large,
    legal_hours,
    presence,
    window,
    zone_in,
)
from clarion.core.window import Window
from clarion.core.workflow import (
    Channel,
    SendStep,
)
from clarion.testing.builders import (
    a_category,
    a_setting,
    an_event,
)
from tests.core.evening import (
    GRANTED,
    INBOX,
    LATE,
    OFFICE,
    PUSH,
    SLEEPS,
    SMS,
    VIENNA,
    facts_at,
    held,
    the_answer,
)
from tests.core.wall_time import HOUR, SECOND, utc

# The zone


@pytest.mark.parametrize(
    ("own", "given", "zone"),
    [
        (VIENNA, "Asia/Tokyo", VIENNA),
        (None, "Asia/Tokyo", "Asia/Tokyo"),
        ("Mars/Base", "Asia/Tokyo", "Asia/Tokyo"),
        (None, None, "UTC"),
        (None, "Mars/Base", "UTC"),
    ],
)
def test_the_zone_is_the_persons_then_the_events_then_utc(
    own: str | None, given: str | None, zone: str
) -> None:
    facts = facts_at(LATE, who={"zone": own}, event=an_event(zone=given))
    assert zone_in(facts) == ZoneInfo(zone)


# A large audience


@pytest.mark.parametrize("mention", Mention)
def test_in_a_large_audience_only_mentions_push(mention: Mention) -> None:
    facts = facts_at(LATE, event=an_event(large=True), who={"mention": mention})
    skipped = StepDecision(0, Result.SKIP, Gate.LARGE, "large_audience")
    assert (the_answer(facts, PUSH) == skipped) is (mention is Mention.NONE)


@pytest.mark.parametrize("channel", [channel for channel in Channel if channel != Channel.PUSH])
def test_a_large_audience_concerns_no_other_channel(channel: Channel) -> None:
    facts = facts_at(LATE, event=an_event(large=True))
    assert the_answer(facts, SendStep(index=0, channel=channel)).result is Result.SEND


def test_a_mandatory_push_goes_to_a_large_audience_and_any_push_to_a_small_one() -> None:
    mandatory = facts_at(LATE, event=an_event(large=True), category=a_category(mandatory=True))
    assert large(PUSH, mandatory, ()) is None
    assert large(PUSH, facts_at(LATE), ()) is None


# The author's window


def test_outside_the_hours_of_the_author_a_step_waits_for_them() -> None:
    opens = utc("2026-11-24 08:00")
    expected = held(Gate.WINDOW, "outside_window", opens)
    assert the_answer(facts_at(LATE), replace(PUSH, window=OFFICE)) == expected


@pytest.mark.parametrize("now", ["2026-11-24 08:00", "2026-11-24 15:59"])
def test_inside_the_hours_of_the_author_a_step_is_sent(now: str) -> None:
    facts = facts_at(utc(now))
    assert the_answer(facts, replace(PUSH, window=OFFICE)).result is Result.SEND


def test_the_hours_of_the_author_hold_what_is_mandatory_as_well() -> None:
    facts = facts_at(LATE, category=a_category(mandatory=True))
    assert the_answer(facts, replace(PUSH, window=OFFICE)).gate is Gate.WINDOW


def test_hours_that_never_come_hold_nothing() -> None:
    step = replace(PUSH, window=(Window((), 0, 60),))
    assert window(step, facts_at(LATE), ()) is None


# The hours of the law

OFFERS = a_category(consent="required")


def sms_ruling(now: str, zone: str | None, given: str | None = None, **changes: Any) -> int | None:
    """Until when a text of a marketing category is held; None: not at all."""
    category = changes.pop("category", OFFERS)
    event = an_event(zone=given)
    facts = facts_at(utc(now), who={"zone": zone}, event=event, category=category)
    ruling = legal_hours(SMS, facts, ())
    if ruling is None:
        return None
    assert (ruling.verdict, ruling.reason, ruling.scope) == ("hold", "legal_hours", "")
    return ruling.until


@pytest.mark.parametrize(
    ("now", "zone", "until"),
    [
        ("2026-11-24 06:59", VIENNA, "2026-11-24 07:00"),
        ("2026-11-24 07:00", VIENNA, None),
        ("2026-11-24 19:59", VIENNA, None),
        ("2026-11-24 20:00", VIENNA, "2026-11-25 07:00"),
        ("2026-11-24 19:00", "America/New_York", None),
    ],
)
def test_marketing_texts_keep_to_the_hours_of_the_law(
    now: str, zone: str, until: str | None
) -> None:
    assert sms_ruling(now, zone) == (None if until is None else utc(until))


@pytest.mark.parametrize("given", [None, VIENNA])
@pytest.mark.parametrize("zone", [None, "Mars/Base"])
def test_somebody_whose_zone_is_unknown_is_texted_when_all_may_be(
    zone: str | None, given: str | None
) -> None:
    # 8 am in Pago Pago is 7 pm; 9 pm in Guam is 11:00 UTC: only two hours a day are fine for both.
    assert sms_ruling("2026-11-24 12:00", zone, given) == utc("2026-11-24 22:00")


def test_the_hours_of_the_law_are_about_texts_that_need_consent() -> None:
    assert sms_ruling("2026-11-24 02:00", VIENNA, category=a_category()) is None
    facts = facts_at(LATE, category=OFFERS)
    assert legal_hours(PUSH, facts, ()) is None


def test_the_law_is_heeded_by_what_is_mandatory() -> None:
    category = a_category(consent="required", mandatory=True)
    assert sms_ruling("2026-11-24 02:00", VIENNA, category=category) == utc("2026-11-24 07:00")


def test_a_text_that_may_never_be_sent_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clarion.core.waits.ZONES_OF_THE_LAW", ())
    ruling = legal_hours(SMS, facts_at(LATE, who={"zone": None}, category=OFFERS), ())
    assert ruling is not None
    assert (ruling.verdict, ruling.reason) == ("skip", "legal_hours")


# Presence

WATCHING = replace(PUSH, presence_seconds=300)


def test_a_push_waits_for_somebody_who_is_active_at_a_desktop() -> None:
    facts = facts_at(LATE, who={"active_until": LATE + 1})
    expected = held(Gate.PRESENCE, "active_on_desktop", LATE + 300 * SECOND)
    assert the_answer(facts, WATCHING) == expected


@pytest.mark.parametrize(("active_until", "step"), [(LATE, WATCHING), (LATE + 1, PUSH)])
def test_nobody_is_waited_for_who_left_or_where_the_step_does_not_ask(
    active_until: int, step: SendStep
) -> None:
    facts = facts_at(LATE, who={"active_until": active_until})
    assert the_answer(facts, step).result is Result.SEND


@pytest.mark.parametrize("active_until", [0, LATE + HOUR])
def test_after_the_wait_it_is_sent_unless_it_was_seen(active_until: int) -> None:
    waited = facts_at(LATE, who={"active_until": active_until}, waited=("presence",))
    assert the_answer(waited, WATCHING).result is Result.SEND
    seen = replace(waited, seen=True)
    assert the_answer(seen, WATCHING) == StepDecision(0, Result.SKIP, Gate.PRESENCE, "seen")


def test_what_was_seen_is_sent_where_nobody_waited_for_that() -> None:
    assert presence(WATCHING, facts_at(LATE, seen=True, waited=("quiet",)), ()) is None


# Caps


@pytest.mark.parametrize(
    ("over", "result", "until"),
    [
        ("skip", Result.SKIP, None),
        ("hold", Result.HOLD, LATE + HOUR),
        ("digest", Result.DIGEST, LATE + HOUR),
    ],
)
def test_a_cap_that_is_reached_does_what_its_rule_says(
    over: str, result: Result, until: int | None
) -> None:
    facts = facts_at(LATE, caps={0: CapOutcome(False, over, "category", LATE + HOUR)})
    expected = StepDecision(0, result, Gate.CAP, "capped", "category", until)
    assert the_answer(facts, PUSH) == expected


@pytest.mark.parametrize("over", ["hold", "digest"])
def test_a_cap_that_frees_too_late_drops(over: str) -> None:
    outcome = CapOutcome(False, over, "step", LATE + HOUR)
    facts = facts_at(LATE, caps={0: outcome}, event=an_event(expires_at=LATE + HOUR))
    expected = StepDecision(0, Result.SKIP, Gate.CAP, "expires_while_held", "step")
    assert the_answer(facts, PUSH) == expected


def test_a_cap_that_grants_or_is_another_steps_stops_nothing() -> None:
    assert cap(PUSH, facts_at(LATE, caps={0: CapOutcome(True)}), ()) is None
    refused = CapOutcome(False, "skip", "step", LATE + HOUR)
    assert cap(PUSH, facts_at(LATE, caps={1: refused}), ()) is None
    assert the_answer(facts_at(LATE, caps={0: refused}), INBOX).result is Result.SEND


def test_a_refusal_whose_rule_is_not_known_drops() -> None:
    ruling = cap(PUSH, facts_at(LATE, caps={0: CapOutcome(False)}), ())
    assert ruling is not None
    assert (ruling.verdict, ruling.reason) == ("skip", "capped")


# Their order


def test_the_earliest_gate_that_holds_decides() -> None:
    now = utc("2026-11-23 22:30")
    closing: list[tuple[Gate, dict[str, Any]]] = [
        (Gate.CAP, {"caps": {0: CapOutcome(False, "skip")}}),
        (Gate.QUIET, {"row": SLEEPS}),
        (Gate.PAUSE, {"row": replace(SLEEPS, pause_until=now + HOUR)}),
        (Gate.PRESENCE, {"active_until": now + HOUR}),
        (Gate.LEGAL_HOURS, {"consent": "required"}),
        (Gate.WINDOW, {"window": OFFICE}),
    ]
    said: dict[str, Any] = {}
    step = replace(SMS, presence_seconds=300)
    for gate, more in closing:
        said |= more
        facts = facts_at(
            now,
            said.get("row", a_setting()),
            category=a_category(consent=said.get("consent", "none")),
            caps=said["caps"],
            who={"active_until": said.get("active_until", 0), "consents": GRANTED},
        )
        assert the_answer(facts, replace(step, window=said.get("window", ()))).gate is gate


def test_the_gates_that_hold_are_asked_in_the_order_of_their_words() -> None:
    order = [*Gate]
    asked = [gate for gate, _ in HOLDING_GATES]
    assert asked == sorted(asked, key=order.index)


def test_a_large_audience_is_asked_before_the_window() -> None:
    facts = facts_at(LATE, event=an_event(large=True))
    assert the_answer(facts, replace(PUSH, window=OFFICE)).gate is Gate.LARGE
