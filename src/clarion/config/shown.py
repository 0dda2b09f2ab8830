"""What may be shown of an address that can hold a secret."""

from __future__ import annotations

import re

_USER = re.compile(r"(?<=://)[^/@]*@")
_PASSWORD = re.compile(r"(?<=[?&]password=)[^&]*")


def without_secret(address: str) -> str:
    """An address without user and password (each of several, separated by commas)."""
    return _PASSWORD.sub("***", _USER.sub("***@", address))
