"""What a gate says, and the line of the trace that tells it in words."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from clarion.core.decision import Gate, TraceLine
from clarion.core.reasons import Reason


class GateVerdict(StrEnum):
    """How a gate answers. `silent`: sent without a sound. `badge`: no alert, but the badge counts.
    `off`: it does not apply."""

    PASS = "pass"  # noqa: S105  (a verdict, no password)
    SKIP = "skip"
    HOLD = "hold"
    DIGEST = "digest"
    SILENT = "silent"
    BADGE = "badge"
    OFF = "off"


class Ruling(msgspec.Struct, frozen=True, gc=False):
    """One gate's answer: verdict, reason code ("" when there is nothing to tell), scope label, and
    the instant until which it holds."""

    verdict: GateVerdict
    reason: str = ""
    scope: str = ""
    until: int | None = None


PASSED: dict[Gate, str] = {
    Gate.EXPIRED: "the event has not expired",
    Gate.CANCELLED: "the event was not cancelled",
    Gate.PAUSED: "the workflow is not paused",
    Gate.ROLLOUT: "the workflow is switched on",
    Gate.EXISTS: "the user exists",
    Gate.DUPLICATE: "not a duplicate",
    Gate.MANDATORY: "the category is not mandatory, so settings apply",
    Gate.ACTOR: "caused by somebody else",
    Gate.MUTED_ACTOR: "who caused it is not muted",
    Gate.MUTE: "no scope is muted",
    Gate.LEVEL: "the level lets it through",
    Gate.SILENT: "the event is not silent",
    Gate.WHEN: "no condition stands against it",
    Gate.SUPPRESSED: "the address is not on the suppression list",
    Gate.OPTED_OUT: "the user did not opt out",
    Gate.CONSENT: "consent is given, or not needed",
    Gate.CHANNEL: "the channel is on",
    Gate.DESTINATION: "there is somewhere to send it",
    Gate.LARGE: "the audience is not too large for a push",
    Gate.WINDOW: "inside the hours of the step",
    Gate.LEGAL_HOURS: "inside the hours that the law leaves open",
    Gate.PRESENCE: "no desktop holds it",
    Gate.PAUSE: "the user has not paused notifications",
    Gate.QUIET: "outside the quiet hours",
    Gate.CAP: "below the caps",
    Gate.DELAY: "the delay is over",
    Gate.UNTIL: "the instant has come",
    Gate.DIGEST: "not gathered: it goes on at once",
    Gate.CONTENT: "the template works with the event's data",
    Gate.UNDECIDABLE: "deciding did not fail",
    Gate.END: "every gate was passed",
}

TOLD: dict[str, str] = {
    Reason.LEVEL_ALL: "the level is all",
    Reason.THREAD_LEVEL_ALL: "the level of the thread is all",
    Reason.MENTION: "the level is mentions, and the user is mentioned",
    Reason.MANDATORY: "the category is mandatory, so settings do not apply",
    Reason.NO_PREFERENCES: "the destination is nobody's, so settings do not apply",
    Reason.EXPIRED: "the event has expired",
    Reason.CANCELLED: "the event was cancelled",
    Reason.WORKFLOW_PAUSED: "the workflow is paused",
    Reason.ROLLOUT_OFF: "the rollout of the workflow is off",
    Reason.ROLLOUT_SHADOW: "the rollout is shadow: decided to the end, nothing is sent",
    Reason.UNKNOWN_USER: "there is no such user",
    Reason.ERASED_USER: "the user was erased",
    Reason.DUPLICATE: "another event took the dedupe key within its window",
    Reason.OWN_EVENT: "the user caused the event",
    Reason.ACTOR_MUTED: "the user muted whoever caused the event",
    Reason.MUTED: "the scope is muted",
    Reason.THREAD_MUTED: "the thread is muted",
    Reason.LEVEL_NONE: "the level is none",
    Reason.NO_MENTION: "the level is mentions, and the user is not mentioned",
    Reason.MENTION_SUPPRESSED: "the level is mentions, and this kind of mention is suppressed",
    Reason.NOT_IN_THREAD: "the user is not in the thread",
    Reason.SILENT: "the event is silent",
    Reason.WHEN_FALSE: "the condition of the step is false",
    Reason.CHANNEL_OFF: "the channel is switched off",
    Reason.SUPPRESSED: "every address on this channel is on the suppression list",
    Reason.OPTED_OUT: "the user took consent back, or objected",
    Reason.NO_CONSENT: "the category requires consent, and none was given",
    Reason.LARGE_AUDIENCE: "the audience is large, and the user is not mentioned",
    Reason.OUTSIDE_WINDOW: "outside the hours of the step",
    Reason.LEGAL_HOURS: "outside the hours in which the law allows it",
    Reason.ACTIVE_ON_DESKTOP: "the user is active at a desktop",
    Reason.SEEN: "the user has seen it in the inbox meanwhile",
    Reason.PAUSED: "the user paused notifications",
    Reason.QUIET_HOURS: "the user's quiet hours",
    Reason.QUIET_IGNORED: "the category does not heed quiet hours",
    Reason.EXPIRES_WHILE_HELD: "it would expire before it may be sent",
    Reason.CAPPED: "a cap is reached",
    Reason.DELAYED: "the workflow waits",
    Reason.WAITS_UNTIL: "the workflow waits for an instant",
    Reason.NO_INSTANT: "what the step waits for is no instant, so nothing is waited for",
    Reason.DIGESTED: "gathered, to be told with others",
    Reason.LEADS_DIGEST: "the first of its kind goes on at once",
    Reason.INSTANT: "the user wants digests at once",
    Reason.NO_DESTINATION: "the user has no destination on this channel",
    Reason.RENDER_FAILED: "the template failed on the event's data",
    Reason.UNDECIDABLE: "deciding failed inside this server",
}


def line(gate: Gate, ruling: Ruling | None, step: int = -1) -> TraceLine:
    """The line of a gate; no ruling means that it was passed with nothing to tell."""
    if ruling is None:
        return TraceLine(gate.value, GateVerdict.PASS.value, PASSED[gate], "", step)
    detail = TOLD.get(ruling.reason, PASSED[gate])
    if ruling.verdict is GateVerdict.OFF:
        detail = f"not asked: {detail}"
    return TraceLine(gate.value, ruling.verdict.value, detail, ruling.scope, step, ruling.until)
