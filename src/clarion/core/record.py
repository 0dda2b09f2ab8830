"""From a decision to what the ledger keeps of it, and from there back to its facts."""

from __future__ import annotations

import msgspec

from clarion.core.decision import DECIDER, Circumstances, Decision, DecisionRecord
from clarion.core.facts import WHOLE, EventFacts, Facts, WorkflowFacts
from clarion.core.recipient import Mention, Recipient, Setting, Standing
from clarion.core.schedule import zone_of
from clarion.core.workflow import Channel


def record(decision: Decision, facts: Facts, defaults_version: int) -> DecisionRecord:
    """What the ledger keeps. `defaults_version` is that of the tenant's and environment's rows."""
    recipient = facts.recipient
    return DecisionRecord(
        decider=DECIDER,
        at=facts.now,
        user_version=recipient.user_version,
        settings_version=recipient.settings_version,
        defaults_version=defaults_version,
        standing=int(recipient.standing),
        topic=recipient.topic,
        mention=recipient.mention.value,
        duplicate=facts.duplicate,
        in_thread=recipient.in_thread,
        paused=facts.flow.paused,
        cancelled=facts.event.cancelled,
        whens=facts.whens,
        destinations={
            channel.value: len(found) for channel, found in recipient.destinations.items() if found
        },
        steps=decision.steps,
        more=_circumstances(facts),
    )


def facts_from(
    kept: DecisionRecord,
    user: int,
    event: EventFacts,
    flow: WorkflowFacts,
    settings: tuple[Setting, ...] = (),
    defaults: tuple[Setting, ...] = (),
    zone: str | None = None,
) -> Facts:
    """The facts a kept decision was made of; `decide` gives `kept.steps` again, same decider given.

    `settings` and `defaults` are the rows as of `kept.settings_version` and
    `kept.defaults_version`; `flow` holds the pinned workflow and category; the topics of `event`
    are those valid at `kept.at`. `event.cancelled` and `flow.paused` may have changed since and are
    taken from the record. Destinations are stand-ins: as many as there were, numbered from 1.
    Locale and roles are left out, as `decide` does not look at them; `zone` is the user's as of
    `kept.user_version`. A step that was skipped after `decide` (gate `content`) is a send to it.
    """
    more = kept.more or _NOTHING_MORE
    return Facts(
        event=msgspec.structs.replace(
            event, cancelled=kept.cancelled, zone=more.zone, large=more.large
        ),
        flow=msgspec.structs.replace(flow, paused=kept.paused),
        recipient=_recipient_from(kept, more, user, settings, zone),
        defaults=defaults,
        duplicate=kept.duplicate,
        whens=kept.whens,
        now=kept.at,
        span=more.span or WHOLE,
        waited=more.waited,
        seen=more.seen,
        caps=more.caps,
        leads=more.leads,
        untils=more.untils,
    )


_NOTHING_MORE = Circumstances()


def _circumstances(facts: Facts) -> Circumstances | None:
    """What the record keeps beyond its columns; None when nothing was out of the ordinary."""
    recipient, event = facts.recipient, facts.event
    active_until = recipient.active_until if recipient.active_until > facts.now else 0
    more = Circumstances(
        zone=event.zone if zone_of(recipient.zone) is None else None,
        span=None if facts.span == WHOLE else facts.span,
        waited=facts.waited,
        seen=facts.seen,
        active_until=active_until,
        consents=recipient.consents,
        suppressed=tuple(sorted(recipient.suppressed)),
        large=event.large,
        caps=facts.caps,
        leads=facts.leads,
        untils=facts.untils,
    )
    return None if more == _NOTHING_MORE else more


def _recipient_from(
    kept: DecisionRecord,
    more: Circumstances,
    user: int,
    settings: tuple[Setting, ...],
    zone: str | None,
) -> Recipient:
    return Recipient(
        user=user,
        standing=Standing(kept.standing),
        user_version=kept.user_version,
        settings_version=kept.settings_version,
        settings=settings,
        destinations={
            Channel(name): tuple(range(1, count + 1)) for name, count in kept.destinations.items()
        },
        topic=kept.topic,
        mention=Mention(kept.mention),
        in_thread=kept.in_thread,
        zone=zone,
        consents=more.consents,
        suppressed=frozenset(more.suppressed),
        active_until=more.active_until,
    )
