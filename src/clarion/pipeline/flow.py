"""One event under one workflow: all that its recipients share."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.conditions.contract import CompiledCondition
from clarion.core.decision import StepDecision
from clarion.core.facts import EventFacts, WorkflowFacts
from clarion.core.recipient import Mention, Recipient, Setting
from clarion.errors import InvalidError
from clarion.pipeline.cap_rules import NONE_SET, UsualCaps, rules_of
from clarion.pipeline.compiled import CompiledWorkflow
from clarion.pipeline.values import NOTHING_SEEN, person
from clarion.store.contract.people import UserRow


class Decided(msgspec.Struct, frozen=True, gc=False):
    """What was decided, and the same encoded for the ledger."""

    steps: tuple[StepDecision, ...]
    encoded: str


def key_text(condition: CompiledCondition, values: dict[str, Any]) -> str:
    """The value of a key; one that is missing counts as the empty key."""
    try:
        return condition.text(values)
    except InvalidError:
        return ""


def instant(condition: CompiledCondition, values: dict[str, Any]) -> int:
    """The instant of an `until` step; what is none counts as over."""
    try:
        return condition.instant(values)
    except InvalidError:
        return 0


class Flow:
    """One event under one workflow: all that its recipients share, and what was rendered for
    them so far."""

    def __init__(
        self,
        *,
        env: int,
        event: bytes,
        compiled: CompiledWorkflow,
        facts: EventFacts,
        paused: bool,
        values: dict[str, Any],
        mentions: tuple[tuple[str, Any], ...],
        defaults: tuple[Setting, ...],
        defaults_version: int,
        locales: tuple[str | None, ...],
        ordering_key: str | None,
        now: int,
        caps: UsualCaps = NONE_SET,
        test: bool = False,
        trace: str | None = None,
        correlation: str | None = None,
    ) -> None:
        """`trace`: where its decisions are told, None for nowhere (`EventWrite.trace`)."""
        self.env = env
        self.event = event.hex()
        self.compiled = compiled
        self.facts = facts
        self.flow_facts: WorkflowFacts = compiled.facts(paused)
        self.values = values
        self.mentions = mentions
        self.defaults = defaults
        self.defaults_version = defaults_version
        self.locales = locales
        self.ordering_key = ordering_key
        self.now = now
        self.trace = trace
        self.correlation = correlation
        self.caps = {} if test else rules_of(compiled, facts.tenant, caps)
        self.whens: dict[int, bool] = {}
        self.untils: dict[int, int] = {}
        self.keys: dict[int, str] = {}
        self.rendered: dict[tuple[int, str], bool] = {}
        self.decided: dict[tuple[Any, ...], Decided] = {}
        self._chosen: dict[tuple[int, str | None], str] = {}
        for index, condition in compiled.whens.items():
            if "user" not in condition.names:
                self.whens[index] = condition.truth({**values, "inbox": NOTHING_SEEN})
        for index, condition in compiled.untils.items():
            if "user" not in condition.names:
                self.untils[index] = instant(condition, values)
        for index, condition in compiled.keys.items():
            if "user" not in condition.names:
                self.keys[index] = key_text(condition, values)
        self.needs_people = (
            compiled.personal_inbox
            or len(self.whens) < len(compiled.whens)
            or len(self.untils) < len(compiled.untils)
            or len(self.keys) < len(compiled.keys)
            or (compiled.dedupe is not None and "user" in compiled.dedupe.names)
            or any("user" in condition.names for condition in compiled.cap_keys.values())
        )
        self.reserves = not test and (compiled.reserves or bool(self.caps))

    @property
    def impersonal(self) -> bool:
        """Whether nothing asks who somebody is, so that people may be decided by kind."""
        return not (
            self.needs_people
            or self.reserves
            or self.mentions
            or self.facts.thread
            or self.compiled.asks_presence
        )

    @property
    def kind(self) -> tuple[Any, ...]:
        """What decisions depend on beside the recipient, conditions and instants."""
        facts = self.facts
        return (
            self.compiled.pin,
            self.flow_facts.paused,
            self.defaults_version,
            facts.tenant,
            facts.actor,
            facts.silent,
            facts.expires_at,
            facts.cancelled,
            facts.about_chain,
            facts.thread,
            facts.large,
            facts.zone,
        )

    def locale_of(self, step: int, locale: str | None) -> str:
        """The template's locale for a user's own."""
        key = (step, locale)
        chosen = self._chosen.get(key)
        if chosen is None:
            chosen = self.compiled.steps[step].locale_for(locale, *self.locales)
            self._chosen[key] = chosen
        return chosen

    def likeness(self, recipient: Recipient) -> tuple[Any, ...] | None:
        """What the decision and its record depend on, for a person without a word of their own.

        People who are alike in it get the same answer, so it is asked once: `decide` looks at a
        user's number only to see whether the user is the actor.
        """
        if (
            recipient.settings
            or recipient.user == self.facts.actor
            or self.needs_people
            or self.reserves
        ):
            return None
        return (
            recipient.standing,
            recipient.user_version,
            recipient.settings_version,
            recipient.locale,
            recipient.zone,
            recipient.consents,
            recipient.suppressed,
            recipient.active_until,
            recipient.mention,
            recipient.in_thread,
            recipient.topic,
            tuple(
                (channel, len(destinations))
                for channel, destinations in recipient.destinations.items()
            ),
        )

    def key_of(self, step: int, row: UserRow | None) -> str:
        """The key of a digest step or an aggregating item; "" where it has none."""
        if step in self.keys or step not in self.compiled.keys:
            return self.keys.get(step, "")
        return key_text(self.compiled.keys[step], {**self.values, "user": person(row)})

    def cap_key(self, source: str, row: UserRow | None) -> str:
        """The value of a cap's key; one of a tenant's or environment's cap has none."""
        condition = self.compiled.cap_keys.get(source)
        if condition is None:
            return ""
        return key_text(condition, {**self.values, "user": person(row)})

    def untils_of(self, row: UserRow | None) -> dict[int, int]:
        """The instants of the steps that wait for one."""
        if len(self.untils) == len(self.compiled.untils):
            return self.untils
        values = {**self.values, "user": person(row)}
        own = {
            index: instant(condition, values)
            for index, condition in self.compiled.untils.items()
            if index not in self.untils
        }
        return self.untils | own

    def mention_of(self, recipient: Recipient) -> Mention:
        """How the event mentions a person: directly before by reply, role or everyone."""
        best = Mention.NONE
        for kind, who in self.mentions:
            if kind == "user" and who == recipient.user:
                return Mention.USER
            if kind == "reply" and who == recipient.user:
                best = Mention.REPLY
            elif kind == "role" and who in recipient.roles and best is not Mention.REPLY:
                best = Mention.ROLE
            elif kind == "everyone" and best is Mention.NONE:
                best = Mention.EVERYONE
        return best
