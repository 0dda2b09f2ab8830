"""What replay is told of one recorded notification, and what it tells of it: records and pairs.

The steps of a changed workflow stand for those of the recorded one: the n-th send of a channel for
the n-th send of that channel, the n-th wait of a kind for the n-th of that kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable

import msgspec

from clarion.core.caps import CapAnswer, CapAsk
from clarion.core.decision import Result, StepDecision
from clarion.core.facts import CapOutcome, Facts, WorkflowFacts
from clarion.core.recipient import Consent, Setting
from clarion.core.workflow import DelayStep, DigestStep, SendStep, Step, UntilStep, Workflow

TO_THE_END = 2**31
"""A span of steps without an end."""

Place = tuple[str, int]
"""A channel's word, and which of its sends (from 0)."""

Story = dict[int, list[StepDecision]]
"""By send step what was answered for it, one after the other."""


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded decision: the facts it was made of and its answers. As the change has them: the
    rows of tenant and environment, whether the audience is a large one, and the consents about its
    category (None: as recorded)."""

    facts: Facts
    steps: tuple[StepDecision, ...]
    defaults: tuple[Setting, ...] = ()
    large: bool | None = None
    consents: tuple[Consent, ...] | None = None

    @property
    def at(self) -> int:
        """When it was made, in microseconds."""
        return self.facts.now


class Outcome(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What became of one send: the first answer, and (`ends`) the last one. `until` is that of the
    first. `result` is a word of Result, or `none` where nothing was decided. Not `known`: it
    depends on a fact that nobody recorded."""

    result: str
    reason: str = ""
    alert: bool = True
    until: int | None = None
    ends: str = ""
    ends_reason: str = ""
    known: bool = True


NONE = Outcome("none", ends="none")


class Pairs(msgspec.Struct, frozen=True, kw_only=True):
    """Steps of the new workflow (by index) and those of the old one that they stand for. `whens`
    and `untils` lead to steps with the same expression, `leads` to digests with the same timing
    and key. `same`: every step is what it was. The places are those of the sends by step."""

    same: bool
    steps: dict[int, int]
    whens: dict[int, int]
    untils: dict[int, int]
    leads: dict[int, int]
    old_places: dict[int, Place]
    new_places: dict[int, Place]


def _nothing(_step: int) -> None:
    return None


def _unkept() -> None:
    return None


def _never(_step: int) -> bool:
    return False


def _granted(_step: int, _answers: list[CapAnswer]) -> CapOutcome:
    return CapOutcome(granted=True)


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """The caps of one flow. `asks(step)` are the asks of a send step for this recipient, or None
    where the value of a key is not known any more; `outcome(step, answers)` is what the answers
    come to. `rules` tell whether a step's caps are what they were."""

    rules: dict[int, object] = {}
    asks: Callable[[int], list[CapAsk] | None] = _nothing
    outcome: Callable[[int, list[CapAnswer]], CapOutcome] = _granted


NO_ASKING = Asking()


class Answering(msgspec.Struct, frozen=True, kw_only=True):
    """Expressions of the changed workflow that nobody evaluated then, by step; None: what they look
    at is not kept any more. `waits`: there is an instant to wait for. `of_item`: the condition
    looks at what became of the inbox item since."""

    when: Callable[[int], bool | None] = _nothing
    until: Callable[[int], int | None] = _nothing
    key: Callable[[int], str | None] = _nothing
    dedupe: Callable[[], str | None] = _unkept
    waits: Callable[[int], bool] = _never
    of_item: Callable[[int], bool] = _never


NO_ANSWERING = Answering()


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded notification. `later` are the decisions after its waits, in order. `flow`
    and `expires_at` are those of the change. `joined` are the digests it joined, by the old
    step. `gathered`: it is itself the telling of a digest, and of so many events. `counted`: its
    outcome counts (in the warm-up it does not). `fixed`: its answers stand, whatever the rules
    are."""

    event: bytes
    workflow: int
    user: int
    tenant: int
    first: Past
    later: tuple[Past, ...] = ()
    flow: WorkflowFacts
    expires_at: int | None = None
    pairs: Pairs
    before: Asking = NO_ASKING
    after: Asking = NO_ASKING
    answering: Answering = NO_ANSWERING
    joined: dict[int, bytes] = {}
    gathered: int = 0
    counted: bool = True
    fixed: bool = False

    @property
    def old(self) -> Workflow:
        """The workflow as it was recorded."""
        return self.first.facts.flow.workflow


def pairs_of(old: Workflow, new: Workflow) -> Pairs:
    """Which steps stand for which."""
    places = dict(_placed(old.steps))
    steps = {
        step.index: places[place].index for place, step in _placed(new.steps) if place in places
    }
    whens = {step.when: step.index for step in old.sends if step.when is not None}
    untils = {
        step.instant: step.index
        for step in old.steps
        if isinstance(step, UntilStep) and step.instant is not None
    }
    return Pairs(
        same=old.steps == new.steps,
        steps=steps,
        whens={s.index: whens[s.when] for s in new.sends if s.when in whens},
        untils={
            step.index: untils[step.instant]
            for step in new.steps
            if isinstance(step, UntilStep) and step.instant in untils
        },
        leads={
            new_index: old_index
            for new_index, old_index in steps.items()
            if _same_digest(old.steps[old_index], new.steps[new_index])
        },
        old_places=places_of(old),
        new_places=places_of(new),
    )


def places_of(workflow: Workflow) -> dict[int, Place]:
    """By send step its channel, and which send of that channel it is."""
    seen: Counter[str] = Counter()
    found = {}
    for step in workflow.sends:
        found[step.index] = (step.channel.value, seen[step.channel.value])
        seen[step.channel.value] += 1
    return found


def note(
    story: Story, workflow: Workflow, span: tuple[int, int], answers: Iterable[StepDecision]
) -> None:
    """Add the answers of one decision: a step that waits answers for the sends behind it."""
    by_step = {answer.step: answer for answer in answers}
    whole, wait = by_step.get(-1), None
    for step in workflow.steps[span[0] : span[1]]:
        if not isinstance(step, SendStep):
            wait = by_step.get(step.index, wait)
            continue
        answer = whole or by_step.get(step.index) or wait
        if answer is not None:
            story.setdefault(step.index, []).append(answer)


def recorded_story(case: Case) -> Story:
    """What was answered then."""
    story: Story = {}
    for past in (case.first, *case.later):
        note(story, case.old, past.facts.span, past.steps)
    return story


def outcomes_of(
    story: Story, places: dict[int, Place], unknown: Container[int] = ()
) -> dict[Place, Outcome]:
    """By place what became of the send; `unknown` are the steps of which nobody can tell."""
    return {
        places[step]: _outcome(answers, known=step not in unknown)
        for step, answers in story.items()
    }


def _outcome(answers: list[StepDecision], *, known: bool) -> Outcome:
    first, last = answers[0], answers[-1]
    return Outcome(
        first.result.label, first.reason, first.alert, first.until, last.result.label,
        last.reason, known,
    )  # fmt: skip


def waits(answer: StepDecision) -> bool:
    """Whether an answer is followed by another one."""
    return answer.result in (Result.HOLD, Result.DIGEST)


def _placed(steps: tuple[Step, ...]) -> list[tuple[tuple[str, int], Step]]:
    seen: Counter[str] = Counter()
    found: list[tuple[tuple[str, int], Step]] = []
    for step in steps:
        kind = _kind(step)
        found.append(((kind, seen[kind]), step))
        seen[kind] += 1
    return found


def _kind(step: Step) -> str:
    if isinstance(step, SendStep):
        return step.channel.value
    if isinstance(step, DelayStep):
        return "delay"
    return "until" if isinstance(step, UntilStep) else "digest"


def _same_digest(old: Step, new: Step) -> bool:
    """Whether what is gathered by one is gathered alike by the other; a send that gathers has no
    timing of its own."""
    if isinstance(old, DigestStep) and isinstance(new, DigestStep):
        return (old.timing, old.key) == (new.timing, new.key)
    return isinstance(old, SendStep) and isinstance(new, SendStep)


def span_of(case: Case) -> tuple[int, int]:
    """The first steps to decide; what tells a digest begins behind the step that gathered."""
    first, end = case.first.facts.span
    if case.pairs.same or not case.gathered:
        return first, end
    back = {old: new for new, old in case.pairs.steps.items()}
    if end == first + 1:
        new = back.get(first, TO_THE_END)
        return new, new + 1
    return back.get(first - 1, TO_THE_END) + 1, end
