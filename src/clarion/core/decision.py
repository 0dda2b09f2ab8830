"""What was decided for one recipient, and the record of it that the store keeps."""

from __future__ import annotations

from enum import IntEnum, StrEnum

import msgspec

from clarion.core.facts import CapOutcome
from clarion.core.reasons import Reason as Reason
from clarion.core.recipient import Consent
from clarion.core.workflow import Channel

DECIDER = 2
"""Version of `decide`: raise it whenever the same facts may get another answer."""


class Result(IntEnum):
    """What happens with a step now."""

    SEND = 1
    HOLD = 2
    DIGEST = 3
    SKIP = 4

    @property
    def label(self) -> str:
        return self.name.lower()


class Gate(StrEnum):
    """The gates, in the order they are asked: first those of the notification, then those of a
    send step, then the steps that wait."""

    EXPIRED = "expired"
    CANCELLED = "cancelled"
    PAUSED = "paused"
    ROLLOUT = "rollout"
    EXISTS = "exists"
    DUPLICATE = "duplicate"
    MANDATORY = "mandatory"
    ACTOR = "actor"
    MUTED_ACTOR = "muted_actor"
    MUTE = "mute"
    LEVEL = "level"
    SILENT = "silent"
    WHEN = "when"
    SUPPRESSED = "suppressed"
    OPTED_OUT = "opted_out"
    CONSENT = "consent"
    CHANNEL = "channel"
    DESTINATION = "destination"
    LARGE = "large"
    WINDOW = "window"
    LEGAL_HOURS = "legal_hours"
    PRESENCE = "presence"
    PAUSE = "pause"
    QUIET = "quiet"
    CAP = "cap"
    DELAY = "delay"
    UNTIL = "until"
    DIGEST = "digest"
    CONTENT = "content"
    """Asked after `decide`: the template failed on this event's data."""

    UNDECIDABLE = "undecidable"
    """No gate could be asked: deciding about this recipient failed."""

    END = "end"
    """Every gate was passed."""


class StepDecision(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The answer for one step. `scope` is the label of the deciding scope (`topic`, `workflow`,
    ... or "").

    `step` is the index of the step, or -1 when a gate of the notification ended it with one row.
    `until` is an instant for `hold` and `digest`. `alert` is False where only the badge counts (an
    inbox item that does not ring) and where a message is sent without a sound.
    """

    step: int
    result: Result
    gate: Gate
    reason: str
    scope: str = ""
    until: int | None = None
    alert: bool = True


class TraceLine(msgspec.Struct, frozen=True):
    """One gate's word: verdict `pass`, `skip`, `hold`, `digest`, `silent`, `badge` or `off` (does
    not apply), and plain words. `until`: the instant until which it holds."""

    gate: str
    verdict: str
    detail: str
    scope: str = ""
    step: int = -1
    until: int | None = None


class Decision(msgspec.Struct, frozen=True, gc=False):
    """All answers for one recipient; `steps` in file order, or a single entry with step -1."""

    steps: tuple[StepDecision, ...]


class Circumstances(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    gc=False,
    forbid_unknown_fields=False,
):
    """What only some decisions saw. Names as in Facts and Recipient; `zone` is that of the event's
    defaults, kept where the user's own is not known."""

    zone: str | None = None
    span: tuple[int, int] | None = None
    waited: tuple[str, ...] = ()
    seen: bool = False
    active_until: int = 0
    consents: tuple[Consent, ...] = ()
    suppressed: tuple[Channel, ...] = ()
    large: bool = False
    caps: dict[int, CapOutcome] = {}
    leads: dict[int, int] = {}
    untils: dict[int, int] = {}


class DecisionRecord(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True, gc=False):
    """What the ledger keeps per notification: the answer, the versions it saw, and one small
    tuple of facts.

    With the histories of users, settings, workflows and categories it is enough to run `decide`
    again.
    `whens` are the answers of the steps' conditions by index. `destinations` are counts by channel.
    """

    decider: int
    at: int
    user_version: int
    settings_version: int
    defaults_version: int
    standing: int
    topic: int
    mention: str
    duplicate: bool
    in_thread: bool
    paused: bool
    cancelled: bool
    whens: dict[int, bool]
    destinations: dict[str, int]
    steps: tuple[StepDecision, ...]
    more: Circumstances | None = None
