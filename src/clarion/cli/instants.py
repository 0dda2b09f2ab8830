"""Instants as they are written in options: RFC 3339, or how long ago."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from clarion.cli.failing import MISUSED, CommandError
from clarion.clock import from_rfc3339
from clarion.core.duration import parse_duration
from clarion.errors import InvalidError

FORMS = "an instant (2026-01-02T03:04:05Z), or how long ago (PT1H, P7D)"


def instant_in_option(text: str, option: str) -> str:
    """RFC 3339 of an instant, or of now less a duration; CommandError when it is neither."""
    if text[:4].isdigit() and text[4:5] == "-":
        try:
            from_rfc3339(text)
        except (ValueError, OverflowError):
            raise CommandError(f"{option}: {text[:60]!r} is not {FORMS}", MISUSED) from None
        return text
    try:
        seconds = parse_duration(text, "")
    except InvalidError as error:
        end = "" if error.detail.endswith("?") else "."
        text = f"{option}: {error.detail}{end} It takes {FORMS}"
        raise CommandError(text, MISUSED) from error
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()
