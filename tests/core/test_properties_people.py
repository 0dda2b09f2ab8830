"""What people choose never makes it louder, and never silences what is mandatory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from clarion.core.decide import decide
from clarion.core.decision import Decision, Gate, Result
from clarion.core.facts import Facts
from clarion.core.recipient import FOREVER, Consent, ScopeKind, Setting, Standing
from clarion.core.workflow import Channel
from tests.core.answers import with_settings
from tests.core.strategies import all_facts, channels, consents, passing_facts, rows, settings

Rows = tuple[Setting, ...]


def told(decision: Decision) -> set[int]:
    """Steps that are sent, now or later, or gathered."""
    return {answer.step for answer in decision.steps if answer.result is not Result.SKIP}


def alerts(decision: Decision) -> set[int]:
    """Steps that are sent and ring, or may ring later."""
    return {a.step for a in decision.steps if a.result is not Result.SKIP and a.alert}


def choosing(facts: Facts, own: Rows, defaults: Rows, said: tuple[Consent, ...]) -> Facts:
    """The same facts of a person who chose something else."""
    chosen = replace(with_settings(facts, own), defaults=defaults)
    if facts.flow.category.consent == "required":
        return chosen  # without a consent it may not be sent at all
    return replace(chosen, recipient=replace(chosen.recipient, consents=said))


@given(passing_facts(mandatory=True), rows(1), rows(0), consents)
def test_no_choice_silences_a_mandatory_category(
    facts: Facts, own: Rows, defaults: Rows, said: tuple[Consent, ...]
) -> None:
    before, after = decide(facts), decide(choosing(facts, own, defaults, said))
    answers = {answer.step: answer for answer in after.steps}
    gathered = {a.step for a in after.steps if a.gate is Gate.DIGEST}
    for answer in before.steps:
        if answer.result is not Result.SEND:
            continue
        now = answers.get(answer.step)
        if now is None:
            # A digest step of the author comes first, whose rhythm is the user's.
            assert min(gathered) < answer.step
        elif now.result is not Result.SEND:
            assert (now.result, now.gate) == (Result.HOLD, Gate.QUIET)
            assert facts.flow.category.quiet_hours == "respect"
            assert now.until is not None
            assert now.until < (facts.event.expires_at or FOREVER)


@given(passing_facts(mandatory=True), rows(1), rows(0), consents)
def test_no_choice_skips_a_step_of_a_mandatory_category(
    facts: Facts, own: Rows, defaults: Rows, said: tuple[Consent, ...]
) -> None:
    bare = {a.step for a in decide(choosing(facts, (), (), ())).steps if a.result is Result.SKIP}
    chosen = decide(choosing(facts, own, defaults, said))
    assert {a.step for a in chosen.steps if a.result is Result.SKIP} <= bare


@given(all_facts(), settings(1))
def test_adding_a_mute_never_adds_a_notification(facts: Facts, row: Setting) -> None:
    muted = Setting(row.user, row.kind, row.scope, mute_until=FOREVER)
    quieter = decide(with_settings(facts, (*facts.recipient.settings, muted)))
    assert told(quieter) <= told(decide(facts))
    assert alerts(quieter) <= alerts(decide(facts))


@given(passing_facts(), channels, st.none() | st.integers(0, 4))
def test_opting_out_never_adds_a_notification(
    facts: Facts, channel: Channel, purpose: int | None
) -> None:
    taken_back = Consent(purpose or 0, channel if purpose is None else None, granted=False)
    others = [
        said
        for said in facts.recipient.consents
        if (said.purpose, said.channel) != (taken_back.purpose, taken_back.channel)
    ]
    bare = replace(facts, recipient=replace(facts.recipient, consents=tuple(others)))
    out = replace(facts, recipient=replace(facts.recipient, consents=(*others, taken_back)))
    if Consent(0, None, granted=False) not in others:
        # One that is more specific than what was taken back before takes nothing back.
        assert told(decide(out)) <= told(decide(bare))


@given(passing_facts(mandatory=False))
def test_whoever_mutes_everything_is_never_alerted(facts: Facts) -> None:
    muted = Setting(1, ScopeKind.USER, 0, mute_until=FOREVER)
    assert not alerts(decide(with_settings(facts, (muted,))))


@given(passing_facts(), st.frozensets(channels))
def test_nothing_goes_to_an_address_that_is_suppressed(
    facts: Facts, stopped: frozenset[Channel]
) -> None:
    recipient = replace(facts.recipient, suppressed=stopped)
    for answer in decide(replace(facts, recipient=recipient)).steps:
        if answer.result is Result.SEND:
            channel = next(s.channel for s in facts.flow.workflow.sends if s.index == answer.step)
            assert channel is Channel.INBOX or channel not in stopped


@given(passing_facts(), st.sampled_from([Standing.UNKNOWN, Standing.ERASED]))
def test_whoever_is_not_there_is_told_nothing(facts: Facts, standing: Standing) -> None:
    gone = replace(facts, recipient=replace(facts.recipient, standing=standing))
    assert not told(decide(gone))
