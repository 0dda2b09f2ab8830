"""Expressions evaluated on what is still kept of past events: conditions, keys of digests and
caps."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.clock import SECOND
from clarion.conditions.contract import CompiledCondition
from clarion.core.cap_asks import holder_of
from clarion.core.caps import CapAnswer, CapAsk, CapScope
from clarion.core.facts import CapOutcome
from clarion.core.replay_case import Answering, Asking
from clarion.core.workflow import CHANNEL_NUMBER
from clarion.pipeline.capping import StepRule, outcome_of
from clarion.pipeline.compiled import CompiledWorkflow
from clarion.pipeline.directory import Directory
from clarion.pipeline.flow import instant, key_text
from clarion.pipeline.values import NOTHING_SEEN, event_values, person
from clarion.store.contract import Store
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import UserRow
from clarion.store.contract.simulations import EventPin

Rules = dict[int, tuple[StepRule, ...]]
"""The caps of each step that has any."""

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
        self, event: EventPin, compiled: CompiledWorkflow, user: int, now: int
    ) -> Answering:
        """Answers of one recipient of an event under the changed workflow."""
        if not (compiled.whens or compiled.untils or compiled.keys):
            return _ANSWERS_NOTHING

        def values() -> dict[str, Any] | None:
            return self.values(event, user, now)

        def when(step: int) -> bool | None:
            seen = values()
            return None if seen is None else compiled.whens[step].truth(seen)

        def until(step: int) -> int | None:
            if step not in compiled.untils:
                return None
            seen = values()
            return None if seen is None else instant(compiled.untils[step], seen)

        def key(step: int) -> str | None:
            if step not in compiled.keys:
                return ""
            seen = values()
            return None if seen is None else key_text(compiled.keys[step], seen)

        return Answering(when=when, until=until, key=key)


def _no_key(_step: int) -> str:
    return ""


_ANSWERS_NOTHING = Answering(key=_no_key)


def asking_of(
    event: EventPin, compiled: CompiledWorkflow, rules: Rules, user: int, words: PastWords
) -> Asking:
    """What the steps ask of their caps for one recipient."""
    if not rules:
        return _NO_RULES

    def asks(step: int) -> list[CapAsk] | None:
        found = []
        for one in rules.get(step, ()):
            key = _key_of(compiled.cap_keys.get(one.rule.key or ""), event, user, words)
            if key is None:
                return None
            found.append(_ask(one, event, compiled, user, step, key))
        return found

    def outcome(step: int, answers: list[CapAnswer]) -> CapOutcome:
        return outcome_of(rules[step], answers)

    return Asking(rules={**rules}, asks=asks, outcome=outcome)


def _key_of(
    condition: CompiledCondition | None, event: EventPin, user: int, words: PastWords
) -> str | None:
    if condition is None:
        return ""
    values = words.values(event, user, event.accepted_at)
    return None if values is None else key_text(condition, values)


def _ask(
    one: StepRule, event: EventPin, compiled: CompiledWorkflow, user: int, step: int, key: str
) -> CapAsk:
    rule, channel = one.rule, compiled.sends[step].channel
    return CapAsk(
        scope=one.scope,
        number=one.number,
        user=user if rule.per == "user" else 0,
        channel=CHANNEL_NUMBER[channel] if one.scope is CapScope.USER_CHANNEL else 0,
        key=f"{step}:{key}" if one.scope is CapScope.STEP else key,
        limit=rule.limit,
        window_us=rule.window_seconds * SECOND,
        holder=holder_of(event.event, compiled.row.number, user, step),
        tenant=event.tenant if rule.per == "tenant" else 0,
    )
