"""Expressions evaluated on what is still kept of past events: conditions, keys of digests and
caps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from clarion.conditions.contract import CompiledCondition
from clarion.core.cap_asks import NOTIFICATION, Capped, ask_of
from clarion.core.caps import CapAnswer, CapAsk
from clarion.core.facts import CapOutcome
from clarion.core.replay_case import Answering, Asking
from clarion.pipeline.capping import outcome_of
from clarion.pipeline.compiled import CompiledWorkflow
from clarion.pipeline.directory import Directory
from clarion.pipeline.flow import instant, key_text
from clarion.pipeline.values import NOTHING_SEEN, event_values, person
from clarion.store.contract import Store
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import UserRow
from clarion.store.contract.simulations import EventPin

Rules = dict[int, tuple[Capped, ...]]
"""The caps of each step that has any."""

NEW_STEP = 1_000
"""Added to the index of a step that stands for none."""

_NO_RULES = Asking()
_plain = msgspec.json.Decoder().decode


class PastWords:
    """Payloads and people of a batch. Users are seen as they are now."""

    def __init__(
        self,
        payloads: dict[bytes, str],
        people: dict[int, UserRow],
        tenants: dict[int, str],
        actors: dict[int, str],
    ) -> None:
        self._payloads = payloads
        self._people = people
        self._tenants = tenants
        self._actors = actors

    @classmethod
    async def read(
        cls, store: Store, directory: Directory, env: int, wanted: list[tuple[EventPin, int]]
    ) -> PastWords:
        """For events and the users that they were decided for."""
        if not wanted:
            return cls({}, {}, {}, {})
        events = sorted({event.event for event, _ in wanted})
        actors = {event.actor for event, _ in wanted} - {0}
        users = sorted(actors | {user for _, user in wanted if user})
        return cls(
            await store.simulations.payloads(env, events),
            await store.people.users_by_number(env, users) if users else {},
            await directory.names(env, NameKind.TENANT, {event.tenant for event, _ in wanted}),
            await directory.names(env, NameKind.USER, actors),
        )

    def values(self, event: EventPin, user: int, now: int) -> dict[str, Any] | None:
        """What an expression sees; None when the payload is gone."""
        payload = self._payloads.get(event.event)
        if payload is None:
            return None
        actor = person(self._people.get(event.actor), self._actors.get(event.actor))
        values = event_values(
            event=event.event, type_=event.type, accepted_at=event.accepted_at,
            data=_plain(payload), actor=actor, tenant=self._tenants.get(event.tenant), now=now,
        )  # fmt: skip
        return {**values, "user": person(self._people.get(user)), "inbox": NOTHING_SEEN}

    def answering(
        self, event: EventPin, compiled: CompiledWorkflow, user: int, version: int, now: int
    ) -> Answering:
        """Answers of one recipient of an event under the changed workflow. `version` is that of the
        user then: of who was changed since it is not known what was there."""
        dedupe = compiled.dedupe
        if not (compiled.whens or compiled.untils or compiled.keys or dedupe is not None):
            return _ANSWERS_NOTHING
        row = self._people.get(user)
        changed = row is not None and row.version != version

        def values(condition: CompiledCondition) -> dict[str, Any] | None:
            if changed and "user" in condition.names:
                return None
            return self.values(event, user, now)

        def when(step: int) -> bool | None:
            seen = values(compiled.whens[step])
            return None if seen is None else compiled.whens[step].truth(seen)

        def until(step: int) -> int | None:
            if step not in compiled.untils:
                return None
            seen = values(compiled.untils[step])
            return None if seen is None else instant(compiled.untils[step], seen)

        def key(step: int) -> str | None:
            if step not in compiled.keys:
                return ""
            seen = values(compiled.keys[step])
            return None if seen is None else key_text(compiled.keys[step], seen)

        def dedupe_key() -> str | None:
            seen = None if dedupe is None else values(dedupe)
            return None if dedupe is None or seen is None else key_text(dedupe, seen)

        return Answering(
            when=when,
            until=until,
            key=key,
            dedupe=dedupe_key,
            waits=compiled.untils.__contains__,
            of_item=lambda step: "inbox" in compiled.whens[step].names,
        )


def _no_key(_step: int) -> str:
    return ""


_ANSWERS_NOTHING = Answering(key=_no_key)


def asking_of(
    event: EventPin,
    compiled: CompiledWorkflow,
    rules: Rules,
    user: int,
    words: PastWords,
    steps: Mapping[int, int] | None = None,
) -> Asking:
    """What the steps ask of their caps for one recipient. `steps` leads to those that they stand
    for, so that both ask the same counters."""
    if not rules:
        return _NO_RULES

    def asks(step: int) -> list[CapAsk] | None:
        found = []
        for capped in rules.get(step, ()):
            key = _key_of(compiled.cap_keys.get(capped.rule.key or ""), event, user, words)
            if key is None:
                return None
            if capped.step != NOTIFICATION and steps is not None:
                counted = steps.get(capped.step, capped.step + NEW_STEP)
                capped = msgspec.structs.replace(capped, step=counted)
            number = compiled.row.number
            ask = ask_of(capped, event=event.event, workflow=number, user=user, key=key)
            if ask is not None:
                found.append(ask)
        return found

    def outcome(step: int, answers: list[CapAnswer]) -> CapOutcome:
        return outcome_of(rules[step], answers)

    return Asking(
        rules={step: tuple(map(_rule, caps)) for step, caps in rules.items()},
        asks=asks,
        outcome=outcome,
    )


def _rule(capped: Capped) -> tuple[Any, ...]:
    """A cap wherever its step stands."""
    return (capped.label, capped.rule, capped.scope, capped.number, capped.tenant, capped.channel)


def _key_of(
    condition: CompiledCondition | None, event: EventPin, user: int, words: PastWords
) -> str | None:
    if condition is None:
        return ""
    values = words.values(event, user, event.accepted_at)
    return None if values is None else key_text(condition, values)
