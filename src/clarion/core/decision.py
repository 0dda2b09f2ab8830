"""What was decided for one recipient, and the record of it that the store keeps."""

from __future__ import annotations

from enum import IntEnum, StrEnum

import msgspec

from clarion.core.reasons import Reason as Reason

DECIDER = 1
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
    send step."""

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
    CHANNEL = "channel"
    DESTINATION = "destination"
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
    `until` is an
    instant for `hold`. `alert` is False where only the badge counts (an inbox item that does not
    ring).
    """

    step: int
    result: Result
    gate: Gate
    reason: str
    scope: str = ""
    until: int | None = None
    alert: bool = True


class TraceLine(msgspec.Struct, frozen=True):
    """One gate's word: verdict `pass`, `skip`, `hold`, `badge` or `off` (does not apply), and
    plain words."""

    gate: str
    verdict: str
    detail: str
    scope: str = ""
    step: int = -1


class Decision(msgspec.Struct, frozen=True, gc=False):
    """All answers for one recipient; `steps` in file order, or a single entry with step -1."""

    steps: tuple[StepDecision, ...]


class DecisionRecord(msgspec.Struct, frozen=True, array_like=True, gc=False):
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
