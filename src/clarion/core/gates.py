"""The gates, each one question to the facts; None means passed, with nothing to tell."""

from __future__ import annotations

from collections.abc import Callable

from clarion.core.decision import Gate
from clarion.core.facts import Facts
from clarion.core.law import consent, opted_out, suppressed
from clarion.core.preference import (
    Chain,
    default_level,
    is_thread,
    label_of,
    level_in,
    mute_in,
    mute_of_actor,
    suppressing,
    switch_in,
    thread_of,
)
from clarion.core.reasons import Reason
from clarion.core.recipient import Level, Mention, Setting, Standing
from clarion.core.trace import GateVerdict, Ruling
from clarion.core.workflow import Channel, Rollout, SendStep


def _stop(reason: Reason) -> Ruling:
    return Ruling(GateVerdict.SKIP, reason)


_EXPIRED = _stop(Reason.EXPIRED)
_CANCELLED = _stop(Reason.CANCELLED)
_PAUSED = _stop(Reason.WORKFLOW_PAUSED)
_ROLLOUT_OFF = _stop(Reason.ROLLOUT_OFF)
_UNKNOWN_USER = _stop(Reason.UNKNOWN_USER)
_ERASED_USER = _stop(Reason.ERASED_USER)
_DUPLICATE = _stop(Reason.DUPLICATE)
_OWN_EVENT = _stop(Reason.OWN_EVENT)
_NOT_IN_THREAD = _stop(Reason.NOT_IN_THREAD)
_SILENT = _stop(Reason.SILENT)
_WHEN_FALSE = _stop(Reason.WHEN_FALSE)
_NO_DESTINATION = _stop(Reason.NO_DESTINATION)
_SHADOW = Ruling(GateVerdict.PASS, Reason.ROLLOUT_SHADOW)
_MANDATORY = Ruling(GateVerdict.PASS, Reason.MANDATORY)
_NOBODY = Ruling(GateVerdict.PASS, Reason.NO_PREFERENCES)
_LEVEL_ALL = Ruling(GateVerdict.PASS, Reason.LEVEL_ALL)


def expired(facts: Facts) -> Ruling | None:
    """Too late: the instant of the expiry itself is too late as well."""
    expires_at = facts.event.expires_at
    return _EXPIRED if expires_at is not None and expires_at <= facts.now else None


def cancelled(facts: Facts) -> Ruling | None:
    """Somebody took the event back."""
    return _CANCELLED if facts.event.cancelled else None


def paused(facts: Facts) -> Ruling | None:
    """An operator stopped the workflow."""
    return _PAUSED if facts.flow.paused else None


def rollout(facts: Facts) -> Ruling | None:
    """`off` stops; `shadow` goes on, and the sends are taken out at the end."""
    mode = facts.flow.workflow.rollout
    if mode is Rollout.ON:
        return None
    return _SHADOW if mode is Rollout.SHADOW else _ROLLOUT_OFF


def exists(facts: Facts) -> Ruling | None:
    """There is such a user; nobody (the reserved user 0) passes."""
    standing = facts.recipient.standing
    if standing is Standing.UNKNOWN:
        return _UNKNOWN_USER
    return _ERASED_USER if standing is Standing.ERASED else None


def duplicate(facts: Facts) -> Ruling | None:
    """Another event took the dedupe key."""
    return _DUPLICATE if facts.duplicate else None


def exemption(facts: Facts) -> Ruling | None:
    """Why no settings apply: a mandatory category, or nobody's destination. None: they apply."""
    if facts.flow.category.mandatory:
        return _MANDATORY
    return _NOBODY if facts.recipient.standing is Standing.NOBODY else None


def own_event(facts: Facts, _chain: Chain) -> Ruling | None:
    """Nobody is told what they did themselves."""
    return _OWN_EVENT if facts.recipient.user == facts.event.actor != 0 else None


def muted_actor(facts: Facts, _chain: Chain) -> Ruling | None:
    """The user muted whoever caused the event."""
    if not facts.recipient.settings:
        return None
    row = mute_of_actor(facts)
    return None if row is None else _by(Reason.ACTOR_MUTED, row)


def mute(facts: Facts, chain: Chain) -> Ruling | None:
    """Any mute of the chain that has not ended stops the alert, also of a direct mention."""
    row = mute_in(chain, facts.now) if chain else None
    if row is None:
        return None
    own_thread = is_thread(row, thread_of(facts))
    return _by(Reason.THREAD_MUTED if own_thread else Reason.MUTED, row)


def level(facts: Facts, chain: Chain) -> Ruling:
    """How much the user wants to hear; a pass is told too, as it is the reason of a send."""
    thread = thread_of(facts)
    if facts.event.thread and not facts.recipient.in_thread:
        return _NOT_IN_THREAD
    row = level_in(chain, thread) if chain else None
    if row is None or row.level is None:
        wanted, scope = default_level(facts)
    else:
        wanted, scope = row.level, label_of(row)
    if wanted is Level.MENTIONS:
        return _mentioned(facts, chain, scope)
    if wanted is Level.NONE:
        return Ruling(GateVerdict.SKIP, Reason.LEVEL_NONE, scope)
    if row is not None and is_thread(row, thread):
        return Ruling(GateVerdict.PASS, Reason.THREAD_LEVEL_ALL, scope)
    return Ruling(GateVerdict.PASS, Reason.LEVEL_ALL, scope) if scope else _LEVEL_ALL


def silent(facts: Facts, _chain: Chain) -> Ruling | None:
    """The sender asked for no alert."""
    return _SILENT if facts.event.silent else None


def when(step: SendStep, facts: Facts, _chain: Chain) -> Ruling | None:
    """The step's own condition."""
    return None if facts.whens.get(step.index, True) else _WHEN_FALSE


def channel(step: SendStep, facts: Facts, chain: Chain) -> Ruling | None:
    """The most specific switch of the channel decides; it does not apply where no settings do."""
    exempt = exemption(facts)
    if exempt is not None:
        return Ruling(GateVerdict.OFF, exempt.reason)
    row = switch_in(chain, step.channel) if chain else None
    if row is None:
        return None
    if row.channels[step.channel]:
        return Ruling(GateVerdict.PASS, "", label_of(row))
    return _by(Reason.CHANNEL_OFF, row)


def destination(step: SendStep, facts: Facts, _chain: Chain) -> Ruling | None:
    """Inbox and webhook need no destination; but nobody has no inbox."""
    if step.channel is Channel.WEBHOOK:
        return None
    if step.channel is Channel.INBOX:
        return _NO_DESTINATION if facts.recipient.standing is Standing.NOBODY else None
    return None if facts.recipient.destinations.get(step.channel) else _NO_DESTINATION


NOTIFICATION_GATES: tuple[tuple[Gate, Callable[[Facts], Ruling | None]], ...] = (
    (Gate.EXPIRED, expired),
    (Gate.CANCELLED, cancelled),
    (Gate.PAUSED, paused),
    (Gate.ROLLOUT, rollout),
    (Gate.EXISTS, exists),
    (Gate.DUPLICATE, duplicate),
)
"""Asked first, for everybody."""

PERSON_GATES: tuple[tuple[Gate, Callable[[Facts, Chain], Ruling | None]], ...] = (
    (Gate.ACTOR, own_event),
    (Gate.MUTED_ACTOR, muted_actor),
    (Gate.MUTE, mute),
    (Gate.LEVEL, level),
    (Gate.SILENT, silent),
)
"""Asked where settings apply."""

BADGE_GATES = frozenset({Gate.MUTE, Gate.LEVEL, Gate.SILENT})
"""Gates that stop the alert but not the badge."""

STEP_GATES: tuple[tuple[Gate, Callable[[SendStep, Facts, Chain], Ruling | None]], ...] = (
    (Gate.WHEN, when),
    (Gate.SUPPRESSED, lambda step, facts, _: suppressed(step, facts)),
    (Gate.OPTED_OUT, lambda step, facts, _: opted_out(step, facts)),
    (Gate.CONSENT, lambda step, facts, _: consent(step, facts)),
    (Gate.CHANNEL, channel),
    (Gate.DESTINATION, destination),
)
"""Asked for each send step."""


def _by(reason: Reason, row: Setting) -> Ruling:
    return Ruling(GateVerdict.SKIP, reason, label_of(row))


def _mentioned(facts: Facts, chain: Chain, scope: str) -> Ruling:
    mention = facts.recipient.mention
    if mention is Mention.NONE:
        return Ruling(GateVerdict.SKIP, Reason.NO_MENTION, scope)
    # Inside a thread the suppress flags have no say about the alert.
    row = None if facts.event.thread else suppressing(chain, mention)
    if row is not None:
        return _by(Reason.MENTION_SUPPRESSED, row)
    return Ruling(GateVerdict.PASS, Reason.MENTION, scope)
