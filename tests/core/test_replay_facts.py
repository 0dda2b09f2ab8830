"""What was recorded is decided under a change as it would have been live, or is not known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from clarion.core.decide import decide
from clarion.core.decision import DecisionRecord, Result
from clarion.core.facts import LEADS, WHOLE, Facts, WorkflowFacts
from clarion.core.recipient import FOREVER, Consent
from clarion.core.record import facts_from, record
from clarion.core.replay import Outcomes, Replay
from clarion.core.replay_case import (
    Answering,
    Case,
    Outcome,
    Past,
    Place,
    note,
    outcomes_of,
    pairs_of,
    places_of,
)
from clarion.core.workflow import (
    Category,
    Dedupe,
    DelayStep,
    DigestStep,
    Rollout,
    SendStep,
    UntilStep,
    WhenQuiet,
    Workflow,
)
from tests.core import strategies as some
from tests.core.wall_time import window_lists

SECOND = 1_000_000
CONDITIONS = ("data.loud", "data.new")
INSTANTS = ("data.starts_at", "data.ends_at")
DEDUPES = (None, Dedupe("data.post", 60), Dedupe("data.thread", 60))

CHANGES: dict[tuple[type, str], st.SearchStrategy[Any]] = {
    (SendStep, "channel"): some.channels,
    (SendStep, "when"): st.sampled_from([None, *CONDITIONS]),
    (SendStep, "window"): some.author_hours,
    (SendStep, "quiet"): st.sampled_from(WhenQuiet),
    (SendStep, "presence_seconds"): st.sampled_from([0, 300, 600]),
    (DelayStep, "seconds"): st.sampled_from([1, 60, 86_400]),
    (UntilStep, "instant"): st.sampled_from(INSTANTS),
    (UntilStep, "window"): window_lists,
    (DigestStep, "timing"): some.timings,
    (Workflow, "rollout"): st.sampled_from(Rollout),
    (Workflow, "dedupe"): st.sampled_from(DEDUPES),
    (Workflow, "expires_in_seconds"): st.sampled_from([None, 1, 3600]),
    (Workflow, "steps"): some.steps,
    (Category, "mandatory"): st.booleans(),
    (Category, "quiet_hours"): st.sampled_from(["respect", "ignore"]),
    (Category, "consent"): st.sampled_from(["none", "required"]),
    (Category, "push_up_to"): st.sampled_from([None, 1, 10, 100]),
    (WorkflowFacts, "category_number"): some.numbers,
    (Facts, "defaults"): some.rows(0),
}
"""What a change may say that has to do with decisions, and values to try."""

OTHERS = {
    (SendStep, "index"), (DelayStep, "index"), (UntilStep, "index"), (DigestStep, "index"),
    (SendStep, "template"), (SendStep, "aggregate"),  # words, and where an item goes
    (SendStep, "cap"), (Workflow, "throttle"), (Category, "cap"),  # counted by replay_caps
    (DigestStep, "key"),  # with whom somebody is gathered
    (Workflow, "key"), (Workflow, "on"), (Workflow, "category"), (Workflow, "audience"),
    (Workflow, "locale"), (Workflow, "partials"), (Workflow, "document"),
    (Category, "key"), (Category, "lane"), (Category, "on_unknown"), (Category, "attempts"),
    (Category, "deadline_seconds"), (Category, "name"), (Category, "description"),
}  # fmt: skip
"""What has nothing to do with the decision of one notification by itself."""


class World(NamedTuple):
    """All there was to be seen; a flow looks at a part of it. `kept`: expressions can still be
    evaluated. `held`: another event holds every dedupe key."""

    facts: Facts
    active_until: int
    size: int
    consents: tuple[Consent, ...]
    conditions: dict[str, bool]
    instants: dict[str, int]
    held: bool
    kept: bool

    def is_large(self, flow: WorkflowFacts) -> bool:
        most = flow.category.push_up_to
        return most is not None and bool(self.facts.event.about_chain) and self.size > most

    def expiry(self, flow: WorkflowFacts) -> int | None:
        seconds = flow.workflow.expires_in_seconds
        own = FOREVER if seconds is None else self.facts.now + (seconds - 2) * SECOND
        ends = min(own, self.facts.event.expires_at or FOREVER)
        return None if ends == FOREVER else ends

    def said(self, flow: WorkflowFacts) -> tuple[Consent, ...]:
        return tuple(row for row in self.consents if row.purpose in (0, flow.category_number))

    def live(self, flow: WorkflowFacts) -> Facts:
        """The facts that a flow gathers: it looks up what its gates ask for."""
        facts, workflow = self.facts, flow.workflow
        asks = any(step.presence_seconds for step in workflow.sends)
        found = replace(
            facts,
            event=replace(facts.event, large=self.is_large(flow), expires_at=self.expiry(flow)),
            flow=flow,
            recipient=replace(
                facts.recipient,
                active_until=self.active_until if asks else 0,
                consents=self.said(flow),
            ),
            duplicate=False,
            whens={s.index: self.conditions[s.when] for s in workflow.sends if s.when},
            untils={
                step.index: self.instants[step.instant]
                for step in workflow.steps
                if isinstance(step, UntilStep) and step.instant
            },
            leads={
                step.index: LEADS
                for step in workflow.steps
                if isinstance(step, DigestStep) and step.timing.lead
            },
        )
        if workflow.dedupe is None or not self.held:
            return found
        told = any(answer.result is not Result.SKIP for answer in decide(found).steps)
        return replace(found, duplicate=told)

    def answering(self, flow: WorkflowFacts) -> Answering:
        """What the payload tells about expressions, as long as it is kept."""
        steps = {step.index: step for step in flow.workflow.steps}

        def when(index: int) -> bool | None:
            step = steps[index]
            assert isinstance(step, SendStep)
            assert step.when is not None
            return self.conditions[step.when] if self.kept else None

        def waits(index: int) -> bool:
            step = steps[index]
            return isinstance(step, UntilStep) and step.instant is not None

        def until(index: int) -> int | None:
            step = steps[index]
            asked = isinstance(step, UntilStep) and step.instant
            return self.instants[asked] if asked and self.kept else None

        def word(_index: int = 0) -> str | None:
            return "p1" if self.kept else None

        return Answering(when=when, until=until, waits=waits, key=word, dedupe=word)


@st.composite
def flows(draw: st.DrawFn, flow: WorkflowFacts) -> WorkflowFacts:
    """A flow that looks at everything now and then."""
    steps = tuple(
        replace(step, when=draw(CHANGES[SendStep, "when"])) if isinstance(step, SendStep) else step
        for step in flow.workflow.steps
    )
    workflow = replace(
        flow.workflow,
        steps=steps,
        dedupe=draw(CHANGES[Workflow, "dedupe"]),
        expires_in_seconds=draw(CHANGES[Workflow, "expires_in_seconds"]),
    )
    category = replace(flow.category, push_up_to=draw(CHANGES[Category, "push_up_to"]))
    return replace(flow, workflow=workflow, category=category)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    facts = draw(some.passing_facts())
    kept = draw(st.booleans())
    return World(
        facts=replace(facts, waited=(), seen=False, caps={}, span=WHOLE),
        active_until=draw(st.sampled_from([0, facts.now - 1, facts.now + 60 * SECOND])),
        size=draw(st.sampled_from([0, 5, 50, 500])),
        consents=draw(some.consents),
        conditions={word: draw(st.booleans()) for word in CONDITIONS},
        instants={word: facts.now + draw(st.integers(-1, 2)) * SECOND for word in INSTANTS},
        held=not kept and draw(st.booleans()),
        kept=kept,
    )


def changed(
    draw: Callable[..., Any], kind: type, field: str, flow: WorkflowFacts, facts: Facts
) -> tuple[WorkflowFacts, Facts]:
    """A flow, or the rows of tenant and environment, with one thing changed."""
    value = {field: draw(CHANGES[kind, field])}
    if kind is Facts:
        return flow, replace(facts, **value)
    if kind is WorkflowFacts:
        return replace(flow, **value), facts
    if kind is Workflow:
        return replace(flow, workflow=replace(flow.workflow, **value)), facts
    if kind is Category:
        return replace(flow, category=replace(flow.category, **value)), facts
    places = [step.index for step in flow.workflow.steps if isinstance(step, kind)]
    if not places:
        return flow, facts
    index = draw(st.sampled_from(places))
    steps = tuple(
        replace(step, **value) if step.index == index else step for step in flow.workflow.steps
    )
    return replace(flow, workflow=replace(flow.workflow, steps=steps)), facts


def case_of(world: World, old: WorkflowFacts, new: WorkflowFacts, rows: Any) -> Case:
    """What is recorded of a decision, encoded and read back, and the change."""
    then = world.live(old)
    encoded = msgspec.json.encode(record(decide(then), then, 0))
    kept = msgspec.json.decode(encoded, type=DecisionRecord)
    recipient = then.recipient
    facts = facts_from(
        kept, recipient.user, then.event, old, recipient.settings, then.defaults, recipient.zone
    )
    resized = old.category.push_up_to != new.category.push_up_to
    moved = old.category_number != new.category_number
    return Case(
        event=b"e", workflow=1, user=recipient.user, tenant=then.event.tenant,
        first=Past(
            facts=facts,
            steps=kept.steps,
            defaults=rows,
            large=world.is_large(new) if resized else None,
            consents=world.said(new) if moved else None,
        ),
        flow=new,
        expires_at=world.expiry(new),
        pairs=pairs_of(old.workflow, new.workflow),
        answering=world.answering(new),
    )  # fmt: skip


def told_again(case: Case) -> tuple[Outcomes, Outcomes]:
    """What became of it, then and under the change; a digest that would be told is not it."""
    found: list[tuple[Outcomes, Outcomes]] = []

    def sink(case: Case, before: Outcomes, after: Outcomes) -> None:
        if case.event:
            found.append((before, after))

    replay = Replay(sink, FOREVER)
    replay.feed(case, case.first.at)
    replay.end()
    return found[0]


def firsts(facts: Facts) -> dict[Place, tuple[Any, ...]]:
    """By place what is answered at first."""
    story: dict[int, Any] = {}
    note(story, facts.flow.workflow, facts.span, decide(facts).steps)
    found = outcomes_of(story, places_of(facts.flow.workflow))
    return {place: first_of(outcome) for place, outcome in found.items()}


def first_of(outcome: Outcome) -> tuple[Any, ...]:
    return (outcome.result, outcome.reason, outcome.alert, outcome.until)


@pytest.mark.parametrize(
    ("kind", "field"), CHANGES, ids=[f"{kind.__name__}.{field}" for kind, field in CHANGES]
)
@settings(max_examples=20, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(data=st.data(), world=worlds())
def test_what_a_single_change_flips_is_told_or_is_not_known(
    kind: type, field: str, data: st.DataObject, world: World
) -> None:
    old = data.draw(flows(world.facts.flow))
    new, facts = changed(data.draw, kind, field, old, world.facts)
    then, now = firsts(world.live(old)), firsts(replace(world.live(new), defaults=facts.defaults))
    before, after = told_again(case_of(world, old, new, facts.defaults))
    assert {place: first_of(outcome) for place, outcome in before.items()} == then
    assert after.keys() >= {place for place in now if place not in then}
    for place, outcome in after.items():
        assert not outcome.known or first_of(outcome) == now.get(place)


def test_whatever_a_change_may_say_is_tried_or_has_nothing_to_do_with_it() -> None:
    kinds = (SendStep, DelayStep, UntilStep, DigestStep, Workflow, Category)
    fields = {(kind, name) for kind in kinds for name in kind.__struct_fields__}
    assert fields == {key for key in CHANGES if key[0] in kinds} | OTHERS
    assert not OTHERS & CHANGES.keys()
