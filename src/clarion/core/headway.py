"""How much of its time bulk work may use while urgent work is in a hurry. Pure: time is an
argument.

Under pressure the share shrinks by a factor, without it grows by a constant, both by one step in a
while at most. It never falls to nothing: a blast goes on, slower.
"""

from __future__ import annotations

import msgspec


class HeadwayPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """`least` share of its time that bulk always has; `cut` is the factor of a step down, `gain`
    what a step up adds. A step down every `cut_seconds` at most, up every `gain_seconds`, and none
    up before it was calm for `calm_seconds`. One rest is `longest_rest_seconds` at most."""

    least: float = 0.7
    cut: float = 0.9
    gain: float = 0.05
    cut_seconds: float = 0.09
    gain_seconds: float = 0.09
    calm_seconds: float = 0.3
    longest_rest_seconds: float = 0.25


class Headway(msgspec.Struct, frozen=True, kw_only=True):
    """`share` of its time that bulk uses, since `moved_seconds`; pressed last at `pressed_seconds`.
    Instants are of a monotonic clock."""

    share: float = 1.0
    moved_seconds: float = float("-inf")
    pressed_seconds: float = float("-inf")

    @property
    def yielding(self) -> bool:
        """Whether bulk holds back."""
        return self.share < 1.0

    def pressed(self, now_seconds: float, policy: HeadwayPolicy) -> Headway:
        """Urgent work suffers now."""
        if now_seconds - self.moved_seconds < policy.cut_seconds and self.yielding:
            return msgspec.structs.replace(self, pressed_seconds=now_seconds)
        share = max(self.share * policy.cut, policy.least)
        return Headway(share=share, moved_seconds=now_seconds, pressed_seconds=now_seconds)

    def eased(self, now_seconds: float, policy: HeadwayPolicy) -> Headway:
        """Nothing suffers now."""
        calm = now_seconds - self.pressed_seconds >= policy.calm_seconds
        due = now_seconds - self.moved_seconds >= policy.gain_seconds
        if not self.yielding or not calm or not due:
            return self
        share = min(self.share + policy.gain, 1.0)
        return msgspec.structs.replace(self, share=share, moved_seconds=now_seconds)

    def rest_seconds(self, busy_seconds: float, policy: HeadwayPolicy) -> float:
        """How long to rest after having been busy for so long."""
        rest = busy_seconds * (1.0 / self.share - 1.0)
        return min(max(rest, 0.0), policy.longest_rest_seconds)
