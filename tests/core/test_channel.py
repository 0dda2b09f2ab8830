"""Channels and their numbers, which are stored."""

from __future__ import annotations

from clarion.core.channel import CHANNEL_NUMBER, CHANNELS, Channel


def test_the_numbers_of_channels_never_change() -> None:
    stored = {"inbox": 1, "push": 2, "email": 3, "sms": 4, "chat": 5, "webhook": 6}
    assert {channel.value: number for channel, number in CHANNEL_NUMBER.items()} == stored


def test_a_channel_is_found_by_its_number() -> None:
    assert all(CHANNELS[CHANNEL_NUMBER[channel] - 1] is channel for channel in Channel)
