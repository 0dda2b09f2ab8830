"""Why a user was told or not, in sentences that can be sent to the user as they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

from clarion.core.decision import Result, StepDecision
from clarion.core.reasons import Reason
from clarion.core.recipient import FOREVER, Mention
from clarion.core.workflow import Channel


class Verdict(StrEnum):
    """What became of one event for one user, in a word."""

    TOLD = "told"
    PARTLY_TOLD = "partly_told"
    WAITING = "waiting"
    NOT_TOLD = "not_told"
    NOT_IN_AUDIENCE = "not_in_audience"


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """Names for the numbers of the core, as phrases that fit into a sentence.

    `channels` maps the index of a step to its channel. `scopes` maps the index of a step (-1: the
    whole notification) to the name of the scope that decided it ("the thread doc:9"); what is
    missing is called by its kind. `mutes` maps it to the end of the mute that decided it.
    `mention` is how the event mentioned the user.
    """

    user: str = "the user"
    event: str = "the event"
    workflow: str = "the workflow"
    category: str = "the category"
    mention: Mention = Mention.NONE
    channels: Mapping[int, Channel] = {}
    scopes: Mapping[int, str] = {}
    mutes: Mapping[int, int] = {}


OWN_CLAUSES: dict[str, str] = {
    Reason.LEVEL_ALL: "{user} gets everything from {scope}",
    Reason.THREAD_LEVEL_ALL: "{user} follows everything in {scope}",
    Reason.MENTION: "{event} {mentioned}",
    Reason.MANDATORY: "{category} is mandatory",
    Reason.NO_PREFERENCES: "nobody's settings apply to this destination",
    Reason.EXPIRED: "{event} had expired before {user} could be told",
    Reason.CANCELLED: "{event} was cancelled",
    Reason.WORKFLOW_PAUSED: "{workflow} was paused",
    Reason.ROLLOUT_OFF: "{workflow} was switched off",
    Reason.ROLLOUT_SHADOW: "{workflow} was only being tried out (shadow mode)",
    Reason.UNKNOWN_USER: "no user called {user} was known",
    Reason.ERASED_USER: "{user} had been erased",
    Reason.DUPLICATE: "{workflow} had already handled the same for {user}",
    Reason.OWN_EVENT: "{user} caused {event}",
    Reason.ACTOR_MUTED: "{user} muted {scope}",
    Reason.MUTED: "{user} muted {scope}",
    Reason.THREAD_MUTED: "{user} muted {scope}",
    Reason.LEVEL_NONE: "{user} turned off notifications for {scope}",
    Reason.NO_MENTION: "{user} wants only mentions from {scope}, and {event} {held_none}",
    Reason.MENTION_SUPPRESSED: "{user} ignores {kind} in {scope}",
    Reason.NOT_IN_THREAD: "{user} had not joined {scope}",
    Reason.SILENT: "{event} was sent silently",
    Reason.WHEN_FALSE: "the condition for it was not met",
    Reason.SUPPRESSED: "the address of {user} for {channel} is on the suppression list",
    Reason.OPTED_OUT: "{user} opted out of {category}",
    Reason.NO_CONSENT: "{user} had not agreed to {category}",
    Reason.CHANNEL_OFF: "{user} switched off {channel} for {scope}",
    Reason.NO_DESTINATION: "{user} had no {place}",
    Reason.RENDER_FAILED: "the template did not work with the data of {event}",
    Reason.UNDECIDABLE: (
        "deciding about {user} failed inside this server (a dead letter that can be redriven)"
    ),
}
"""How a reason is told when the user chose it, or where nobody has to choose."""

DEFAULT_CLAUSES: dict[str, str] = {
    Reason.LEVEL_ALL: "everything from {scope} is passed on unless somebody asks for less",
    Reason.THREAD_LEVEL_ALL: "everything in {scope} is passed on unless somebody asks for less",
    Reason.MUTED: "{scope} is muted for everybody",
    Reason.THREAD_MUTED: "{scope} is muted for everybody",
    Reason.LEVEL_NONE: "{scope} is off unless somebody asks for it",
    Reason.NO_MENTION: "{scope} passes on only mentions by default, and {event} {held_none}",
    Reason.MENTION_SUPPRESSED: "{scope} spares everybody {kind}",
    Reason.CHANNEL_OFF: "by default {channel} is off for {scope}",
}
"""How it is told when a default for everybody decided."""

EVERYWHERE_CLAUSES: dict[tuple[str, str], str] = {
    ("user", Reason.LEVEL_ALL): "{user} gets all notifications",
    ("user", Reason.OPTED_OUT): "{user} opted out of everything that is not mandatory",
    ("user", Reason.LEVEL_NONE): "{user} turned off all notifications",
    ("user", Reason.NO_MENTION): "{user} wants only mentions, and {event} {held_none}",
    ("user", Reason.MENTION_SUPPRESSED): "{user} ignores {kind}",
    ("environment", Reason.LEVEL_ALL): "everything is passed on unless somebody asks for less",
    ("environment", Reason.MUTED): "all notifications are muted for everybody",
    ("environment", Reason.THREAD_MUTED): "all notifications are muted for everybody",
    ("environment", Reason.LEVEL_NONE): "notifications are off unless somebody asks for them",
    ("environment", Reason.NO_MENTION): (
        "by default only mentions are passed on, and {event} {held_none}"
    ),
    ("environment", Reason.MENTION_SUPPRESSED): "everybody is spared {kind}",
    ("environment", Reason.CHANNEL_OFF): "by default {channel} is off",
}
"""By scope and reason: how it is told when it holds everywhere."""

MENTIONED: dict[Mention, str] = {
    Mention.NONE: "mentioned {user}",
    Mention.USER: "mentioned {user}",
    Mention.REPLY: "was a reply to {user}",
    Mention.ROLE: "mentioned a role of {user}",
    Mention.EVERYONE: "mentioned everyone",
}

KINDS: dict[Mention, str] = {
    Mention.ROLE: "mentions of a role",
    Mention.EVERYONE: "mentions of everyone",
}

SCOPES: dict[str, str] = {
    "": "this",
    "topic": "the topic",
    "workflow": "the workflow",
    "category": "the category",
    "user_in_tenant": "the organisation",
    "user": "all notifications",
    "actor": "whoever caused it",
    "topic_default": "the topic",
    "workflow_default": "the workflow",
    "category_default": "the category",
    "tenant": "the organisation",
    "environment": "the whole environment",
}
"""What a scope is called when no name is given."""

OWN_SCOPES = frozenset({"topic", "workflow", "category", "user_in_tenant", "user", "actor"})

CHANNEL_WORDS: dict[Channel, str] = {
    Channel.INBOX: "the inbox item",
    Channel.PUSH: "the push",
    Channel.EMAIL: "the e-mail",
    Channel.SMS: "the SMS",
    Channel.CHAT: "the chat message",
    Channel.WEBHOOK: "the webhook",
}

CHANNEL_NAMES: dict[Channel, str] = {
    Channel.INBOX: "the inbox",
    Channel.PUSH: "push",
    Channel.EMAIL: "e-mail",
    Channel.SMS: "SMS",
    Channel.CHAT: "chat",
    Channel.WEBHOOK: "the webhook",
}
"""What is switched on and off."""

PLACES: dict[Channel, str] = {
    Channel.INBOX: "inbox",
    Channel.PUSH: "device that takes pushes",
    Channel.EMAIL: "working e-mail address",
    Channel.SMS: "working phone number",
    Channel.CHAT: "connected chat account",
    Channel.WEBHOOK: "webhook",
}

_LOWER_STARTS = (
    *("the ", "no ", "nobody's ", "everything ", "everybody ", "whoever ", "all ", "this "),
    *("by default ", "notifications ", "deciding "),
)
_OF_ONE_STEP = frozenset(
    {Reason.NO_DESTINATION, Reason.SUPPRESSED, Reason.CHANNEL_OFF, Reason.WHEN_FALSE}
)
_MUTES = frozenset({Reason.MUTED, Reason.THREAD_MUTED, Reason.ACTOR_MUTED})


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
        start = f"{names.user} was not among those who were to be told about {names.event}."
        return _capital(start)
    groups: dict[tuple[object, ...], list[StepDecision]] = {}
    for step in steps:
        alike = (*_kind(step), names.scopes.get(step.step), step.step in undone)
        groups.setdefault(alike, []).append(step)
    sentences: dict[str, list[str]] = {}
    for group in groups.values():
        followed = _consequence(group, names, group[0].step not in undone)
        sentences.setdefault(_clause(group[0], names), []).append(followed)
    return " ".join(
        _capital(f"{clause}, so {', and '.join(followed)}.")
        for clause, followed in sentences.items()
    )


def _kind(step: StepDecision) -> tuple[object, ...]:
    # A missing or suppressed place and a switched-off channel name the channel, a condition is of
    # one step.
    own = step.step if step.reason in _OF_ONE_STEP else -1
    return step.result, step.gate, step.reason, step.scope, step.until, step.alert, own


def _clause(step: StepDecision, names: Names) -> str:
    channel = names.channels.get(step.step)
    told = _template(step).format(
        user=names.user,
        event=names.event,
        workflow=names.workflow,
        category=names.category,
        scope=names.scopes.get(step.step) or _scope(step),
        channel=CHANNEL_NAMES[channel] if channel else "the channel",
        place=PLACES[channel] if channel else "destination for it",
        mentioned=MENTIONED[names.mention].format(user=names.user),
        held_none=f"did not mention {names.user}",
        kind=KINDS.get(names.mention, "this kind of mention"),
        reason=step.reason,
    )
    return told + (_until(names.mutes.get(step.step)) if step.reason in _MUTES else "")


def _template(step: StepDecision) -> str:
    if step.reason == Reason.LEVEL_ALL and not step.scope:
        return "{user} has nothing set against it"
    template = OWN_CLAUSES.get(step.reason, "the reason was {reason}")
    if step.scope not in OWN_SCOPES:
        template = DEFAULT_CLAUSES.get(step.reason, template)
    return EVERYWHERE_CLAUSES.get((step.scope, step.reason), template)


def _scope(step: StepDecision) -> str:
    if step.reason == Reason.NOT_IN_THREAD:
        return "the thread"
    return SCOPES.get(step.scope, step.scope)


def _consequence(steps: Sequence[StepDecision], names: Names, done: bool) -> str:
    """`done`: what was to be sent has been; else only what was decided is known."""
    first = steps[0]
    if first.step < 0:
        return "nothing was sent"
    things = _things(steps, names)
    be = "was" if len(steps) == 1 else "were"
    if first.result is Result.SKIP:
        return f"{things} {be} not sent"
    if first.result is Result.HOLD:
        return f"{things} {be} held{_until(first.until)}"
    if first.result is Result.DIGEST:
        return f"{things} {be} kept for the next digest"
    sent = "sent" if done else "to be sent"
    return f"{things} {be} {sent}" + ("" if first.alert else " without an alert")


def _things(steps: Sequence[StepDecision], names: Names) -> str:
    words = [_thing(names.channels.get(step.step)) for step in steps]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _thing(channel: Channel | None) -> str:
    return CHANNEL_WORDS[channel] if channel else "the message"


def _until(until: int | None) -> str:
    if until is None or until >= FOREVER:
        return ""
    return f" until {datetime.fromtimestamp(until // 1_000_000, UTC):%Y-%m-%d %H:%M} UTC"


def _capital(text: str) -> str:
    # Only our own words: an id such as `u1` stays as it is written.
    return text[0].upper() + text[1:] if text.startswith(_LOWER_STARTS) else text
