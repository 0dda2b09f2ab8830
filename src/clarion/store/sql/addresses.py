"""Addresses and their hashes: what counts as the same address, and how it is found again."""

from __future__ import annotations

import hmac
import re
import unicodedata
from contextlib import suppress
from hashlib import sha256

from clarion.core.workflow import Channel
from clarion.store.sql.codec import number_of

_OF_PHONES = str.maketrans("", "", " ().-")
_TRUNK = "(0)"
_PLAIN_LOCAL = re.compile(r'"([^\s"\\@]+)"')


def normal_form(channel: Channel, address: str) -> str:
    """E-mail without regard to case and to the spelling of the domain, phone numbers without what
    makes them readable, tokens as they are."""
    if channel is Channel.EMAIL:
        return _mail_address(unicodedata.normalize("NFC", address.strip().lower()))
    if channel is Channel.SMS:
        digits = address.replace(_TRUNK, "").translate(_OF_PHONES).lower()
        return f"+{digits[2:]}" if digits.startswith("00") else digits
    return address


def _mail_address(address: str) -> str:
    local, at, domain = address.rpartition("@")
    if quoted := _PLAIN_LOCAL.fullmatch(local):
        local = quoted[1]
    with suppress(UnicodeError):  # what is no name of a host is compared as it stands
        domain = domain.encode("idna").decode()
    return f"{local}{at}{domain.rstrip('.')}"


def address_hash(channel: Channel, address: str) -> bytes:
    """SHA-256 of an address, by which a destination is found."""
    return sha256(normal_form(channel, address).encode()).digest()


def keyed_hash(secret: bytes, env: int, channel: Channel, address: str) -> bytes:
    """HMAC-SHA256 of an address in one environment: who does not have the secret cannot try
    addresses until one fits."""
    text = f"{env}:{number_of(channel)}:{normal_form(channel, address)}"
    return hmac.digest(secret, text.encode(), sha256)
