"""The provider of every channel that has none: it sends nothing and shows what would have left."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.channels.contract import Capabilities, SettingField, Wire
from clarion.core.delivery import Message, Outcome, OutcomeClass
from clarion.core.workflow import Channel

DEAD_PREFIX = "dead-"
"""Addresses that start so play the part of dead ones."""

CAPTURE = Capabilities(
    kind="capture",
    channel=Channel.PUSH,
    title="Capture (development)",
    idempotent=True,
    replaces=True,
    platforms=("fcm", "fcm_topic", "apns", "webpush"),
    settings=(
        SettingField(name="channel", meaning="the channel it stands in for", default="push"),
    ),
)


class CaptureProvider:
    """Accepts everything but addresses that start with `dead-`."""

    def __init__(self, channel: Channel) -> None:
        self.capabilities = msgspec.structs.replace(
            CAPTURE,
            channel=channel,
            platforms=CAPTURE.platforms if channel is Channel.PUSH else (),
        )

    async def send(self, message: Message, wire: Wire) -> Outcome:
        """`captured` holds the message as plain data."""
        if message.address.startswith(DEAD_PREFIX):
            return Outcome(
                kind=OutcomeClass.DESTINATION_INVALID,
                code="dead",
                detail=f"addresses that start with {DEAD_PREFIX} are dead here",
            )
        captured: dict[str, Any] = msgspec.to_builtins(message) | {"captured_at": wire.now()}
        return Outcome(
            kind=OutcomeClass.ACCEPTED,
            code="captured",
            provider_id=message.delivery_id,
            captured=captured,
        )
