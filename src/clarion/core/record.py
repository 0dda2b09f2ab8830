"""From a decision to what the ledger keeps of it, and from there back to its facts."""

from __future__ import annotations

import msgspec

from clarion.core.decision import DECIDER, Decision, DecisionRecord
from clarion.core.facts import EventFacts, Facts, WorkflowFacts
from clarion.core.recipient import Mention, Recipient, Setting, Standing
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
    )


def facts_from(
    kept: DecisionRecord,
    user: int,
    event: EventFacts,
    flow: WorkflowFacts,
    settings: tuple[Setting, ...] = (),
    defaults: tuple[Setting, ...] = (),
) -> Facts:
    """The facts a kept decision was made of; `decide` gives `kept.steps` again, same decider given.

    `settings` and `defaults` are the rows as of `kept.settings_version` and
    `kept.defaults_version`; `flow` holds the pinned workflow and category; the topics of `event`
    are those valid at `kept.at`. `event.cancelled` and `flow.paused` may have changed since and are
    taken from the record. Destinations are stand-ins: as many as there were, numbered from 1.
    Locale, zone and roles are left out, as `decide` does not look at them. A step that was skipped
    after `decide` (gate `content`) is a send to it.
    """
    return Facts(
        event=msgspec.structs.replace(event, cancelled=kept.cancelled),
        flow=msgspec.structs.replace(flow, paused=kept.paused),
        recipient=_recipient_from(kept, user, settings),
        defaults=defaults,
        duplicate=kept.duplicate,
        whens=kept.whens,
        now=kept.at,
    )


def _recipient_from(kept: DecisionRecord, user: int, settings: tuple[Setting, ...]) -> Recipient:
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
    )
