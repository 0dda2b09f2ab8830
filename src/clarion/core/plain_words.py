"""Why a user was told or not, in sentences that can be sent to the user as they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

from clarion.core.clauses import (
    CAP_CLAUSES,
    CAP_HOLDERS,
    CHANNEL_NAMES,
    CHANNEL_WORDS,
    DEFAULT_CLAUSES,
    EVERYWHERE_CLAUSES,
    KINDS,
    MENTIONED,
    OWN_CLAUSES,
    OWN_SCOPES,
    PLACES,
    SCOPES,
    TOLD_BY,
    UNKNOWN_BOUND,
    WAIT_CAUSES,
)
from clarion.core.decision import Gate, Result, StepDecision
from clarion.core.facts import CapOutcome
from clarion.core.reasons import Reason
from clarion.core.recipient import FOREVER, Mention
from clarion.core.schedule import LegalHours, first_zone
from clarion.core.time_words import instant_words, span_words
from clarion.core.workflow import Channel


class Verdict(StrEnum):
    """What became of one event for one user, in a word."""

    TOLD = "told"
    PARTLY_TOLD = "partly_told"
    WAITING = "waiting"
    SILENT = "silent"
    """In the inbox, where nothing rang."""

    NOT_KNOWN = "not_known"
    """It was sent, and may or may not have arrived."""

    NOT_TOLD = "not_told"
    NOT_IN_AUDIENCE = "not_in_audience"


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """Names for the numbers of the core, as phrases that fit into a sentence.

    `channels` maps the index of a step to its channel, `behind` that of a step that waits to the
    channels that wait with it. `scopes` maps the index of a step (-1: the whole notification) to
    the name of the scope that decided it ("the thread doc:9"); what is missing is called by its
    kind. `ends` maps it to the end of the mute, pause or wait that decided it, `caps` to what its
    caps said, `conditions` to what its condition came upon ("read in the inbox"). `objected` are
    the steps whose channel alone the user opted out of. `mention` is how the event mentioned the
    user. Instants are told in `zone` (UTC when it is not known), with the year unless it is that of
    `near`.
    """

    user: str = "the user"
    event: str = "the event"
    workflow: str = "the workflow"
    category: str = "the category"
    mention: Mention = Mention.NONE
    channels: Mapping[int, Channel] = {}
    behind: Mapping[int, tuple[Channel, ...]] = {}
    scopes: Mapping[int, str] = {}
    ends: Mapping[int, int] = {}
    caps: Mapping[int, CapOutcome] = {}
    conditions: Mapping[int, str] = {}
    objected: Collection[int] = ()
    zone: str | None = None
    near: int | None = None

    def instant(self, instant: int) -> str:
        """An instant in the wall time of the user."""
        return instant_words(instant, self.clock, self.near)

    @property
    def clock(self) -> ZoneInfo:
        """The zone that instants are told in."""
        return first_zone(self.zone)


_NAMES = frozenset({"user", "event", "workflow", "category"})
_OF_ONE_STEP = frozenset(
    {
        *(Reason.NO_DESTINATION, Reason.CHANNEL_OFF, Reason.WHEN_FALSE, Reason.SUPPRESSED),
        *(Reason.NO_CONSENT, Reason.CAPPED),
    }
)
_ENDING = frozenset({Reason.MUTED, Reason.THREAD_MUTED, Reason.ACTOR_MUTED, Reason.PAUSED})


def sentence(step: StepDecision, names: Names) -> str:
    """One answer of `decide` as a sentence: first why, then what followed from it."""
    return because(Verdict.TOLD, [step], names)


def because(
    verdict: Verdict,
    steps: Sequence[StepDecision],
    names: Names,
    undone: Collection[int] = (),
) -> str:
    """Everything that was decided; steps that share a reason share a sentence.

    `undone` are the indexes of steps that were to be sent but have not been (yet).
    """
    if verdict is Verdict.NOT_IN_AUDIENCE or not steps:
        told = "{user} was not among those who were to be told about {event}."
        return _begun(told, {"user": names.user, "event": names.event})
    groups: dict[tuple[object, ...], list[StepDecision]] = {}
    for step in steps:
        alone = step.step if step.step in names.objected else -1
        alike = (*_kind(step), names.scopes.get(step.step), step.step in undone, alone)
        groups.setdefault(alike, []).append(step)
    sentences: dict[str, list[str]] = {}
    for group in groups.values():
        followed = _consequence(group, names, group[0].step not in undone)
        sentences.setdefault(_clause(group[0], names), []).append(followed)
    return " ".join(
        f"{clause}, so {', and '.join(followed)}." for clause, followed in sentences.items()
    )


def capital(text: str) -> str:
    """The begin of a sentence in our own words."""
    return text[0].upper() + text[1:]


def list_words(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _kind(step: StepDecision) -> tuple[object, ...]:
    # A missing place and a switched-off channel name the channel, a condition is of one step.
    own = step.step if step.reason in _OF_ONE_STEP else -1
    return step.result, step.gate, step.reason, step.scope, step.until, step.alert, own


def _begun(template: str, filled: Mapping[str, str]) -> str:
    """The begin of a sentence. A bare name in front, such as the id `u1`, stays as it is written; a
    phrase of ours begins with its article."""
    told = template.format_map(filled)
    first = template[1:].partition("}")[0] if template.startswith("{") else ""
    bare = first in _NAMES and not filled[first].startswith("the ")
    return told if bare else capital(told)


def _clause(step: StepDecision, names: Names) -> str:
    """Why, as the begin of a sentence."""
    channel = names.channels.get(step.step)
    filled = {
        "user": names.user,
        "event": names.event,
        "workflow": names.workflow,
        "category": names.category,
        "scope": names.scopes.get(step.step) or _scope(step),
        "channel": CHANNEL_NAMES[channel] if channel else "the channel",
        "only": f"{CHANNEL_NAMES[channel]} for " if channel and step.step in names.objected else "",
        "place": PLACES[channel] if channel else "destination for it",
        "mentioned": MENTIONED[names.mention].format(user=names.user),
        "held_none": f"did not mention {names.user}",
        "kind": KINDS.get(names.mention, "this kind of mention"),
        "as_seen": _as_seen(step, names),
        "unmentioned": _unmentioned(names),
        "legal": _legal_hours(),
        "cap": _cap(step, names) if step.reason == Reason.CAPPED else "",
        "wait_end": _until(step.until or names.ends.get(step.step), names),
        "wait_cause": _wait_cause(step, names),
        "reason": step.reason,
    }
    told = _begun(_template(step), filled)
    if step.reason not in _ENDING or step.until is not None:
        return told
    return told + _until(names.ends.get(step.step), names)


def _template(step: StepDecision) -> str:
    template = OWN_CLAUSES.get(step.reason, "the reason was {reason}")
    if step.scope not in OWN_SCOPES:
        template = DEFAULT_CLAUSES.get(step.reason, template)
    return EVERYWHERE_CLAUSES.get((step.scope, step.reason), template)


def _scope(step: StepDecision) -> str:
    if step.reason == Reason.NOT_IN_THREAD:
        return "the thread"
    return SCOPES.get(step.scope, step.scope)


def _as_seen(step: StepDecision, names: Names) -> str:
    found = names.conditions.get(step.step)
    return f", as it had been {found} by then" if found else ""


def _unmentioned(names: Names) -> str:
    if names.mention is Mention.NONE:
        return f"{names.user} was not mentioned"
    return f"{names.user} ignores {KINDS.get(names.mention, 'this kind of mention')}"


def _legal_hours() -> str:
    hours = LegalHours().allowed[0]
    return (
        f"{hours.start // 60:02}:{hours.start % 60:02} to {hours.end // 60:02}:{hours.end % 60:02}"
    )


def _wait_cause(step: StepDecision, names: Names) -> str:
    cause = WAIT_CAUSES.get(step.gate, "for a better time")
    return cause.format(user=names.user)


def _cap(step: StepDecision, names: Names) -> str:
    """Who set the limit, how much it lets through, how much was used, and when there is room."""
    cap = names.caps.get(step.step)
    clause = CAP_CLAUSES.get(step.scope, CAP_CLAUSES[""])
    told = clause.format(
        workflow=names.workflow,
        category=names.category,
        bound=_bound(step, cap, names) if cap and cap.limit else UNKNOWN_BOUND,
    )
    if cap is None or not cap.limit:
        return f"{told}, and these had been sent"
    sent = f"{cap.used} had been sent"
    if step.until is not None or not cap.frees_at:
        return f"{told}, and {sent}"
    return f"{told}, {sent}, and there is room again from {names.instant(cap.frees_at)}"


def _bound(step: StepDecision, cap: CapOutcome, names: Names) -> str:
    messages = "1 message" if cap.limit == 1 else f"{cap.limit} messages"
    channel = names.channels.get(step.step)
    if cap.by_channel and channel is not None:
        messages = f"{messages} {TOLD_BY[channel]}"
    holder = CAP_HOLDERS.get(cap.per, "").format(user=names.user)
    said = step.scope == cap.per or not holder
    within = f"within {span_words(cap.window_seconds)}"
    return f"{messages} {within}" if said else f"{messages} {holder} {within}"


def _consequence(steps: Sequence[StepDecision], names: Names, done: bool) -> str:
    """`done`: what was to be sent has been; else only what was decided is known."""
    first = steps[0]
    if first.step < 0:
        return "nothing was sent"
    words = [word for step in steps for word in _things(step, names)]
    things = list_words(words)
    be = "was" if len(words) == 1 else "were"
    if first.result is Result.SKIP:
        return f"{things} {be} not sent"
    if first.result is Result.HOLD:
        return f"{things} {be} held{_until(first.until, names)}"
    if first.result is Result.DIGEST:
        return f"{things} {be} kept for the next digest{_due(first.until, names)}"
    sent = "sent" if done else "to be sent"
    return f"{things} {be} {sent}" + ("" if first.alert else _without(first, names))


def _without(step: StepDecision, names: Names) -> str:
    inbox = names.channels.get(step.step) is Channel.INBOX
    return " without an alert" if inbox or step.gate != Gate.QUIET else " without a sound"


def _things(step: StepDecision, names: Names) -> list[str]:
    channel = names.channels.get(step.step)
    channels = names.behind.get(step.step, ()) if channel is None else (channel,)
    return [CHANNEL_WORDS[one] for one in channels] or ["the message"]


def _until(until: int | None, names: Names) -> str:
    if until is None or until >= FOREVER:
        return ""
    return f" until {names.instant(until)}"


def _due(until: int | None, names: Names) -> str:
    if until is None or until >= FOREVER:
        return ""
    return f", due at {names.instant(until)}"
