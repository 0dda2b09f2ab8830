"""What holds for all facts."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from clarion.core.decide import decide, decided_by
from clarion.core.decision import Decision, Gate, Result, TraceLine
from clarion.core.facts import Facts
from clarion.core.preference import label_of
from clarion.core.reasons import SENDING_REASONS, Reason
from clarion.core.recipient import FOREVER, ScopeKind, Setting
from tests.core.strategies import all_facts, passing_facts, rows, settings

REASONS = set(Reason)


def alerts(decision: Decision) -> set[int]:
    """Steps that are sent and ring."""
    return {a.step for a in decision.steps if a.result is Result.SEND and a.alert}


def sends(decision: Decision) -> set[int]:
    return {a.step for a in decision.steps if a.result is Result.SEND}


def with_settings(facts: Facts, found: tuple[Setting, ...]) -> Facts:
    return replace(facts, recipient=replace(facts.recipient, settings=found))


@given(all_facts())
def test_there_is_one_answer_per_step_or_one_for_all(facts: Facts) -> None:
    found = [answer.step for answer in decide(facts).steps]
    assert found in ([-1], [step.index for step in facts.flow.workflow.steps])


@given(all_facts())
def test_a_trace_does_not_change_the_answer(facts: Facts) -> None:
    trace: list[TraceLine] = []
    assert decide(facts, trace) == decide(facts)
    assert trace


@given(all_facts())
def test_every_skip_names_a_gate_and_a_reason_that_stops(facts: Facts) -> None:
    for answer in decide(facts).steps:
        assert answer.reason in REASONS
        plain_send = answer.result is Result.SEND and answer.alert
        assert (answer.gate is Gate.END) is plain_send
        assert (answer.reason in SENDING_REASONS) is plain_send


@given(all_facts())
def test_the_trace_tells_every_answer(facts: Facts) -> None:
    trace: list[TraceLine] = []
    for answer in decide(facts, trace).steps:
        last = [line for line in trace if line.step == answer.step][-1]
        assert last.scope == answer.scope
        if answer.result is Result.SKIP:
            assert (last.gate, last.verdict) == (answer.gate, "skip")
        else:
            assert (last.gate, last.verdict) == ("end", "pass" if answer.alert else "badge")


@given(passing_facts(mandatory=True), rows(1), rows(0))
def test_a_mandatory_category_is_never_silenced_by_a_setting(
    facts: Facts, own: tuple[Setting, ...], defaults: tuple[Setting, ...]
) -> None:
    bare = replace(with_settings(facts, ()), defaults=())
    assert decide(replace(with_settings(facts, own), defaults=defaults)) == decide(bare)


@given(all_facts(), settings(1))
def test_adding_a_mute_never_adds_a_send(facts: Facts, row: Setting) -> None:
    muted = replace(row, level=None, suppress=(), channels={}, mute_until=FOREVER)
    quieter = decide(with_settings(facts, (*facts.recipient.settings, muted)))
    assert sends(quieter) <= sends(decide(facts))
    assert alerts(quieter) <= alerts(decide(facts))


@given(passing_facts(mandatory=False))
def test_whoever_mutes_everything_is_never_alerted(facts: Facts) -> None:
    muted = Setting(1, ScopeKind.USER, 0, mute_until=FOREVER)
    assert not alerts(decide(with_settings(facts, (muted,))))


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
    mixed = list(facts.recipient.settings)
    chance.shuffle(mixed)
    assert decide(with_settings(facts, tuple(mixed))) == decide(facts)


@given(all_facts())
def test_the_scope_of_an_answer_is_that_of_the_setting_behind_it(facts: Facts) -> None:
    for answer in decide(facts).steps:
        row = decided_by(facts, answer)
        if row is not None:
            assert label_of(row) == answer.scope
        else:
            assert answer.scope in ("", "topic_default")
