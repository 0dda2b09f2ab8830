"""What has to be asked of counters and keys before a decision stands: dedupe keys, who leads a
digest, caps.

Each is reserved in a transaction of its own, in the order of its keys, and is granted again to the
same holder: after a crash the same is answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from clarion.clock import SECOND
from clarion.core.cap_asks import Capped
from clarion.core.decide import decide
from clarion.core.decision import Result, StepDecision
from clarion.core.facts import LEADS, CapOutcome, Facts
from clarion.core.recipient import Recipient
from clarion.core.workflow import DigestStep
from clarion.pipeline.capping import asks_of, outcome_of
from clarion.pipeline.flow import Flow, key_text
from clarion.pipeline.values import person
from clarion.store.contract import Store
from clarion.store.contract.people import UserRow


class Reserved(msgspec.Struct, kw_only=True):
    """By user: whose dedupe key another event holds; what caps said by step; until when the
    window of a digest runs that another event leads, by step (LEADS: this one does)."""

    duplicates: set[int] = msgspec.field(default_factory=set)
    caps: dict[int, dict[int, CapOutcome]] = msgspec.field(default_factory=dict)
    leads: dict[int, dict[int, int]] = msgspec.field(default_factory=dict)

    def told(self, facts: Facts) -> Facts:
        """The facts of a user with what was answered."""
        user = facts.recipient.user
        return msgspec.structs.replace(
            facts,
            duplicate=user in self.duplicates,
            caps=self.caps.get(user, {}),
            leads=self.leads.get(user, {}),
        )


NOTHING = Reserved()


class Reserver:
    """Asks for the recipients of a flow, in rounds: who is told something unless it is a duplicate
    asks for the dedupe key, who would join a digest for its lead, who would be sent something for
    its caps."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def reserve(
        self, flow: Flow, facts: list[Facts], people: dict[int, UserRow], now: int
    ) -> Reserved:
        """Answers for each of the facts, which are of one flow and of different users."""
        reserved = Reserved()
        if not flow.reserves:
            return reserved
        if flow.compiled.dedupe is not None:
            await self._dedupe(flow, facts, people, reserved, now)
        digests = [
            step
            for step in flow.compiled.workflow.steps
            if isinstance(step, DigestStep) and step.timing.lead
        ]
        for step in digests:
            await self._lead(flow, step, facts, people, reserved, now)
        if flow.caps:
            await self._cap(flow, facts, people, reserved, now)
        return reserved

    async def _dedupe(
        self,
        flow: Flow,
        facts: list[Facts],
        people: dict[int, UserRow],
        reserved: Reserved,
        now: int,
    ) -> None:
        condition, dedupe = flow.compiled.dedupe, flow.compiled.workflow.dedupe
        if condition is None or dedupe is None:
            return
        shared = None if "user" in condition.names else key_text(condition, flow.values)
        keys = {}
        for recipient in _recipients_of(facts, reserved, _is_told):
            values = {**flow.values, "user": person(people.get(recipient.user))}
            key = key_text(condition, values) if shared is None else shared
            keys[recipient.user] = key
        taken = await self._take(flow, keys, now + dedupe.window_seconds * SECOND, now)
        reserved.duplicates.update(taken)

    async def _lead(
        self,
        flow: Flow,
        step: DigestStep,
        facts: list[Facts],
        people: dict[int, UserRow],
        reserved: Reserved,
        now: int,
    ) -> None:
        def joins(answer: StepDecision) -> bool:
            return answer.step == step.index and answer.result is Result.DIGEST

        keys = {
            recipient.user: f"\x01lead:{step.index}:"
            + flow.key_of(step.index, people.get(recipient.user))
            for recipient in _recipients_of(facts, reserved, joins)
        }
        window = (step.timing.window_seconds or 0) * SECOND
        taken = await self._take(flow, keys, now + window, now)
        for user in keys:
            reserved.leads.setdefault(user, {})[step.index] = taken.get(user, LEADS)

    async def _take(self, flow: Flow, keys: dict[int, str], until: int, now: int) -> dict[int, int]:
        """Users whose key another event holds, and until when."""
        if not keys:
            return {}
        workflow = flow.compiled.row.number
        rows = [(flow.env, flow.event, workflow, user, key, until) for user, key in keys.items()]
        taken = await self._store.work.reserve(rows, now)
        return {user: ends for (_, user, _), ends in taken.items()}

    async def cap(
        self, flow: Flow, facts: list[Facts], people: dict[int, UserRow], now: int
    ) -> Reserved:
        """What caps say to those whose wait is over."""
        reserved = Reserved()
        await self._cap(flow, facts, people, reserved, now)
        return reserved

    async def _cap(
        self,
        flow: Flow,
        facts: list[Facts],
        people: dict[int, UserRow],
        reserved: Reserved,
        now: int,
    ) -> None:
        asked: list[tuple[int, int, tuple[Capped, ...]]] = []
        groups = []
        for one in facts:
            known = reserved.told(one)
            user = known.recipient.user
            for answer in decide(known).steps:
                if answer.result is not Result.SEND or answer.step not in flow.caps:
                    continue
                caps, asks = asks_of(flow, user, people.get(user), answer.step)
                if asks:
                    asked.append((user, answer.step, caps))
                    groups.append(asks)
        if not groups:
            return
        answers = await self._store.caps.reserve(flow.env, groups, now, flow.compiled.lane)
        for (user, step, caps), told in zip(asked, answers, strict=True):
            reserved.caps.setdefault(user, {})[step] = outcome_of(caps, told)


def _is_told(answer: StepDecision) -> bool:
    return answer.result is not Result.SKIP


def _recipients_of(
    facts: list[Facts], reserved: Reserved, wanted: Callable[[StepDecision], bool]
) -> Iterable[Recipient]:
    for one in facts:
        if any(wanted(answer) for answer in decide(reserved.told(one)).steps):
            yield one.recipient
