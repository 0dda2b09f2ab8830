"""What the ledger keeps of a decision is enough to make it again."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from clarion.core.decide import decide, explain
from clarion.core.decision import DECIDER, Circumstances, DecisionRecord, Result
from clarion.core.facts import Facts
from clarion.core.record import facts_from, record
from clarion.core.workflow import Channel
from clarion.testing.builders import NOW, a_recipient, a_setting, an_event, some_facts
from tests.core.strategies import all_facts
from tests.core.waiting import waiting_facts


def rebuilt(kept: DecisionRecord, facts: Facts) -> Facts:
    return facts_from(
        kept,
        facts.recipient.user,
        facts.event,
        facts.flow,
        facts.recipient.settings,
        facts.defaults,
        facts.recipient.zone,
    )


@given(all_facts())
def test_facts_from_a_record_get_the_recorded_answer(facts: Facts) -> None:
    kept = record(decide(facts), facts, defaults_version=7)
    assert decide(rebuilt(kept, facts)).steps == kept.steps


@given(waiting_facts())
def test_first_and_later_decisions_about_time_are_made_again_alike(facts: Facts) -> None:
    kept = record(decide(facts), facts, defaults_version=7)
    stored = msgspec.json.decode(msgspec.json.encode(kept), type=DecisionRecord)
    again = rebuilt(stored, facts)
    assert decide(again).steps == kept.steps
    told = {(line.gate, line.verdict) for line in explain(again)}
    for answer in kept.steps:
        if answer.result is not Result.SEND:
            assert (answer.gate, answer.result.label) in told


@given(all_facts(), st.booleans(), st.booleans())
def test_a_later_pause_or_cancellation_does_not_change_the_recorded_answer(
    facts: Facts, cancelled: bool, paused: bool
) -> None:
    kept = record(decide(facts), facts, defaults_version=7)
    later = replace(
        facts,
        event=replace(facts.event, cancelled=cancelled),
        flow=replace(facts.flow, paused=paused),
    )
    assert decide(rebuilt(kept, later)).steps == kept.steps


@given(all_facts())
def test_a_record_survives_its_way_through_the_store(facts: Facts) -> None:
    kept = record(decide(facts), facts, defaults_version=7)
    packed = msgspec.msgpack.encode(kept)
    assert msgspec.msgpack.decode(packed, type=DecisionRecord) == kept
    assert msgspec.json.decode(msgspec.json.encode(kept), type=DecisionRecord) == kept


def test_a_record_holds_versions_and_counts_but_no_settings_or_destinations() -> None:
    recipient = a_recipient(
        a_setting(),
        destinations={Channel.PUSH: (41, 42), Channel.EMAIL: ()},
        user_version=3,
        settings_version=4,
    )
    facts = some_facts(recipient=recipient)
    kept = record(decide(facts), facts, defaults_version=5)
    assert kept.destinations == {"push": 2}
    versions = (kept.decider, kept.user_version, kept.settings_version, kept.defaults_version)
    assert versions == (DECIDER, 3, 4, 5)
    assert kept.at == NOW
    assert rebuilt(kept, facts).recipient.destinations == {Channel.PUSH: (1, 2)}


ORDINARY = some_facts(recipient=a_recipient(zone="Europe/Vienna"))


def more_of(facts: Facts) -> Circumstances | None:
    return record(decide(facts), facts, 0).more


@pytest.mark.parametrize(
    "facts",
    [
        ORDINARY,
        replace(ORDINARY, event=replace(ORDINARY.event, zone="Asia/Tokyo")),
        replace(ORDINARY, recipient=replace(ORDINARY.recipient, active_until=NOW)),
        replace(ORDINARY, span=(0, 2**31)),
    ],
    ids=["plain", "own zone", "left the desktop", "whole"],
)
def test_nothing_more_is_kept_of_an_ordinary_decision(facts: Facts) -> None:
    assert more_of(facts) is None


@pytest.mark.parametrize("zone", [None, "Mars/Base"])
def test_the_events_zone_is_kept_where_the_persons_is_not_known(zone: str | None) -> None:
    facts = some_facts(recipient=a_recipient(zone=zone), event=an_event(zone="Asia/Tokyo"))
    assert more_of(facts) == Circumstances(zone="Asia/Tokyo")


@given(all_facts())
def test_what_is_kept_of_the_circumstances_comes_back_as_facts(facts: Facts) -> None:
    recipient = facts.recipient
    back = rebuilt(record(decide(facts), facts, 7), facts)
    for name in ("duplicate", "whens", "now", "span", "waited", "seen", "caps", "leads", "untils"):
        assert getattr(back, name) == getattr(facts, name)
    for name in ("consents", "suppressed", "standing", "topic", "mention", "in_thread"):
        assert getattr(back.recipient, name) == getattr(recipient, name)
    assert back.recipient.active_until in (recipient.active_until, 0)
    assert back.event.large == facts.event.large
    assert (back.event.cancelled, back.flow.paused) == (facts.event.cancelled, facts.flow.paused)
    known = (back.recipient.user_version, back.recipient.settings_version)
    assert known == (recipient.user_version, recipient.settings_version)


def test_a_record_of_a_blast_is_small() -> None:
    recipient = a_recipient(
        user=10_000_000,
        zone="Europe/Vienna",
        user_version=12,
        settings_version=34_567,
        destinations={Channel.PUSH: (1,), Channel.EMAIL: (2,)},
        topic=70_001,
    )
    facts = some_facts(recipient=recipient, event=an_event(zone="Europe/Paris", large=True))
    kept = record(decide(facts), facts, defaults_version=5)
    assert len(msgspec.json.encode(kept)) <= 300
