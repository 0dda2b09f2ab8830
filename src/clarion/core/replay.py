"""Replay: what is recorded of one user is decided again under changed rules, in order of time.

Caps, digests and waits are simulated: a counter is taken as recorded until the change reaches it,
from then on it is counted here; of digests only who is gathered is followed. Everything else that
was seen then is taken from the records.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable

import msgspec

from clarion.core.decide import decide
from clarion.core.decision import Gate, Result, StepDecision
from clarion.core.facts import WHOLE, Facts
from clarion.core.recipient import FOREVER
from clarion.core.replay_caps import CAPS, CapReplay
from clarion.core.replay_case import (
    TO_THE_END,
    Case,
    Outcome,
    Past,
    Place,
    Story,
    note,
    outcomes_of,
    recorded_story,
    span_of,
    waits,
)
from clarion.core.replay_facts import DIGEST_KEYS, SECOND, FactReplay, Supposed, refused
from clarion.core.workflow import DigestStep, SendStep

MOST_TURNS = 20
"""Decisions about one notification; one that waits again and again is left waiting."""


Outcomes = dict[Place, Outcome]
Sink = Callable[[Case, Outcomes, Outcomes], None]
"""Told of each notification at its end: what became of its sends then, and under the change."""

Key = tuple[int, int, int, str]
"""A digest that is open: (tenant, workflow, step, key)."""


class _Live(msgspec.Struct, kw_only=True):
    """A notification on its way. `rest` are the later decisions that nobody took up yet, `unknown`
    the sends of which nobody can tell what the change makes of them."""

    case: Case
    rest: list[Past]
    story: Story = {}
    unknown: set[int] = set()
    pending: int = 0
    turns: int = 0


class _Window(msgspec.Struct, kw_only=True):
    """A digest that was not recorded."""

    key: Key
    due: int
    latest: int
    live: _Live
    basis: Past
    span: tuple[int, int]


class _Turn(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that is due: of whom, from the facts of which recorded decision, which steps.
    `taken`: it stands for that decision."""

    live: _Live
    basis: Past
    taken: bool = False
    span: tuple[int, int] = WHOLE
    waited: tuple[str, ...] = ()
    window: _Window | None = None

    @property
    def past(self) -> Past | None:
        """The recorded decision that it stands for."""
        return self.basis if self.taken else None


class Replay:
    """Of one user. Hand over cases in the order of their events, then `end`.

    What still waits at the instant `until` is left waiting. `missing` counts facts that nobody
    knows any more, `simulated` what was not taken as recorded. `recount`: no cap is.
    """

    def __init__(self, sink: Sink, until: int, *, recount: bool = False) -> None:
        self.missing: Counter[str] = Counter()
        self.simulated: Counter[str] = Counter()
        self._sink = sink
        self._until = until
        self._due: list[tuple[int, int, int, _Turn]] = []
        self._count = 0
        self._caps = CapReplay(self.missing, self.simulated, recount=recount)
        self._facts = FactReplay(self.missing, self.simulated)
        self._more: Counter[bytes] = Counter()
        self._open: dict[Key, tuple[bytes, int]] = {}
        self._windows: dict[Key, _Window] = {}

    def feed(self, case: Case, watermark: int) -> None:
        """One more case; nothing that is handed over later was decided before `watermark`."""
        live = _Live(case=case, rest=list(case.later))
        first = case.first
        span = span_of(case)
        self._schedule(first.at, _Turn(live=live, basis=first, taken=True, span=span))
        self._advance(watermark)

    def end(self) -> None:
        """Decide all that is left."""
        self._advance(FOREVER)

    def _schedule(self, at: int, turn: _Turn, due: int | None = None) -> None:
        """Of those that were decided at one instant, what was due first comes first."""
        turn.live.pending += 1
        self._count += 1
        heapq.heappush(self._due, (at, at if due is None else due, self._count, turn))

    def _advance(self, watermark: int) -> None:
        while self._due and self._due[0][0] < watermark:
            at, _, _, turn = heapq.heappop(self._due)
            if turn.window is not None and turn.window.due > at:
                turn.live.pending -= 1
                self._schedule(turn.window.due, turn)
                continue
            if turn.window is not None:
                self._tell(turn.window, at)
            elif self._is_told(turn):
                self._decide(turn, at)
            turn.live.pending -= 1
            if not turn.live.pending:
                self._close(turn.live)

    def _close(self, live: _Live) -> None:
        case = live.case
        for past in live.rest:
            self._caps.give_up(case, past, {})
        before = outcomes_of(recorded_story(case), case.pairs.old_places) if case.event else {}
        self._sink(case, before, outcomes_of(live.story, case.pairs.new_places, live.unknown))

    def _is_told(self, turn: _Turn) -> bool:
        """Whether a recorded digest still tells anything."""
        case = turn.live.case
        if not case.gathered or turn.past is not case.first:
            return True
        return case.gathered + self._more[case.event] > 0

    def _decide(self, turn: _Turn, at: int) -> None:
        live = turn.live
        case, past = live.case, turn.past
        live.turns += 1
        if case.fixed and past is not None:
            note(live.story, case.old, past.facts.span, past.steps)
            return
        supposed = self._supposed(turn, at)
        facts = supposed.facts
        answers = decide(facts).steps
        self._caps.unsure.clear()
        asked = {
            answer.step: outcome
            for answer in answers
            if answer.result is Result.SEND
            and (outcome := self._caps.ask(case, past, answer.step, at)) is not None
        }
        if not all(told.granted for told in asked.values()):
            facts = msgspec.structs.replace(facts, caps=asked)
            answers = decide(facts).steps
        self._caps.give_up(case, past, asked)
        doubts = (*supposed.doubts, *[(CAPS, refused(step)) for step in self._caps.unsure])
        live.unknown |= self._facts.unknown(case, facts, answers, doubts)
        self._leave(case, past, answers)
        answers = tuple([_worded(answer, case, past) for answer in answers])
        note(live.story, case.flow.workflow, facts.span, answers)
        for answer in answers:
            if answer.result is Result.HOLD:
                self._hold(turn, answer)
            elif answer.result is Result.DIGEST:
                self._gather(turn, answer, at)

    def _supposed(self, turn: _Turn, at: int) -> Supposed:
        """The facts under the changed rules, before caps."""
        case, basis = turn.live.case, turn.basis
        expires_at = case.expires_at if turn.window is None else basis.facts.event.expires_at
        return self._facts.supposed(case, basis, at, expires_at, turn.span, turn.waited)

    def _hold(self, turn: _Turn, answer: StepDecision) -> None:
        """Decide again at the end of the wait: with the facts of then where they are known."""
        live, case = turn.live, turn.live.case
        until = answer.until or 0
        if until >= FOREVER or live.turns > MOST_TURNS:
            return
        alone = isinstance(case.flow.workflow.steps[answer.step], SendStep)
        span = (answer.step, answer.step + 1) if alone else (answer.step + 1, TO_THE_END)
        gates = (*turn.waited, str(answer.gate)) if alone else ()
        waited = tuple(dict.fromkeys(gates))
        then = _recorded_answer(turn.past, case.pairs.steps.get(answer.step, -1))
        after = self._take_up(live, case.pairs.steps.get(answer.step, -1), alone=alone)
        if then is not None and (then.result, then.until) == (answer.result, answer.until):
            if after is not None:  # else it still waits, or waited in vain
                turn = _Turn(live=live, basis=after, taken=True, span=span, waited=waited)
                self._schedule(after.at, turn, until)
            return
        if after is not None:
            self._caps.give_up(case, after, {})
        if until >= self._until:
            return
        self.simulated["waits"] += 1
        if after is None:
            self.missing["facts at the end of waits that nobody waited"] += 1
        turn = _Turn(live=live, basis=after or turn.basis, span=span, waited=waited)
        self._schedule(until, turn)

    def _take_up(self, live: _Live, old: int, *, alone: bool) -> Past | None:
        """The recorded decision after the wait at a step; each is taken up once."""
        first = old if alone else old + 1
        for past in live.rest if old >= 0 else ():
            if past.facts.span[0] == first:
                live.rest.remove(past)
                return past
        return None

    def _leave(self, case: Case, past: Past | None, answers: tuple[StepDecision, ...]) -> None:
        """Digests that were joined then, and are not under the change, hold one less."""
        if past is None or not case.joined:
            return
        now = {(answer.step, answer.until) for answer in answers if answer.result is Result.DIGEST}
        stays = {(old, until) for step, until in now for new, old in case.pairs.leads.items()
                 if new == step}  # fmt: skip
        for old, digest in case.joined.items():
            then = _recorded_answer(past, old)
            if then is not None and (old, then.until) not in stays:
                self._more[digest] -= 1

    def _gather(self, turn: _Turn, answer: StepDecision, at: int) -> None:
        """Join the digest that was joined then, or one that is open, or open one."""
        case = turn.live.case
        step = case.flow.workflow.steps[answer.step]
        old = case.pairs.leads.get(answer.step, -1)
        then = _recorded_answer(turn.past, old)
        until = answer.until or at
        word = case.answering.key(answer.step) if isinstance(step, DigestStep) else ""
        if then is not None and (then.result, then.until) == (answer.result, answer.until):
            joined = case.joined.get(old)
            if joined is not None and word is not None:
                self._open[case.tenant, case.workflow, answer.step, word] = (joined, until)
            return
        if word is None:
            self.missing[DIGEST_KEYS] += 1
        self.simulated["digests"] += 1
        key = (case.tenant, case.workflow, answer.step, word or "")
        recorded, ends = self._open.get(key, (b"", 0))
        if recorded and ends > at:
            self._more[recorded] += 1
            return
        window = self._windows.get(key)
        if window is not None:
            window.due = max(window.due, min(until, window.latest))
            window.basis = turn.basis
            return
        if until < self._until:
            self._open_window(turn, key, answer, at)

    def _open_window(self, turn: _Turn, key: Key, answer: StepDecision, at: int) -> None:
        step = turn.live.case.flow.workflow.steps[answer.step]
        due = latest = answer.until or at
        span = (answer.step, answer.step + 1)
        if isinstance(step, DigestStep):
            span = (answer.step + 1, TO_THE_END)
            if step.timing.most_seconds is not None:
                latest = max(due, at + step.timing.most_seconds * SECOND)
        case = msgspec.structs.replace(turn.live.case, event=b"", later=(), joined={}, gathered=0)
        live = _Live(case=case, rest=[])
        window = _Window(key=key, due=due, latest=latest, basis=turn.basis, span=span, live=live)
        self._windows[key] = window
        self._schedule(due, _Turn(live=live, basis=turn.basis, window=window))

    def _tell(self, window: _Window, at: int) -> None:
        """A digest that was not recorded closes; the facts are those of its last event."""
        self._windows.pop(window.key, None)
        facts = window.basis.facts
        event = msgspec.structs.replace(
            facts.event, actor=0, silent=False, expires_at=None, cancelled=False
        )
        facts = msgspec.structs.replace(facts, event=event, duplicate=False)
        self.missing["facts at the end of digests that nobody gathered"] += 1
        basis = msgspec.structs.replace(window.basis, facts=facts)
        self._decide(_Turn(live=window.live, basis=basis, span=window.span, window=window), at)


def replayed(case: Case, until: int) -> tuple[Outcomes, Outcomes, Replay]:
    """One case that no other has to do with."""
    found: list[tuple[Outcomes, Outcomes]] = []
    replay = Replay(lambda _, before, after: found.append((before, after)), until)
    replay.feed(case, case.first.at)
    replay.end()
    return *found[0], replay


def _told_nobody(_case: Case, _before: Outcomes, _after: Outcomes) -> None:
    return None


def changed_facts(case: Case) -> Facts:
    """The facts of the first decision under the change, with what caps said then."""
    replay = Replay(_told_nobody, FOREVER)
    turn = _Turn(live=_Live(case=case, rest=[]), basis=case.first, taken=True, span=span_of(case))
    facts = replay._supposed(turn, case.first.at).facts
    told = case.first.facts.caps
    kept = {new: told[old] for new, old in case.pairs.steps.items() if old in told}
    return msgspec.structs.replace(facts, caps={k: v for k, v in kept.items() if k in
                                                case.after.rules})  # fmt: skip


def _recorded_answer(past: Past | None, step: int) -> StepDecision | None:
    if past is None:
        return None
    return next((answer for answer in past.steps if answer.step == step and waits(answer)), None)


def _worded(answer: StepDecision, case: Case, past: Past | None) -> StepDecision:
    """What had no words then has none now, as nothing is rendered here."""
    if past is None or answer.result is not Result.SEND:
        return answer
    old = case.pairs.steps.get(answer.step, -1)
    for told in past.steps:
        if told.gate == Gate.CONTENT and told.step == old:
            return msgspec.structs.replace(told, step=answer.step)
    return answer
