"""What holds for all facts."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from clarion.core.decide import decide, decided_by
from clarion.core.decision import Gate, Result, StepDecision, TraceLine
from clarion.core.facts import Facts
from clarion.core.preference import label_of
from clarion.core.reasons import SENDING_REASONS, Reason
from clarion.core.recipient import ScopeKind, Setting
from clarion.core.workflow import SendStep
from tests.core.answers import with_settings
from tests.core.strategies import all_facts, passing_facts, rows

WAITING = frozenset({Gate.DELAY, Gate.UNTIL, Gate.DIGEST})
REASONS, GATES = set(Reason), set(Gate)
NO_SETTING = frozenset({Gate.CAP, Gate.OPTED_OUT, Gate.CONSENT})


@given(all_facts())
def test_send_steps_are_answered_in_their_order_up_to_the_first_wait(facts: Facts) -> None:
    found = decide(facts).steps
    if [answer.step for answer in found] == [-1]:
        return
    first, end = facts.span
    steps = facts.flow.workflow.steps[first:end]
    sends = [step.index for step in steps if isinstance(step, SendStep)]
    said = [answer.step for answer in found if answer.step in sends]
    others = [answer.step for answer in found if answer.step not in sends]
    assert said == sends[: len(said)]
    if others:
        assert others == [found[-1].step]
        assert said == [index for index in sends if index < others[0]]
    elif len(said) < len(sends):
        assert {answer.result for answer in found} == {Result.SKIP}


@given(all_facts())
def test_a_trace_does_not_change_the_answer_and_nor_does_asking_again(facts: Facts) -> None:
    trace: list[TraceLine] = []
    assert decide(facts, trace) == decide(facts) == decide(facts)
    assert trace


@given(all_facts())
def test_every_answer_names_a_gate_and_a_reason_and_only_plain_sends_a_sending_one(
    facts: Facts,
) -> None:
    for answer in decide(facts).steps:
        assert answer.reason in REASONS
        assert answer.gate in GATES
        plain_send = answer.result is Result.SEND and answer.alert
        assert (answer.gate is Gate.END) is plain_send
        assert (answer.reason in SENDING_REASONS) is plain_send
        waits = answer.result in (Result.HOLD, Result.DIGEST)
        assert (answer.until is not None) is waits


@given(all_facts())
def test_the_trace_tells_every_answer(facts: Facts) -> None:
    trace: list[TraceLine] = []
    for answer in decide(facts, trace).steps:
        lines = [line for line in trace if line.step == answer.step]
        last = lines[-1]
        if answer.result is Result.SEND:
            told = "badge" if not answer.alert and answer.gate is not Gate.QUIET else "pass"
            assert (last.gate, last.verdict) in (("end", told), ("end", "badge"))
        else:
            assert (last.gate, last.verdict) == (answer.gate, answer.result.label)
            assert last.scope == answer.scope
        if answer.result is Result.SEND and answer.gate is Gate.QUIET:
            assert ("silent", answer.scope) in [(line.verdict, line.scope) for line in lines]


@given(all_facts(), st.integers(100, 200), rows(1), rows(0))
def test_irrelevant_rows_do_not_change_the_answer(
    facts: Facts, far: int, own: tuple[Setting, ...], defaults: tuple[Setting, ...]
) -> None:
    elsewhere = tuple(replace(row, scope=far) for row in own if row.kind != ScopeKind.USER)
    others = tuple(replace(row, user=far) for row in own)
    foreign = tuple(replace(row, user=far) for row in defaults)
    more = replace(
        with_settings(facts, (*others, *elsewhere, *facts.recipient.settings)),
        defaults=(*foreign, *facts.defaults),
    )
    assert decide(more) == decide(facts)


@given(all_facts(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(facts: Facts, chance: Random) -> None:
    mixed, said = list(facts.recipient.settings), list(facts.recipient.consents)
    chance.shuffle(mixed)
    chance.shuffle(said)
    other = with_settings(facts, tuple(mixed))
    other = replace(other, recipient=replace(other.recipient, consents=tuple(said)))
    assert decide(other) == decide(facts)


@given(all_facts())
def test_the_scope_of_an_answer_is_that_of_the_setting_behind_it(facts: Facts) -> None:
    for answer in decide(facts).steps:
        row = decided_by(facts, answer)
        if row is not None:
            assert label_of(row) == answer.scope
        else:
            assert answer.gate in NO_SETTING or answer.scope in ("", "topic_default")


@given(passing_facts(), st.integers(0, 5))
def test_deciding_a_workflow_in_two_parts_is_deciding_it_whole(facts: Facts, cut: int) -> None:
    trace: list[TraceLine] = []
    whole = decide(facts, trace).steps
    ended = any(answer.step == -1 for answer in whole)
    if ended or any(line.gate in WAITING and line.verdict != "pass" for line in trace):
        return
    assert (*part_of(facts, 0, cut), *part_of(facts, cut, 99)) == whole


@given(all_facts(), st.integers(0, 5))
def test_what_ends_a_notification_ends_each_part_of_it(facts: Facts, cut: int) -> None:
    whole = part_of(facts, 0, 99)
    gate = whole[0].gate if whole and whole[0].step == -1 else Gate.END
    if gate in (Gate.END, Gate.MUTE, Gate.LEVEL, Gate.SILENT):
        return
    assert part_of(facts, 0, cut) == whole == part_of(facts, cut, 99)


def part_of(facts: Facts, first: int, end: int) -> tuple[StepDecision, ...]:
    return decide(replace(facts, span=(first, end))).steps
