"""The gates that may hold a message for a while, and the steps that wait.

What is held is decided again when its time has come, with the facts of then.
"""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from clarion.core.crowd import withholds_push
from clarion.core.decision import Gate
from clarion.core.digest import digest_due
from clarion.core.facts import Facts
from clarion.core.preference import Chain, cadence_in, label_of, pause_in, quiet_in
from clarion.core.reasons import Reason
from clarion.core.recipient import FOREVER, Standing
from clarion.core.schedule import (
    LegalHours,
    first_zone,
    open_from,
    quiet_until,
    sms_quiet_until,
    zone_of,
)
from clarion.core.trace import GateVerdict, Ruling
from clarion.core.workflow import (
    Channel,
    DelayStep,
    DigestStep,
    SendStep,
    UntilStep,
    WhenQuiet,
)

SECOND = 1_000_000
LEGAL_SMS_HOURS = LegalHours()
ZONES_OF_THE_LAW = (
    ZoneInfo("Pacific/Guam"),
    ZoneInfo("America/Puerto_Rico"),
    ZoneInfo("Pacific/Honolulu"),
    ZoneInfo("Pacific/Pago_Pago"),
)
"""The outermost zones where the rule behind LegalHours holds: somebody whose zone is not known may
be in any of them, whatever that of the tenant is."""

OVER = {"skip": GateVerdict.SKIP, "hold": GateVerdict.HOLD, "digest": GateVerdict.DIGEST}
"""What the rule of a cap does with what is too much."""

_VERDICTS = {
    WhenQuiet.HOLD: GateVerdict.HOLD,
    WhenQuiet.SILENT: GateVerdict.SILENT,
    WhenQuiet.DIGEST: GateVerdict.DIGEST,
    WhenQuiet.SKIP: GateVerdict.SKIP,
}
_SEEN = Ruling(GateVerdict.SKIP, Reason.SEEN)
_LARGE = Ruling(GateVerdict.SKIP, Reason.LARGE_AUDIENCE)
_NEVER_LEGAL = Ruling(GateVerdict.SKIP, Reason.LEGAL_HOURS)
_LEADS = Ruling(GateVerdict.PASS, Reason.LEADS_DIGEST)
_NO_INSTANT = Ruling(GateVerdict.PASS, Reason.NO_INSTANT)
_INSTANT = Ruling(GateVerdict.PASS, Reason.INSTANT)
_QUIET_IGNORED = Ruling(GateVerdict.OFF, Reason.QUIET_IGNORED)


def zone_in(facts: Facts) -> ZoneInfo:
    """The zone of the recipient, else that of the event's defaults, else UTC."""
    return first_zone(facts.recipient.zone, facts.event.zone)


def large(step: SendStep, facts: Facts, chain: Chain) -> Ruling | None:
    """In a large audience only mentions push."""
    if not facts.event.large or facts.flow.category.mandatory:
        return None
    mention = facts.recipient.mention
    withheld = withholds_push(step.channel, large=True, mention=mention, chain=chain)
    return _LARGE if withheld else None


def window(step: SendStep, facts: Facts, _chain: Chain) -> Ruling | None:
    """The author's own hours for the step."""
    if not step.window:
        return None
    until = open_from(step.window, zone_in(facts), facts.now)
    if until is None or until <= facts.now:
        return None
    return _held(facts, until, Reason.OUTSIDE_WINDOW, "", GateVerdict.HOLD)


def legal_hours(step: SendStep, facts: Facts, _chain: Chain) -> Ruling | None:
    """Text messages of a category that needs consent keep to the hours of the law; where nobody
    knows the recipient's zone, to those of all that it may be."""
    if step.channel is not Channel.SMS or facts.flow.category.consent != "required":
        return None
    known = zone_of(facts.recipient.zone)
    zones = ZONES_OF_THE_LAW if known is None else (known,)
    until = sms_quiet_until(zones, facts.now, LEGAL_SMS_HOURS)
    if until is None:
        return None
    if until >= FOREVER:
        return _NEVER_LEGAL
    return _held(facts, until, Reason.LEGAL_HOURS, "", GateVerdict.HOLD)


def presence(step: SendStep, facts: Facts, _chain: Chain) -> Ruling | None:
    """Whoever is active at a desktop is told there first; seen there, it is not sent."""
    if not step.presence_seconds:
        return None
    if Gate.PRESENCE in facts.waited:
        return _SEEN if facts.seen else None
    if facts.recipient.active_until <= facts.now:
        return None
    until = facts.now + step.presence_seconds * SECOND
    return _held(facts, until, Reason.ACTIVE_ON_DESKTOP, "", GateVerdict.HOLD)


def pause(step: SendStep, facts: Facts, chain: Chain) -> Ruling | None:
    """The user asked for silence until an instant; a mandatory category does not heed it."""
    if not chain or _ignores_quiet(step, facts):
        return None
    row = pause_in(chain, facts.now)
    if row is None or row.pause_until is None or facts.flow.category.mandatory:
        return None
    if row.pause_until >= FOREVER:
        return Ruling(GateVerdict.SKIP, Reason.PAUSED, label_of(row))
    return _quietly(step, facts, row.pause_until, Reason.PAUSED, label_of(row))


def quiet(step: SendStep, facts: Facts, chain: Chain) -> Ruling | None:
    """The quiet hours of the most specific scope that says something about them."""
    if _ignores_quiet(step, facts):
        return _QUIET_IGNORED if step.channel is not Channel.INBOX else None
    row = quiet_in(chain) if chain else None
    if row is None or not row.quiet:
        return None
    until = quiet_until(row.quiet, zone_in(facts), facts.now)
    if until is None:
        return None
    if until >= FOREVER and not facts.flow.category.mandatory:
        return Ruling(GateVerdict.SKIP, Reason.QUIET_HOURS, label_of(row))
    return _quietly(step, facts, until, Reason.QUIET_HOURS, label_of(row))


def cap(step: SendStep, facts: Facts, _chain: Chain) -> Ruling | None:
    """The caps that were asked for the step."""
    outcome = facts.caps.get(step.index)
    if outcome is None or outcome.granted:
        return None
    verdict = OVER.get(outcome.over, GateVerdict.SKIP)
    if verdict is GateVerdict.SKIP:
        return Ruling(verdict, Reason.CAPPED, outcome.scope)
    return _held(facts, outcome.frees_at, Reason.CAPPED, outcome.scope, verdict)


HOLDING_GATES: tuple[tuple[Gate, Callable[[SendStep, Facts, Chain], Ruling | None]], ...] = (
    (Gate.LARGE, large),
    (Gate.WINDOW, window),
    (Gate.LEGAL_HOURS, legal_hours),
    (Gate.PRESENCE, presence),
    (Gate.PAUSE, pause),
    (Gate.QUIET, quiet),
    (Gate.CAP, cap),
)
"""Asked for each send step that is not the inbox, last of all."""


def delay(step: DelayStep, facts: Facts) -> Ruling:
    """Always waits, unless it would expire before: what follows is decided from behind the step."""
    until = facts.now + step.seconds * SECOND
    return _held(facts, until, Reason.DELAYED, "", GateVerdict.HOLD)


def until(step: UntilStep, facts: Facts) -> Ruling | None:
    """Waits unless the instant has come. One that cannot be read is not waited for, aloud."""
    if step.window:
        instant = open_from(step.window, zone_in(facts), facts.now)
    else:
        instant = facts.untils.get(step.index)
        if instant == 0:
            return _NO_INSTANT
    if instant is None or instant <= facts.now:
        return None
    return _held(facts, instant, Reason.WAITS_UNTIL, "", GateVerdict.HOLD)


def digest(step: DigestStep, facts: Facts, chain: Chain) -> Ruling:
    """Gathers, unless the user wants everything at once or the event leads."""
    row = cadence_in(chain) if chain else None
    cadence = row.cadence if row is not None else None
    led_until = facts.leads.get(step.index)
    if led_until is not None:
        if led_until <= facts.now:
            return _LEADS
        return Ruling(GateVerdict.DIGEST, Reason.DIGESTED, "", led_until)
    due = digest_due(step.timing, zone_in(facts), cadence, facts.now, facts.now)
    if due.due <= facts.now:
        return _INSTANT
    scope = label_of(row) if row is not None and step.timing.by_user else ""
    return Ruling(GateVerdict.DIGEST, Reason.DIGESTED, scope, due.due)


def ask_wait(
    step: DelayStep | UntilStep | DigestStep, facts: Facts, chain: Chain
) -> tuple[Gate, Ruling | None]:
    """What a step says that waits; None or a pass: the walk goes on."""
    if isinstance(step, DelayStep):
        return Gate.DELAY, delay(step, facts)
    if isinstance(step, UntilStep):
        return Gate.UNTIL, until(step, facts)
    return Gate.DIGEST, digest(step, facts, chain)


def _ignores_quiet(step: SendStep, facts: Facts) -> bool:
    return (
        step.channel is Channel.INBOX
        or facts.flow.category.quiet_hours == "ignore"
        or facts.recipient.standing is Standing.NOBODY
    )


def _quietly(step: SendStep, facts: Facts, until: int, reason: str, scope: str) -> Ruling:
    """What the step does in quiet hours; a mandatory message is held or sent, never dropped."""
    verdict = _VERDICTS[step.quiet]
    if verdict is GateVerdict.SILENT:
        return Ruling(verdict, reason, scope)
    if facts.flow.category.mandatory:
        expires_at = facts.event.expires_at
        late = until >= (FOREVER if expires_at is None else expires_at)
        verdict = GateVerdict.PASS if late else GateVerdict.HOLD
        return Ruling(verdict, reason, scope, None if late else until)
    if verdict is GateVerdict.SKIP:
        return Ruling(verdict, reason, scope)
    return _held(facts, until, reason, scope, verdict)


def _held(facts: Facts, until: int, reason: str, scope: str, verdict: GateVerdict) -> Ruling:
    """Held until then, or dropped when it would expire before."""
    expires_at = facts.event.expires_at
    if expires_at is not None and until >= expires_at:
        return Ruling(GateVerdict.SKIP, Reason.EXPIRES_WHILE_HELD, scope, until)
    return Ruling(verdict, reason, scope, until)
