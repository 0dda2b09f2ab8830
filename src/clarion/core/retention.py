"""How long each kind of data is kept, in days; 0 is for ever."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

CONTENT_DAYS = 30
"""What rendered words and payloads are kept for where nobody says otherwise."""

LONGEST_DAYS = 36_500


class RetentionDays(msgspec.Struct, frozen=True, kw_only=True):
    """Days by kind; 0: for ever.

    `content`: rendered words, payloads of events, captured messages (words of inbox items stay as
    long as the items). `notifications`: events, notifications, deliveries, dead letters, keys.
    `decisions`: why each was decided. `attempts`: each try of a delivery. `inbox`: items. Nothing
    outlives the notification it belongs to.
    """

    content_days: int = CONTENT_DAYS
    notifications_days: int = 90
    decisions_days: int = 90
    attempts_days: int = 90
    inbox_days: int = 90

    def shortened(self, by: Mapping[str, int]) -> RetentionDays:
        """The same with the days of an environment where these are fewer; a kind is never kept for
        longer than the notifications."""
        found = {name: _fewer(days, by.get(name, 0)) for name, days in _items(self)}
        whole = found["notifications_days"]
        return RetentionDays(**{name: _fewer(days, whole) for name, days in found.items()})


KINDS: tuple[str, ...] = RetentionDays.__struct_fields__


def outlives(days: int, other: int) -> bool:
    """Whether what is kept so many days is there for longer; 0 is for ever."""
    return other != 0 and (days == 0 or days > other)


def _items(days: RetentionDays) -> Iterator[tuple[str, int]]:
    return ((name, getattr(days, name)) for name in KINDS)


def _fewer(days: int, other: int) -> int:
    return other if outlives(days, other) else days
