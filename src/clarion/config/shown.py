"""What may be shown of an address that can hold a secret."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from clarion.core.address import HIDDEN, address_of

_BETWEEN = re.compile(r",\s*(?=(?:nats|tls)://)")
_HARMLESS = ("inproc", "sqlite://")


def without_secret(address: str) -> str:
    """An address without user and password (each of several, separated by commas). Whatever is not
    plainly something else counts as secret."""
    if address.startswith(_HARMLESS):
        return address
    parts = [address_of(part) for part in _BETWEEN.split(address)]
    return ",".join(HIDDEN if part is None else str(part) for part in parts)


def without_query(url: str) -> str:
    """An http(s) address without user, password, query and fragment, where secrets stand."""
    parts = urlsplit(url)
    port = "" if parts.port is None else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname or HIDDEN}{port}{parts.path}"


def without_password(address: str) -> str:
    """An address as one may write it into a command: its user stays, its password goes; `***`
    stands for whatever could be a part of one."""
    found = address_of(address)
    return HIDDEN if found is None else found.with_user
