"""What may be shown of an address that can hold a secret."""

from __future__ import annotations

import re

_USER = re.compile(r"(?<=://)[^/@]*@")
_PASSWORD = re.compile(r"(?<=[?&]password=)[^&]*")
_PASSWORD_OF_USER = re.compile(r"(?<=://)([^/:@]*):[^/@]*(?=@)")
_PASSWORD_OPTION = re.compile(r"(?<=[?&])password=[^&]*&?")


def without_secret(address: str) -> str:
    """An address without user and password (each of several, separated by commas)."""
    return _PASSWORD.sub("***", _USER.sub("***@", address))


def without_password(address: str) -> str:
    """An address as one may write it into a command: its user stays, its password goes."""
    return _PASSWORD_OPTION.sub("", _PASSWORD_OF_USER.sub(r"\1", address))
