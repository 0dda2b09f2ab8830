"""The closed list of reasons `decide` gives. Codes are stable: they are stored, searched, shown."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a step is sent or skipped. Codes outside may grow; none is ever renamed."""

    LEVEL_ALL = "level_all"
    THREAD_LEVEL_ALL = "thread_level_all"
    MENTION = "mention"
    MANDATORY = "mandatory"
    NO_PREFERENCES = "no_preferences"
    """The destination is nobody's (an endpoint, a provider-side topic), so no settings apply."""

    EXPIRED = "expired"
    CANCELLED = "cancelled"
    WORKFLOW_PAUSED = "workflow_paused"
    ROLLOUT_OFF = "rollout_off"
    ROLLOUT_SHADOW = "rollout_shadow"
    UNKNOWN_USER = "unknown_user"
    ERASED_USER = "erased_user"
    DUPLICATE = "duplicate"
    OWN_EVENT = "own_event"
    ACTOR_MUTED = "actor_muted"
    MUTED = "muted"
    THREAD_MUTED = "thread_muted"
    LEVEL_NONE = "level_none"
    NO_MENTION = "no_mention"
    MENTION_SUPPRESSED = "mention_suppressed"
    NOT_IN_THREAD = "not_in_thread"
    SILENT = "silent"
    WHEN_FALSE = "when_false"
    CHANNEL_OFF = "channel_off"
    NO_DESTINATION = "no_destination"
    SUPPRESSED = "suppressed"
    OPTED_OUT = "opted_out"
    NO_CONSENT = "no_consent"
    LARGE_AUDIENCE = "large_audience"
    OUTSIDE_WINDOW = "outside_window"
    LEGAL_HOURS = "legal_hours"
    ACTIVE_ON_DESKTOP = "active_on_desktop"
    SEEN = "seen"
    PAUSED = "paused"
    QUIET_HOURS = "quiet_hours"
    QUIET_IGNORED = "quiet_ignored"
    """The category is told in quiet hours, too."""

    EXPIRES_WHILE_HELD = "expires_while_held"
    CAPPED = "capped"
    DELAYED = "delayed"
    WAITS_UNTIL = "waits_until"
    NO_INSTANT = "no_instant"
    DIGESTED = "digested"
    LEADS_DIGEST = "leads_digest"
    INSTANT = "instant"
    RENDER_FAILED = "render_failed"
    UNDECIDABLE = "undecidable"
    """Deciding failed in our own code or on broken rows: a dead letter, not a choice."""


SENDING_REASONS = frozenset(
    {
        Reason.LEVEL_ALL,
        Reason.THREAD_LEVEL_ALL,
        Reason.MENTION,
        Reason.MANDATORY,
        Reason.NO_PREFERENCES,
    }
)
"""Reasons of a plain send; every other one stops something (or the alert only)."""
