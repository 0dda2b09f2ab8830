"""From recipients to rows: decide for each, render what is shown at once, and say what is to be
delivered or has to wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from clarion.core.decide import decide
from clarion.core.decision import Decision, Gate, Reason, Result, StepDecision
from clarion.core.facts import WHOLE, Facts
from clarion.core.recipient import Recipient, Standing
from clarion.core.record import record
from clarion.core.states import bucket_of
from clarion.core.workflow import Channel, Lane
from clarion.errors import InvalidError
from clarion.pipeline import traces
from clarion.pipeline.aggregating import alone
from clarion.pipeline.flow import Decided, Flow
from clarion.pipeline.kinds import Kind
from clarion.pipeline.reserving import NOTHING, Reserved
from clarion.pipeline.routes import Route
from clarion.pipeline.subjects import of_flow
from clarion.pipeline.values import NOTHING_SEEN, person
from clarion.pipeline.writing import Chance, Parts, Writer
from clarion.store.contract.held import WINDOW, Held, Resumed
from clarion.store.contract.people import UserRow
from clarion.store.contract.work import AlikeWrite, ContentWrite, NotificationWrite, PageWrite
from clarion.telemetry import decisions, digest_items, logger, told_about
from clarion.tracing import tracer

_log = logger("planning")
_encode = msgspec.json.Encoder().encode


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """When in the life of a notification it is decided: which steps, after which waits, whether its
    inbox item was seen or read meanwhile. `n` numbers the decision after this one."""

    span: tuple[int, int] = WHOLE
    waited: tuple[str, ...] = ()
    seen: bool = False
    read: bool = False
    n: int = 1


FIRST = Turn()
"""Nothing was decided before."""


def empty_page() -> PageWrite:
    """A page to fill."""
    return PageWrite()


class Planner:
    """Fills pages. `route` says which account a channel's message goes to; `chance(n)` gives n
    random bytes."""

    def __init__(self, route: Route, chance: Chance) -> None:
        self._writer = Writer(route, chance)
        self._made: dict[tuple[Any, ...], Decided] = {}
        self._told: Counter[tuple[str, Result, str]] = Counter()
        self._joined: Counter[int] = Counter()
        self._traced: list[tuple[Flow, int, Decided, int, int]] = []

    def plan(
        self,
        page: PageWrite,
        flow: Flow,
        recipients: list[Recipient],
        *,
        people: dict[int, UserRow],
        now: int,
        reserved: Reserved = NOTHING,
    ) -> None:
        """Decide for each recipient and add the rows to the page."""
        joined = len(page.joins)
        for recipient in recipients:
            recipient = _mentioned(flow, recipient)
            row = people.get(recipient.user)
            decided = self._decided(page, flow, recipient, row, reserved, now)
            parts = self._writer.write(page, flow, recipient, decided.steps, row, FIRST.n, (), now)
            page.notifications.append(_notification(flow, recipient.user, decided, parts))
            self._count(flow, decided)
            self._trace(flow, (recipient.user,), decided, FIRST.n, now)
        if len(page.joins) > joined:
            self._joined[flow.compiled.lane] += len(page.joins) - joined

    def alike(self, page: PageWrite, flow: Flow, kind: Kind, now: int) -> None:
        """Decide once for all of a kind and add their rows: one for all, where they differ only in
        the user. The flow is impersonal, and its actor is none of them."""
        one = kind.first
        decided = self._decided(page, flow, one, None, NOTHING, now)
        rows = empty_page()
        parts = self._writer.write(rows, flow, one, decided.steps, None, FIRST.n, (), now)
        if parts.waiting or rows.members or len(rows.items) > 1:
            self.plan(page, flow, kind.recipients(), people={}, now=now)
            return
        item = msgspec.structs.replace(rows.items[0], user=0) if rows.items else None
        note = _notification(flow, 0, decided, parts)
        page.alike.append(AlikeWrite(users=kind.users, notification=note, item=item))
        for delivery in rows.deliveries:
            page.deliveries.extend(kind.deliveries(delivery))
        self._count(flow, decided, len(kind.users))
        self._trace(flow, kind.users, decided, FIRST.n, now)

    def _decided(
        self,
        page: PageWrite,
        flow: Flow,
        recipient: Recipient,
        row: UserRow | None,
        reserved: Reserved,
        now: int,
    ) -> Decided:
        """What holds for the recipient, asked once for all who are alike."""
        likeness = flow.likeness(recipient)
        decided = flow.decided.get(likeness) if likeness is not None else None
        if decided is None:
            facts = reserved.told(self._facts(flow, recipient, row, FIRST, now))
            decided = self._decide(page, flow, facts, row)
            if likeness is not None:
                flow.decided[likeness] = decided
        return decided

    def facts(
        self, flow: Flow, recipients: Iterable[Recipient], people: dict[int, UserRow], now: int
    ) -> list[Facts]:
        """The facts of recipients before anything was reserved for them."""
        return [
            self._facts(flow, _mentioned(flow, one), people.get(one.user), FIRST, now)
            for one in recipients
        ]

    def resumed_facts(
        self, flow: Flow, recipient: Recipient, row: UserRow | None, turn: Turn, now: int
    ) -> Facts:
        """The facts of somebody whose wait is over."""
        return self._facts(flow, _mentioned(flow, recipient), row, turn, now)

    def resume(
        self,
        page: PageWrite,
        flow: Flow,
        held: Held,
        facts: Facts,
        row: UserRow | None,
        turn: Turn,
    ) -> Resumed:
        """Decide about what waited and add the rows to the page; a digest gets a notification of
        its own."""
        decided = self._decide(page, flow, facts, row)
        self._count(flow, decided)
        recipient, now = facts.recipient, facts.now
        n = FIRST.n if held.kind == WINDOW else turn.n
        self._trace(flow, (recipient.user,), decided, n, now)
        joined = len(page.joins)
        parts = self._writer.write(
            page, flow, recipient, decided.steps, row, turn.n, turn.waited, now
        )
        if len(page.joins) > joined:
            self._joined[flow.compiled.lane] += len(page.joins) - joined
        if held.kind == WINDOW:
            page.notifications.append(_notification(flow, recipient.user, decided, parts))
            parts = Parts()
        return Resumed(
            held=held,
            decided=decided.encoded,
            at=now,
            open=parts.open,
            waiting=parts.waiting,
            sent=parts.sent,
        )

    def count(self) -> None:
        """Add what was decided since the last call to the metrics."""
        for (channel, result, reason), count in self._told.items():
            decisions.labels(channel, result.label, reason).inc(count)
        for lane, count in self._joined.items():
            digest_items.labels(Lane(lane).label).inc(count)
        for flow, user, decided, n, now in self._traced:
            traces.decided(flow, user, decided.steps, n, now)
        self._told.clear()
        self._joined.clear()
        self._traced.clear()

    def _trace(self, flow: Flow, users: Iterable[int], decided: Decided, n: int, now: int) -> None:
        """Tell of decisions once they are counted."""
        if tracer.on and flow.trace is not None:
            self._traced += [(flow, user, decided, n, now) for user in users]

    def _count(self, flow: Flow, decided: Decided, people: int = 1) -> None:
        sends = flow.compiled.sends
        for step in decided.steps:
            send = sends.get(step.step)
            channel = "" if send is None else send.channel.value
            self._told[channel, step.result, step.reason] += people

    def _facts(
        self, flow: Flow, recipient: Recipient, row: UserRow | None, turn: Turn, now: int
    ) -> Facts:
        return Facts(
            event=flow.facts,
            flow=flow.flow_facts,
            recipient=recipient,
            defaults=flow.defaults,
            whens=_whens(flow, row, turn),
            now=now,
            span=turn.span,
            waited=turn.waited,
            seen=turn.seen,
            untils=flow.untils_of(row),
        )

    def _decide(self, page: PageWrite, flow: Flow, facts: Facts, row: UserRow | None) -> Decided:
        """Decide, and render what the inbox shows; a template that fails skips its step."""
        made = self._answers(flow, facts)
        steps = tuple(
            [self._rendered(page, flow, facts.recipient, answer, row) for answer in made.steps]
        )
        return made if steps == made.steps else _recorded(steps, flow, facts)

    def _answers(self, flow: Flow, facts: Facts) -> Decided:
        """What `decide` says, asked once for events of a group that differ in their data alone."""
        likeness = flow.likeness(facts.recipient)
        if likeness is None:
            return _recorded(decide(facts).steps, flow, facts)
        key = (flow.kind, facts.now, facts.span, facts.waited, facts.seen,
               tuple(facts.whens.items()), tuple(facts.untils.items()), likeness)  # fmt: skip
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = _recorded(decide(facts).steps, flow, facts)
        return made

    def _rendered(
        self,
        page: PageWrite,
        flow: Flow,
        recipient: Recipient,
        answer: StepDecision,
        row: UserRow | None,
    ) -> StepDecision:
        """The answer as it is, unless it is an inbox item that gets no words."""
        if answer.result is not Result.SEND:
            return answer
        if flow.compiled.sends[answer.step].channel is not Channel.INBOX:
            return answer
        if self._render(page, flow, recipient, answer.step, row):
            return answer
        return StepDecision(answer.step, Result.SKIP, Gate.CONTENT, Reason.RENDER_FAILED)

    def _render(
        self, page: PageWrite, flow: Flow, recipient: Recipient, step: int, row: UserRow | None
    ) -> bool:
        """Put the words of a step on the page: once a locale, or for this person. Those of an item
        that tells several events are only tried."""
        words = flow.compiled.steps[step]
        locale = flow.locale_of(step, recipient.locale)
        if not words.personal and (step, locale) in flow.rendered:
            return flow.rendered[step, locale]
        values = {**flow.values, "user": person(row)} if words.personal else flow.values
        together = flow.compiled.sends[step].aggregate is not None
        if together:
            values = alone(values, flow.key_of(step, row))
        try:
            fields = words.render(locale, values).fields
        except InvalidError as error:
            with told_about(of_flow(flow)):
                key = flow.compiled.workflow.key
                _log.warning("step %d of %s has no words: %s", step, key, error)
            if not words.personal:
                flow.rendered[step, locale] = False
            return False
        if not words.personal:
            flow.rendered[step, locale] = True
        if together:
            return True
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


def _recorded(steps: tuple[StepDecision, ...], flow: Flow, facts: Facts) -> Decided:
    kept = record(Decision(steps), facts, flow.defaults_version)
    return Decided(steps, _encode(kept).decode())


def _whens(flow: Flow, row: UserRow | None, turn: Turn) -> dict[int, bool]:
    """The answers of the steps' conditions; those that ask for the inbox are asked again."""
    if turn is FIRST and len(flow.whens) == len(flow.compiled.whens):
        return flow.whens
    inbox = {"seen": turn.seen, "read": turn.read} if turn is not FIRST else NOTHING_SEEN
    values = {**flow.values, "inbox": inbox, "user": person(row)}
    own = {
        index: condition.truth(values)
        for index, condition in flow.compiled.whens.items()
        if index not in flow.whens or (turn is not FIRST and "inbox" in condition.names)
    }
    return flow.whens | own


def _notification(flow: Flow, user: int, decided: Decided, parts: Parts) -> NotificationWrite:
    return NotificationWrite(
        flow.env,
        flow.event,
        flow.compiled.row.number,
        user,
        flow.facts.tenant,
        int(bucket_of(parts.open, parts.waiting, parts.sent, 0)),
        parts.open,
        parts.waiting,
        parts.sent,
        0,
        decided.encoded,
    )


def _mentioned(flow: Flow, recipient: Recipient) -> Recipient:
    if not flow.mentions:
        return recipient
    return msgspec.structs.replace(recipient, mention=flow.mention_of(recipient))


def nobody(destinations: dict[Channel, tuple[int, ...]], platforms: dict[int, str]) -> Recipient:
    """The reserved user 0: an endpoint or a provider-side topic."""
    return Recipient(
        user=0, standing=Standing.NOBODY, destinations=destinations, platforms=platforms
    )
