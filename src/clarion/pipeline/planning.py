"""From recipients to rows: decide for each, render what is shown at once, and say what is to be
delivered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from clarion.core.decide import decide
from clarion.core.decision import Decision, Gate, Reason, Result, StepDecision
from clarion.core.facts import EventFacts, Facts, WorkflowFacts
from clarion.core.recipient import Mention, Recipient, Setting, Standing
from clarion.core.record import record
from clarion.core.states import Bucket, bucket_of
from clarion.core.workflow import CHANNEL_NUMBER, Channel, SendStep
from clarion.errors import InvalidError
from clarion.pipeline.catalogs import CompiledWorkflow
from clarion.pipeline.values import NOTHING_SEEN, person
from clarion.store.contract.people import UserRow
from clarion.store.contract.work import (
    ContentWrite,
    DeliveryWrite,
    ItemWrite,
    NotificationWrite,
    PageWrite,
)
from clarion.telemetry import decisions, logger

_log = logger("planning")
_encode = msgspec.json.Encoder().encode

Route = Callable[[Channel, str], str]
"""(channel, platform) -> name of the account that a delivery is given to."""


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
    ) -> None:
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
        self.whens: dict[int, bool] = {}
        self.rendered: dict[tuple[int, str], bool] = {}
        for index, condition in compiled.whens.items():
            if "user" not in condition.names:
                self.whens[index] = condition.truth({**values, "inbox": NOTHING_SEEN})

    @property
    def needs_people(self) -> bool:
        """Whether a template or condition asks for the user's own row before delivery."""
        personal_inbox = any(
            self.compiled.steps[step.index].personal
            for step in self.compiled.workflow.steps
            if step.channel is Channel.INBOX
        )
        return personal_inbox or len(self.whens) < len(self.compiled.whens)

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


def empty_page() -> PageWrite:
    """A page to fill."""
    return PageWrite(notifications=[], items=[], deliveries=[], contents=[])


class Planner:
    """Fills pages. `route` says which account a channel's message goes to."""

    def __init__(self, route: Route) -> None:
        self._route = route

    def plan(
        self,
        page: PageWrite,
        flow: Flow,
        recipients: list[Recipient],
        *,
        people: dict[int, UserRow],
        duplicates: frozenset[int] | set[int],
        now: int,
    ) -> None:
        """Decide for each recipient and add the rows to the page."""
        for recipient in recipients:
            if flow.mentions:
                recipient = msgspec.structs.replace(recipient, mention=flow.mention_of(recipient))
            facts = Facts(
                event=flow.facts,
                flow=flow.flow_facts,
                recipient=recipient,
                defaults=flow.defaults,
                duplicate=recipient.user in duplicates,
                whens=self._whens(flow, recipient, people),
                now=now,
            )
            decision = decide(facts)
            self._write(page, flow, facts, decision, people.get(recipient.user))

    def _whens(
        self, flow: Flow, recipient: Recipient, people: dict[int, UserRow]
    ) -> dict[int, bool]:
        if len(flow.whens) == len(flow.compiled.whens):
            return flow.whens
        values = {
            **flow.values,
            "inbox": NOTHING_SEEN,
            "user": person(people.get(recipient.user)),
        }
        own = {
            index: condition.truth(values)
            for index, condition in flow.compiled.whens.items()
            if index not in flow.whens
        }
        return flow.whens | own

    def _write(
        self,
        page: PageWrite,
        flow: Flow,
        facts: Facts,
        decision: Decision,
        row: UserRow | None,
    ) -> None:
        opened = sent = 0
        steps: list[StepDecision] = []
        by_index = flow.compiled.workflow.steps
        for answer in decision.steps:
            if answer.result is Result.SEND:
                step = by_index[answer.step]
                if step.channel is Channel.INBOX:
                    answer = self._inbox(page, flow, facts, answer, row)
                    sent += answer.result is Result.SEND
                else:
                    opened += self._deliveries(page, flow, facts, step)
            steps.append(answer)
            decisions.labels(answer.result.label, answer.reason).inc()
        decided = record(Decision(tuple(steps)), facts, flow.defaults_version)
        bucket = bucket_of(opened, 0, sent, 0) if (opened or sent) else Bucket.SKIPPED
        page.notifications.append(
            NotificationWrite(
                flow.env,
                flow.event,
                flow.compiled.row.number,
                facts.recipient.user,
                flow.facts.tenant,
                int(bucket),
                opened,
                0,
                sent,
                0,
                _encode(decided).decode(),
            )
        )

    def _inbox(
        self,
        page: PageWrite,
        flow: Flow,
        facts: Facts,
        answer: StepDecision,
        row: UserRow | None,
    ) -> StepDecision:
        """Write the item with its words; a template that fails on this event's data skips the
        step."""
        words = flow.compiled.steps[answer.step]
        locale = words.locale_for(facts.recipient.locale, *flow.locales)
        if not self._render(page, flow, facts, answer.step, locale, row):
            return StepDecision(answer.step, Result.SKIP, Gate.CONTENT, Reason.RENDER_FAILED)
        page.items.append(
            ItemWrite(
                flow.env,
                facts.recipient.user,
                flow.facts.tenant,
                flow.event,
                flow.compiled.row.number,
                answer.step,
                locale,
                int(words.personal),
                int(answer.alert),
                facts.now,
                flow.facts.expires_at,
            )
        )
        return answer

    def _render(
        self, page: PageWrite, flow: Flow, facts: Facts, step: int, locale: str, row: UserRow | None
    ) -> bool:
        words = flow.compiled.steps[step]
        if not words.personal and (step, locale) in flow.rendered:
            return flow.rendered[step, locale]
        values = flow.values
        if words.personal:
            values = {**values, "user": person(row)}
        try:
            fields = words.render(locale, values).fields
        except InvalidError as error:
            _log.warning("step %d of %s has no words: %s", step, flow.compiled.workflow.key, error)
            flow.rendered[step, locale] = False
            return False
        if not words.personal:
            flow.rendered[step, locale] = True
        page.contents.append(
            ContentWrite(
                flow.env,
                flow.event,
                flow.compiled.row.number,
                step,
                locale,
                facts.recipient.user if words.personal else 0,
                _encode(fields).decode(),
            )
        )
        return True

    def _deliveries(self, page: PageWrite, flow: Flow, facts: Facts, step: SendStep) -> int:
        recipient = facts.recipient
        destinations = recipient.destinations.get(step.channel, ())
        if step.channel is Channel.WEBHOOK:
            destinations = (0,)
        for destination in destinations:
            platform = recipient.platforms.get(destination, "")
            page.deliveries.append(
                DeliveryWrite(
                    flow.env,
                    flow.event,
                    flow.compiled.row.number,
                    recipient.user,
                    step.index,
                    CHANNEL_NUMBER[step.channel],
                    destination,
                    self._route(step.channel, platform),
                    flow.compiled.lane,
                    flow.facts.tenant,
                    facts.now,
                    facts.now,
                    flow.facts.expires_at,
                    flow.ordering_key,
                )
            )
        return len(destinations)


def nobody(destinations: dict[Channel, tuple[int, ...]], platforms: dict[int, str]) -> Recipient:
    """The reserved user 0: an endpoint or a provider-side topic."""
    return Recipient(
        user=0, standing=Standing.NOBODY, destinations=destinations, platforms=platforms
    )
