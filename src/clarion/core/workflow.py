"""What to do about a type of event: workflows, their steps and categories, as frozen records.

Files and requests are turned into these records by `clarion.core.workflow_reading`; templates
and conditions
stay source text here, and are compiled in `clarion.content` and `clarion.conditions`.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Any

import msgspec

from clarion.core.caps import CapRule
from clarion.core.channel import CHANNEL_NUMBER as CHANNEL_NUMBER
from clarion.core.channel import CHANNELS as CHANNELS
from clarion.core.channel import Channel as Channel
from clarion.core.digest import DigestTiming
from clarion.core.window import Window


class Lane(IntEnum):
    """How urgent; the smaller the number, the more urgent. Lanes share nothing that can be
    exhausted."""

    CRITICAL = 0
    TRANSACTIONAL = 1
    SOCIAL = 2
    BULK = 3

    @property
    def label(self) -> str:
        """The name outside: `critical`, `transactional`, `social`, `bulk`."""
        return self.name.lower()


class Rollout(StrEnum):
    """`off` skips, `shadow` decides but sends nothing, `on` sends."""

    OFF = "off"
    SHADOW = "shadow"
    ON = "on"


class OnUnknown(StrEnum):
    """What to do when a provider may or may not have taken a message."""

    AT_LEAST_ONCE = "at_least_once"
    AT_MOST_ONCE = "at_most_once"


class InDoubt(StrEnum):
    """What becomes of messages that waited when a backup was taken, and may have been sent since:
    as `on_unknown` of their category says, all are sent (again), or none is."""

    POLICY = "policy"
    RESEND = "resend"
    DROP = "drop"


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """A class of workflow. `deadline_seconds` bounds the retries of a delivery; None: no bound
    of its own. In topics with more than `push_up_to` subscribers only mentions push; None: all
    do. `name` and `description` are what people read on the preference page, by locale ("" is any).
    """

    key: str
    lane: Lane = Lane.TRANSACTIONAL
    mandatory: bool = False
    quiet_hours: str = "respect"
    consent: str = "none"
    on_unknown: dict[str, OnUnknown] = {}
    attempts: int = 4
    deadline_seconds: int | None = None
    cap: CapRule | None = None
    push_up_to: int | None = None
    name: dict[str, str] = {}
    description: dict[str, str] = {}

    def policy(self, channel: Channel) -> OnUnknown:
        """What to do after an ambiguous outcome on a channel (`*` is any); at least once when
        unsaid."""
        fallback = self.on_unknown.get("*", OnUnknown.AT_LEAST_ONCE)
        return self.on_unknown.get(channel.value, fallback)


BUILT_IN_CATEGORIES: tuple[Category, ...] = (
    Category(key="security", lane=Lane.CRITICAL, mandatory=True, quiet_hours="ignore"),
    Category(key="transactional", lane=Lane.TRANSACTIONAL),
    Category(key="social", lane=Lane.SOCIAL),
    Category(key="marketing", lane=Lane.BULK, consent="required"),
)


class Dedupe(msgspec.Struct, frozen=True):
    """At most one notification per user and value of `key` (CEL) within the window."""

    key: str
    window_seconds: int


class WhenQuiet(StrEnum):
    """What becomes of a message while the quiet hours or the pause of its recipient hold: it waits
    for their end, is sent without a sound, is told with others at their end, or is dropped."""

    HOLD = "hold"
    SILENT = "silent"
    DIGEST = "digest"
    SKIP = "skip"


class Aggregate(msgspec.Struct, frozen=True):
    """Inbox items of one user and one value of `key` (CEL) are one item. `reopen`: new activity
    makes it unseen and unread again, at the top."""

    key: str
    reopen: bool = True


class SendStep(msgspec.Struct, frozen=True, kw_only=True, tag_field="step", tag="send"):
    """Send on one channel. `template` maps a locale ("" = default) to the fields of the channel
    (source text).

    `index` is the position of the step in the file, from 0. `when` is a CEL condition or None.
    Outside the author's `window` (in the recipient's wall time) the message waits. So many
    `presence_seconds` it waits for somebody who is active at a desktop, and is dropped when the
    inbox item was seen meanwhile; 0: not at all.
    """

    index: int
    channel: Channel
    when: str | None = None
    template: dict[str, dict[str, Any]] = {}
    window: tuple[Window, ...] = ()
    quiet: WhenQuiet = WhenQuiet.HOLD
    presence_seconds: int = 0
    cap: CapRule | None = None
    aggregate: Aggregate | None = None


class DelayStep(msgspec.Struct, frozen=True, kw_only=True, tag_field="step", tag="delay"):
    """Wait so long; what follows is decided afterwards."""

    index: int
    seconds: int


class UntilStep(msgspec.Struct, frozen=True, kw_only=True, tag_field="step", tag="until"):
    """Wait until an instant (CEL: an RFC 3339 text or a timestamp), or until a weekly window in the
    recipient's wall time is open; one of the two is given."""

    index: int
    instant: str | None = None
    window: tuple[Window, ...] = ()


class DigestStep(msgspec.Struct, frozen=True, kw_only=True, tag_field="step", tag="digest"):
    """Gather the events of one user and one value of `key` (CEL; None: all of them) and tell them
    as one by the steps that follow."""

    index: int
    timing: DigestTiming
    key: str | None = None


Step = SendStep | DelayStep | UntilStep | DigestStep


class Workflow(msgspec.Struct, frozen=True, kw_only=True):
    """What to do about the events of type `on`.

    `partials` holds the sources of template files it uses, by name; `document` is what its
    author wrote.
    """

    key: str
    on: str
    category: str = "transactional"
    audience: str | None = None
    dedupe: Dedupe | None = None
    expires_in_seconds: int | None = None
    rollout: Rollout = Rollout.ON
    locale: str | None = None
    steps: tuple[Step, ...] = ()
    throttle: CapRule | None = None
    partials: dict[str, str] = {}
    document: dict[str, Any] = {}

    @property
    def sends(self) -> tuple[SendStep, ...]:
        """The steps that send."""
        return tuple(step for step in self.steps if isinstance(step, SendStep))
