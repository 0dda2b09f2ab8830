"""The kinds of ways to a person, and their numbers in the store."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """A kind of way to a person."""

    INBOX = "inbox"
    PUSH = "push"
    EMAIL = "email"
    SMS = "sms"
    CHAT = "chat"
    WEBHOOK = "webhook"


CHANNELS: tuple[Channel, ...] = tuple(Channel)
"""Channels in the order of their numbers in the store (the number is the index + 1)."""

CHANNEL_NUMBER: dict[Channel, int] = {channel: i + 1 for i, channel in enumerate(CHANNELS)}
