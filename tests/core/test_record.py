"""What the ledger keeps of a decision is enough to make it again."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from clarion.core.decide import decide, explain
from clarion.core.decision import DECIDER, DecisionRecord, Result
from clarion.core.facts import Facts
from clarion.core.record import facts_from, record
from clarion.core.workflow import Channel
from clarion.testing.builders import NOW, a_recipient, a_setting, some_facts
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
