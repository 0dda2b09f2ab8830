"""The facts of a replayed decision: recorded ones where the change leaves them what they were, else
those that the change looks up or simulates.

What a changed gate asks and nobody recorded is a doubt: the decision is made with one answer, and
is not known where the other one would make it another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import msgspec

from clarion.core.decide import decide
from clarion.core.decision import Gate, Result, StepDecision
from clarion.core.facts import LEADS, CapOutcome, Facts
from clarion.core.recipient import FOREVER, Recipient
from clarion.core.replay_case import Case, Past, Story, note
from clarion.core.workflow import DigestStep, Workflow

SECOND = 1_000_000
_REFUSED = CapOutcome(granted=False)

PRESENCE = "presence, which nobody asked for"
CONDITIONS = "conditions"
INSTANTS = "instants to wait for"
DEDUPE_KEYS = "dedupe keys"
DIGEST_KEYS = "keys of digests"

Doubt = tuple[str, Callable[[Facts], Facts]]
"""What nobody knows, and the facts with its other answer."""


class Supposed(msgspec.Struct, frozen=True):
    """The facts of a decision under the change, before caps, and what is in doubt about them."""

    facts: Facts
    doubts: list[Doubt]


class FactReplay:
    """Of one user. `missing` and `simulated` count what was not known, and what was simulated."""

    def __init__(self, missing: Counter[str], simulated: Counter[str]) -> None:
        self._missing = missing
        self._simulated = simulated
        self._lead_ends: dict[tuple[int, int, int, str], int] = {}
        self._held_keys: dict[tuple[int, str], int] = {}
        self._asked_anew: set[tuple[int, str]] = set()

    def supposed(
        self,
        case: Case,
        basis: Past,
        at: int,
        expires_at: int | None,
        span: tuple[int, int],
        waited: tuple[str, ...],
    ) -> Supposed:
        """As recorded in `basis`, but for what the change has a say in."""
        facts, doubts = basis.facts, list[Doubt]()
        large = facts.event.large if basis.large is None else basis.large
        changed = msgspec.structs.replace(
            facts,
            event=msgspec.structs.replace(facts.event, large=large, expires_at=expires_at),
            recipient=_with_consents(facts, basis),
            flow=case.flow,
            defaults=basis.defaults,
            now=at,
            span=span,
            waited=waited,
            caps={},
        )
        if not case.pairs.same:
            changed = msgspec.structs.replace(
                changed,
                whens=self._whens(case, basis, doubts),
                untils=self._untils(case, facts, doubts),
                leads=self._leads(case, facts, at, doubts),
            )
        if _asks_presence(case.flow.workflow) and not _asks_presence(case.old):
            doubts.append((PRESENCE, _active))
        duplicate = self._duplicate(case, basis, changed, doubts)
        return Supposed(msgspec.structs.replace(changed, duplicate=duplicate), doubts)

    def unknown(
        self, case: Case, facts: Facts, answers: tuple[StepDecision, ...], doubts: Iterable[Doubt]
    ) -> set[int]:
        """The sends that would have been decided otherwise if a doubt had the other answer."""
        found: set[int] = set()
        for what, other in doubts:
            steps = _differing(case.flow.workflow, facts, answers, decide(other(facts)).steps)
            if steps and what == PRESENCE:
                self._missing[what] += 1
            found |= steps
        return found

    def _duplicate(self, case: Case, basis: Past, facts: Facts, doubts: list[Doubt]) -> bool:
        """As recorded, while the same ask for the same keys; where somebody else asks, whoever
        would be told first holds a key, as live."""
        dedupe, at = case.flow.workflow.dedupe, facts.now
        if dedupe is None or basis is not case.first or case.gathered:
            return dedupe is not None and basis.facts.duplicate
        then = dedupe == case.old.dedupe and (basis.facts.duplicate or _is_told(basis.steps))
        facts = msgspec.structs.replace(facts, duplicate=False)
        now = _is_told(decide(facts).steps)
        word = case.answering.dedupe() if then or now else None
        key = (case.workflow, word or "")
        if not now:
            if then and word is not None:
                self._asked_anew.add(key)
            return False
        if not then and word is None:
            self._missing[DEDUPE_KEYS] += 1
            doubts.append((DEDUPE_KEYS, _taken))
            return False
        if not then:
            self._asked_anew.add(key)
        if word is None or key not in self._asked_anew:
            held = basis.facts.duplicate
        else:
            self._simulated[DEDUPE_KEYS] += 1
            held = self._held_keys.get(key, 0) > at
        if word is not None and not held:
            self._held_keys[key] = at + dedupe.window_seconds * SECOND
        return held

    def _whens(self, case: Case, basis: Past, doubts: list[Doubt]) -> dict[int, bool]:
        found = {}
        for step in case.flow.workflow.sends:
            if step.when is None:
                continue
            answer = basis.facts.whens.get(case.pairs.whens.get(step.index, -1))
            if answer is None and (basis is case.first or not case.answering.of_item(step.index)):
                answer = case.answering.when(step.index)
            if answer is None:
                self._missing[CONDITIONS] += 1
                doubts.append((CONDITIONS, _unmet(step.index)))
            found[step.index] = answer is not False
        return found

    def _untils(self, case: Case, facts: Facts, doubts: list[Doubt]) -> dict[int, int]:
        found = {}
        for step in case.flow.workflow.steps:
            if step.index in case.pairs.untils:
                known = facts.untils.get(case.pairs.untils[step.index])
            else:
                known = case.answering.until(step.index)
                if known is None and case.answering.waits(step.index):
                    self._missing[INSTANTS] += 1
                    doubts.append((INSTANTS, _not_come(step.index)))
            if known is not None:
                found[step.index] = known
        return found

    def _leads(self, case: Case, facts: Facts, at: int, doubts: list[Doubt]) -> dict[int, int]:
        found = {}
        for step in case.flow.workflow.steps:
            if not isinstance(step, DigestStep) or not step.timing.lead:
                continue
            known = facts.leads.get(case.pairs.leads.get(step.index, -1))
            if known is None:
                known = self._lead(case, step, at, doubts)
            found[step.index] = known
        return found

    def _lead(self, case: Case, step: DigestStep, at: int, doubts: list[Doubt]) -> int:
        """As the dedupe key of a lead is reserved: the first goes on, the others are gathered."""
        word = case.answering.key(step.index)
        window = (step.timing.window_seconds or 0) * SECOND
        if word is None:
            self._missing[DIGEST_KEYS] += 1
            doubts.append((DIGEST_KEYS, _led(step.index, at + window)))
            return LEADS
        key = (case.tenant, case.workflow, step.index, word)
        ends = self._lead_ends.get(key, 0)
        if ends > at:
            return ends
        self._lead_ends[key] = at + window
        return LEADS


def refused(step: int) -> Callable[[Facts], Facts]:
    """The facts with a cap of a step that has no room."""
    return lambda facts: msgspec.structs.replace(facts, caps={**facts.caps, step: _REFUSED})


def _differing(
    workflow: Workflow,
    facts: Facts,
    answers: tuple[StepDecision, ...],
    others: tuple[StepDecision, ...],
) -> set[int]:
    """The sends about which two decisions do not say the same."""
    one: Story = {}
    another: Story = {}
    note(one, workflow, facts.span, answers)
    note(another, workflow, facts.span, others)
    return {step for step in one.keys() | another.keys() if one.get(step) != another.get(step)}


def _asks_presence(workflow: Workflow) -> bool:
    """Whether it was looked up who is active."""
    return any(step.presence_seconds for step in workflow.sends)


def _is_told(steps: Iterable[StepDecision]) -> bool:
    """Whether the dedupe key was asked for: words that failed did so afterwards."""
    return any(one.result is not Result.SKIP or one.gate is Gate.CONTENT for one in steps)


def _taken(facts: Facts) -> Facts:
    return msgspec.structs.replace(facts, duplicate=True)


def _active(facts: Facts) -> Facts:
    recipient = msgspec.structs.replace(facts.recipient, active_until=FOREVER)
    return msgspec.structs.replace(facts, recipient=recipient)


def _unmet(step: int) -> Callable[[Facts], Facts]:
    return lambda facts: msgspec.structs.replace(facts, whens={**facts.whens, step: False})


def _not_come(step: int) -> Callable[[Facts], Facts]:
    return lambda facts: msgspec.structs.replace(
        facts, untils={**facts.untils, step: facts.now + SECOND}
    )


def _led(step: int, until: int) -> Callable[[Facts], Facts]:
    return lambda facts: msgspec.structs.replace(facts, leads={**facts.leads, step: until})


def _with_consents(facts: Facts, basis: Past) -> Recipient:
    if basis.consents is None:
        return facts.recipient
    return msgspec.structs.replace(facts.recipient, consents=basis.consents)
