"""From recipients to rows: decide for each, render what is shown at once, and say what is to be
delivered."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from clarion.core.decide import decide
from clarion.core.decision import Decision, Gate, Reason, Result, StepDecision
from clarion.core.facts import EventFacts, Facts, WorkflowFacts
from clarion.core.recipient import Mention, Recipient, Setting, Standing
from clarion.core.record import record
from clarion.core.states import bucket_of
from clarion.core.workflow import CHANNEL_NUMBER, Channel, SendStep
from clarion.errors import InvalidError
from clarion.pipeline.catalogs import CompiledWorkflow
from clarion.pipeline.routes import Route
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

"""(channel, platform) -> name of the account that a delivery is given to."""


class Decided(msgspec.Struct, frozen=True, gc=False):
    """What was decided, and the same encoded for the ledger."""

    steps: tuple[StepDecision, ...]
    encoded: str


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
        self.decided: dict[tuple[Any, ...], Decided] = {}
        self._chosen: dict[tuple[int, str | None], str] = {}
        for index, condition in compiled.whens.items():
            if "user" not in condition.names:
                self.whens[index] = condition.truth({**values, "inbox": NOTHING_SEEN})
        self.needs_people = (
            compiled.personal_inbox
            or len(self.whens) < len(compiled.whens)
            or (compiled.dedupe is not None and "user" in compiled.dedupe.names)
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
        if recipient.settings or recipient.user == self.facts.actor or self.needs_people:
            return None
        return (
            recipient.standing,
            recipient.user_version,
            recipient.settings_version,
            recipient.locale,
            recipient.mention,
            recipient.in_thread,
            recipient.topic,
            tuple(
                (channel, len(destinations))
                for channel, destinations in recipient.destinations.items()
            ),
        )

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
        self._told: Counter[tuple[Result, str]] = Counter()

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
            recipient = _mentioned(flow, recipient)
            row = people.get(recipient.user)
            duplicate = recipient.user in duplicates
            likeness = None if duplicate else flow.likeness(recipient)
            decided = flow.decided.get(likeness) if likeness is not None else None
            if decided is None:
                decided = self._decide(page, flow, recipient, row, duplicate, now)
                if likeness is not None:
                    flow.decided[likeness] = decided
            self._write(page, flow, recipient, decided, now)
            for step in decided.steps:
                self._told[step.result, step.reason] += 1

    def count(self) -> None:
        """Add what was decided since the last call to the metrics."""
        for (result, reason), count in self._told.items():
            decisions.labels(result.label, reason).inc(count)
        self._told.clear()

    def wanting(
        self, flow: Flow, recipients: list[Recipient], *, people: dict[int, UserRow], now: int
    ) -> list[Recipient]:
        """Who is told something unless it turns out to be a duplicate."""
        wanting = []
        for recipient in recipients:
            recipient = _mentioned(flow, recipient)
            facts = self._facts(flow, recipient, people.get(recipient.user), False, now)
            if any(step.result is not Result.SKIP for step in decide(facts).steps):
                wanting.append(recipient)
        return wanting

    def _facts(
        self, flow: Flow, recipient: Recipient, row: UserRow | None, duplicate: bool, now: int
    ) -> Facts:
        return Facts(
            event=flow.facts,
            flow=flow.flow_facts,
            recipient=recipient,
            defaults=flow.defaults,
            duplicate=duplicate,
            whens=self._whens(flow, row),
            now=now,
        )

    def _decide(
        self,
        page: PageWrite,
        flow: Flow,
        recipient: Recipient,
        row: UserRow | None,
        duplicate: bool,
        now: int,
    ) -> Decided:
        """Decide, and render what the inbox shows; a template that fails skips its step."""
        facts = self._facts(flow, recipient, row, duplicate, now)
        steps = tuple(
            [self._rendered(page, flow, recipient, answer, row) for answer in decide(facts).steps]
        )
        kept = record(Decision(steps), facts, flow.defaults_version)
        return Decided(steps, _encode(kept).decode())

    def _whens(self, flow: Flow, row: UserRow | None) -> dict[int, bool]:
        if len(flow.whens) == len(flow.compiled.whens):
            return flow.whens
        values = {**flow.values, "inbox": NOTHING_SEEN, "user": person(row)}
        own = {
            index: condition.truth(values)
            for index, condition in flow.compiled.whens.items()
            if index not in flow.whens
        }
        return flow.whens | own

    def _rendered(
        self,
        page: PageWrite,
        flow: Flow,
        recipient: Recipient,
        answer: StepDecision,
        row: UserRow | None,
    ) -> StepDecision:
        """The answer as it is, unless it is an inbox item that gets no words."""
        step = flow.compiled.workflow.steps[answer.step]
        if answer.result is not Result.SEND or step.channel is not Channel.INBOX:
            return answer
        if self._render(page, flow, recipient, answer.step, row):
            return answer
        return StepDecision(answer.step, Result.SKIP, Gate.CONTENT, Reason.RENDER_FAILED)

    def _write(
        self,
        page: PageWrite,
        flow: Flow,
        recipient: Recipient,
        decided: Decided,
        now: int,
    ) -> None:
        opened = sent = 0
        for answer in decided.steps:
            if answer.result is not Result.SEND:
                continue
            step = flow.compiled.workflow.steps[answer.step]
            if step.channel is not Channel.INBOX:
                opened += self._deliveries(page, flow, recipient, step, now)
            else:
                self._item(page, flow, recipient, answer, now)
                sent += 1
        bucket = bucket_of(opened, 0, sent, 0)
        page.notifications.append(
            NotificationWrite(
                flow.env,
                flow.event,
                flow.compiled.row.number,
                recipient.user,
                flow.facts.tenant,
                int(bucket),
                opened,
                0,
                sent,
                0,
                decided.encoded,
            )
        )

    def _item(
        self, page: PageWrite, flow: Flow, recipient: Recipient, answer: StepDecision, now: int
    ) -> None:
        page.items.append(
            ItemWrite(
                flow.env,
                recipient.user,
                flow.facts.tenant,
                flow.event,
                flow.compiled.row.number,
                answer.step,
                flow.locale_of(answer.step, recipient.locale),
                int(flow.compiled.steps[answer.step].personal),
                int(answer.alert),
                now,
                flow.facts.expires_at,
            )
        )

    def _render(
        self, page: PageWrite, flow: Flow, recipient: Recipient, step: int, row: UserRow | None
    ) -> bool:
        """Put the words of a step on the page: once a locale, or for this person."""
        words = flow.compiled.steps[step]
        locale = flow.locale_of(step, recipient.locale)
        if not words.personal and (step, locale) in flow.rendered:
            return flow.rendered[step, locale]
        values = {**flow.values, "user": person(row)} if words.personal else flow.values
        try:
            fields = words.render(locale, values).fields
        except InvalidError as error:
            _log.warning("step %d of %s has no words: %s", step, flow.compiled.workflow.key, error)
            if not words.personal:
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
                recipient.user if words.personal else 0,
                _encode(fields).decode(),
            )
        )
        return True

    def _deliveries(
        self, page: PageWrite, flow: Flow, recipient: Recipient, step: SendStep, now: int
    ) -> int:
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
                    self._route(step.channel, platform, flow.compiled.lane),
                    flow.compiled.lane,
                    flow.facts.tenant,
                    now,
                    now,
                    flow.facts.expires_at,
                    flow.ordering_key,
                )
            )
        return len(destinations)


def _mentioned(flow: Flow, recipient: Recipient) -> Recipient:
    if not flow.mentions:
        return recipient
    return msgspec.structs.replace(recipient, mention=flow.mention_of(recipient))


def nobody(destinations: dict[Channel, tuple[int, ...]], platforms: dict[int, str]) -> Recipient:
    """The reserved user 0: an endpoint or a provider-side topic."""
    return Recipient(
        user=0, standing=Standing.NOBODY, destinations=destinations, platforms=platforms
    )
