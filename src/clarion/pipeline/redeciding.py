"""What is about to leave is decided again when its user changed settings or consents since."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from clarion.clock import SECOND, Clock
from clarion.core.decide import decide
from clarion.core.decision import Circumstances, DecisionRecord, Result
from clarion.core.delivery import DeliveryKey
from clarion.core.facts import Facts
from clarion.core.recipient import Mention, Recipient
from clarion.core.record import facts_from, record
from clarion.pipeline.compiled import CompiledWorkflow
from clarion.pipeline.flow import Flow
from clarion.pipeline.flows import Gatherer, head_of
from clarion.pipeline.paging import reached_by
from clarion.store.contract import Store
from clarion.store.contract.deliveries import Claim, DecisionWrite
from clarion.store.contract.events import EventRow
from clarion.store.contract.people import UserRow
from clarion.telemetry import decisions

DOUBT_SECONDS = 60
"""A change this long before a delivery was written may not have been seen, as clocks differ and a
decision takes its time."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(DecisionRecord).decode
_NOTHING_MORE = Circumstances()


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """A step that is not to be sent now: not before `until`, or not at all, as `decided` says."""

    until: int | None = None
    decided: DecisionWrite | None = None


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A claim with what it is about."""

    claim: Claim
    event: EventRow
    compiled: CompiledWorkflow
    user: UserRow


class Redecider:
    """Decides again about claims. It costs nothing where nobody ever chose anything, and one
    look-up for a whole claim where somebody did."""

    def __init__(self, store: Store, gatherer: Gatherer, clock: Clock) -> None:
        self._store = store
        self._gatherer = gatherer
        self._clock = clock

    async def stopped(self, env: int, outgoing: Sequence[Outgoing]) -> dict[int, Again]:
        """By `seq`, those that must not leave as they were decided. A mandatory category heeds no
        choice."""
        asked = [
            one
            for one in outgoing
            if (one.user.settings_version or one.user.consents_version)
            and not one.compiled.category.category.mandatory
        ]
        if not asked:
            return {}
        since: dict[int, int] = {}
        for one in asked:
            user = one.user.number
            since[user] = min(_written_at(one), since.get(user, _written_at(one)))
        changed = await self._store.people.changed_since(env, since)
        found = {
            one.claim.seq: await self._again(env, one)
            for one in asked
            if one.user.number in changed
        }
        return {seq: again for seq, again in found.items() if again is not None}

    async def _again(self, env: int, one: Outgoing) -> Again | None:
        """None: it may leave as it was decided, or is decided so again."""
        key, now = one.claim.key, self._clock.now()
        found = await self._in_force(key)
        if found is None:
            return None
        kept, n = found
        flow = await self._flow(env, one, kept, now)
        recipient = await self._recipient(flow, key.user, kept)
        more = kept.more or _NOTHING_MORE
        if (recipient.settings_version, recipient.consents) == (
            kept.settings_version,
            more.consents,
        ):
            return None
        facts = _facts(flow, recipient, kept, key.step, now)
        decision = decide(facts)
        answer = next(iter(decision.steps), None)
        if answer is None or answer.result is Result.SEND:
            return None
        if answer.until is not None and answer.result is not Result.SKIP:
            return Again(until=answer.until)
        decisions.labels(key.channel.value, answer.result.label, answer.reason).inc()
        text = _encode(record(decision, facts, flow.defaults_version)).decode()
        return Again(decided=DecisionWrite(n=n, at=now, decided=text))

    async def _in_force(self, key: DeliveryKey) -> tuple[DecisionRecord, int] | None:
        """The last decision to send the step, and the number of the next one."""
        env, event, workflow, user = key.env, key.event, key.workflow, key.user
        row = await self._store.ledger.notification(env, event, workflow, user)
        if row is None:
            return None
        later = await self._store.held.decisions(env, event, workflow, user)
        records = [row.decided, *(_decode(encoded) for *_, encoded in later)]
        sends = [kept for kept in records if _sends(kept, key.step)]
        n = 1 + max((n for _, n, *_ in later), default=0)
        return (sends[-1], n) if sends else None

    async def _flow(self, env: int, one: Outgoing, kept: DecisionRecord, now: int) -> Flow:
        head = await head_of(one.event, self._gatherer)
        about = head.about or kept.topic
        shared = await self._gatherer.shared(
            env, topics={about}, tenants={head.tenant}, actors=set()
        )
        return self._gatherer.flow(
            head, one.compiled, shared, about=about, paused=kept.paused, now=now
        )

    async def _recipient(self, flow: Flow, user: int, kept: DecisionRecord) -> Recipient:
        found = await self._gatherer.recipients(flow.env, [user], [flow])
        recipient = reached_by(found.get(user), user, kept.topic)
        recipient = msgspec.structs.replace(recipient, mention=Mention(kept.mention))
        return (await self._gatherer.in_threads(flow.env, flow, [recipient]))[0]


def _written_at(one: Outgoing) -> int:
    """When it was decided, or some time before: a redrive makes a delivery young again."""
    claim = one.claim
    at = claim.created_at if claim.before is None else one.event.accepted_at
    return at - DOUBT_SECONDS * SECOND


def _sends(kept: DecisionRecord, step: int) -> bool:
    return any(answer.step == step and answer.result is Result.SEND for answer in kept.steps)


def _facts(flow: Flow, recipient: Recipient, kept: DecisionRecord, step: int, now: int) -> Facts:
    """What the user chose is of now; all else that was asked for is as it was recorded."""
    then = facts_from(kept, recipient.user, flow.facts, flow.flow_facts)
    event = msgspec.structs.replace(
        then.event, zone=flow.facts.zone, cancelled=flow.facts.cancelled
    )
    return msgspec.structs.replace(
        then,
        event=event,
        recipient=recipient,
        defaults=flow.defaults,
        now=now,
        span=(step, step + 1),
    )
