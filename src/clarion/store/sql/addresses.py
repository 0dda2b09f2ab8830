"""Addresses and their hashes: what counts as the same address, and how it is found again."""

from __future__ import annotations

import hmac
from hashlib import sha256

from clarion.core.workflow import Channel
from clarion.store.sql.codec import number_of

_OF_PHONES = str.maketrans("", "", " ().-")


def normal_form(channel: Channel, address: str) -> str:
    """E-mail without regard to case, phone numbers without what makes them readable, tokens as
    they are."""
    if channel is Channel.EMAIL:
        return address.strip().lower()
    if channel is Channel.SMS:
        return address.translate(_OF_PHONES).lower()
    return address


def address_hash(channel: Channel, address: str) -> bytes:
    """SHA-256 of an address, by which a destination is found."""
    return sha256(normal_form(channel, address).encode()).digest()


def keyed_hash(secret: bytes, env: int, channel: Channel, address: str) -> bytes:
    """HMAC-SHA256 of an address in one environment: who does not have the secret cannot try
    addresses until one fits."""
    text = f"{env}:{number_of(channel)}:{normal_form(channel, address)}"
    return hmac.digest(secret, text.encode(), sha256)
