"""How long a vendor asks us to wait."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

SHORTEST_SECONDS = 1.0
LONGEST_SECONDS = 86_400.0
_SECOND = 1_000_000


def clamp_wait(seconds: float) -> float:
    """A wait a vendor asked for, held between one second and one day."""
    return min(max(seconds, SHORTEST_SECONDS), LONGEST_SECONDS)


def parse_retry_after(value: str | None, now: int) -> float | None:
    """The field `Retry-After` (RFC 9110, 10.2.3: seconds or an HTTP date) -> seconds from `now`.

    `now` in microseconds UTC. None when the field is missing or unreadable; else 1 s to 24 h.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return clamp_wait(float(text[:9]))
    try:
        moment = parsedate_to_datetime(text)
        return clamp_wait(moment.timestamp() - now / _SECOND)
    except (ValueError, OverflowError, OSError):
        return None
