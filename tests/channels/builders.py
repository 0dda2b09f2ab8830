"""Messages and clocks with defaults."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from clarion.core.delivery import Message
from clarion.core.workflow import Channel

VECTORS = Path(__file__).parents[1] / "vectors"
NOON = 1_767_268_800_000_000  # 2026-01-01T12:00:00Z


class HandClock:
    """A clock that a test moves."""

    def __init__(self, now: int = NOON) -> None:
        self.instant = now

    def now(self) -> int:
        return self.instant

    def monotonic_seconds(self) -> float:
        return self.instant / 1_000_000

    def forward(self, seconds: float) -> None:
        self.instant += int(seconds * 1_000_000)


def a_push(**changes: Any) -> Message:
    message = Message(
        delivery_id="dlv_PUSH1",
        channel=Channel.PUSH,
        address="device-token-1",
        content={"title": "Hello", "body": "There"},
        platform="fcm",
        event_type="order.created",
        occurred_at=NOON,
        notification_id="ntf_1",
    )
    return msgspec.structs.replace(message, **changes)


def a_mail(**changes: Any) -> Message:
    message = Message(
        delivery_id="dlv_MAIL1",
        channel=Channel.EMAIL,
        address="ada@example.org",
        content={"subject": "Hello", "text": "There"},
        event_type="order.created",
        occurred_at=NOON,
        notification_id="ntf_1",
    )
    return msgspec.structs.replace(message, **changes)


def a_webhook(url: str, **changes: Any) -> Message:
    message = Message(
        delivery_id="dlv_HOOK1",
        channel=Channel.WEBHOOK,
        address=url,
        content={"body": {"order": 7}},
        event_type="order.created",
        occurred_at=NOON,
        notification_id="ntf_1",
    )
    return msgspec.structs.replace(message, **changes)


def error_rows(provider: str) -> list[dict[str, Any]]:
    """The rows of one provider in the table of error classes."""
    rows = json.loads((VECTORS / "provider_errors.json").read_text())["rows"]
    return [row for row in rows if row["provider"] == provider]
