"""What a single setting may be: raw values in, checked values out, else an OddError with the mend.

No reader repeats a value that could hold a secret.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from clarion.config.given import Given
from clarion.config.settings import Listen, Network
from clarion.core.document import kind_of
from clarion.core.suggestion import did_you_mean
from clarion.failpoint import FailPoint, read_fail_points

_MAIL_ADDRESS = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,190}")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


class OddError(Exception):
    """A value that cannot be: half a sentence on what is wrong, and how to mend it."""


def text_of(given: Given) -> str:
    """Text that is not empty."""
    if not isinstance(given.value, str):
        raise OddError(f"is {kind_of(given.value)}; write text in quotes")
    if not given.value.strip():
        raise OddError("is empty; give it a value or remove it")
    return given.value


def flag_of(given: Given) -> bool:
    """`true` or `false`, nothing else."""
    words = {"true": True, "false": False}
    value = words.get(given.value, given.value) if given.from_environment else given.value
    if not isinstance(value, bool):
        quotes = "" if given.from_environment else ", without quotes"
        raise OddError(f"is neither true nor false; write one of them{quotes}")
    return value


def fail_points_of(given: Given) -> tuple[FailPoint, ...]:
    """Where a test wants the process to end; see `clarion.failpoint`."""
    try:
        return read_fail_points(text_of(given))
    except ValueError as error:
        raise OddError(str(error)) from None


def whole_of(given: Given, low: int, high: int) -> int:
    """A whole number within bounds, both included."""
    value = given.value
    if given.from_environment and re.fullmatch(r"-?[0-9]{1,12}", value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        number = isinstance(value, float | int) and not isinstance(value, bool)
        said = str(value) if number else kind_of(value)
        raise OddError(f"is {said}; write a whole number from {low} to {high}, without quotes")
    return value


def rate_of(given: Given) -> int:
    """How many a second."""
    return whole_of(given, 1, 1_000_000)


def url_of(given: Given) -> str:
    """An http(s) address to call; it may hold a secret, so it is not repeated."""
    text = text_of(given).strip()
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host or any(map(str.isspace, text)):
        raise OddError("is no address to call; write e.g. https://ops.example.org/in")
    return text


def between(low: int, high: int) -> Callable[[Given], int]:
    """Reads a whole number within bounds, both included."""
    return lambda given: whole_of(given, low, high)


def seconds_of(given: Given, low: float, high: float) -> float:
    """A number of seconds within bounds, both included; fractions are fine."""
    value = given.value
    if given.from_environment:
        try:
            value = float(value)
        except ValueError:
            raise OddError(f"is no number of seconds; write one from {low:g} to {high:g}") from None
    if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
        number = isinstance(value, float | int) and not isinstance(value, bool)
        said = f"{value:g}" if number else kind_of(value)
        raise OddError(f"is {said}; write a number of seconds from {low:g} to {high:g}")
    return float(value)


def texts_of(given: Given) -> tuple[str, ...]:
    """A list of texts; in the environment they are separated by commas."""
    value: Any = given.value
    if given.from_environment:
        value = [part.strip() for part in given.value.split(",")]
    if not isinstance(value, list):
        raise OddError(f'is {kind_of(value)}; write a list, e.g. ["..."]')
    if not all(isinstance(part, str) and part for part in value):
        raise OddError("holds something that is not text; write each part in quotes")
    return tuple(value)


def environments_of(given: Given) -> tuple[str, ...]:
    """Names of environments, at least one."""
    names = texts_of(given)
    if not names:
        raise OddError('is empty; write environments = ["default"], or remove it')
    return names


def word_of(*words: str) -> Callable[[Given], str]:
    """One of a few words."""

    def read(given: Given) -> str:
        word = text_of(given)
        if word not in words:
            raise OddError(f"is {word[:40]!r}; {did_you_mean(word, words)}")
        return word

    return read


def key_of(given: Given) -> str:
    """An API key: text without spaces."""
    key = text_of(given)
    if any(letter.isspace() or not letter.isprintable() for letter in key):
        raise OddError("holds a space or a line break; write the key alone")
    return key


def folder_of(given: Given) -> Path:
    """A folder that may not be there yet, as an absolute path."""
    return given.base / text_of(given)


def present_folder_of(given: Given) -> Path:
    """A folder that has to be there."""
    path = folder_of(given)
    if not path.is_dir():
        raise OddError(f"names {path}, which is not a folder; check the path")
    return path


def present_file_of(given: Given) -> Path:
    """A file that has to be there."""
    path = given.base / text_of(given)
    if not path.is_file():
        raise OddError(f"names {path}, which is not a file; check the path")
    return path


def listen_of(given: Given) -> Listen:
    """`host:port`, an IPv6 address in brackets."""
    text = text_of(given)
    host, separator, port = text.rpartition(":")
    if not separator or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535:
        raise OddError(f"is {text[:60]!r}; write host:port, e.g. 127.0.0.1:8400")
    if not host:
        raise OddError(f"has no host; write 127.0.0.1:{port}, or 0.0.0.0:{port} for every address")
    if host.startswith("[") and host.endswith("]") and _is_ipv6(host[1:-1]):
        return Listen(host[1:-1], int(port))
    if ":" in host and _is_ipv6(host):
        raise OddError(f"needs brackets around the address; write [{host}]:{port}")
    if not _HOST.fullmatch(host):
        raise OddError("has no host that could be; write host:port, e.g. 127.0.0.1:8400")
    return Listen(host, int(port))


def public_url_of(given: Given) -> str:
    """An http(s) address without query, fragment or user; a slash at its end is dropped."""
    text = text_of(given)
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise OddError("is no address of a server; write e.g. https://clarion.example.org")
    if parts.query or parts.fragment or any(letter.isspace() for letter in text):
        raise OddError("goes on after the path; write e.g. https://clarion.example.org/notify")
    return text.rstrip("/")


def mail_address_of(given: Given) -> str:
    """A plain mail address, as it may stand in a `mailto:` of a header."""
    text = text_of(given)
    if not _MAIL_ADDRESS.fullmatch(text):
        raise OddError("is no plain mail address; write e.g. unsubscribe@example.org")
    return text


def origins_of(given: Given) -> tuple[str, ...]:
    """Origins of sites (RFC 6454: scheme, host and perhaps a port), or `*`."""
    return tuple(text if text == "*" else _origin(text) for text in texts_of(given))


def _origin(text: str) -> str:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    plain = f"{parts.scheme}://{parts.netloc}".lower()
    bare = parts.path in ("", "/") and not parts.query and not parts.fragment
    if parts.scheme not in ("http", "https") or not host or parts.username is not None or not bare:
        raise OddError(f"holds {text[:60]!r}; write origins as https://app.example.org, or '*'")
    return plain


def networks_of(given: Given) -> tuple[Network, ...]:
    """Networks in CIDR form."""
    return tuple(_network(text) for text in texts_of(given))


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        pass
    try:
        right = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise OddError(f"holds {text[:60]!r}; write networks as 10.0.0.0/8 or fd00::/8") from None
    raise OddError(f"holds {text!r}, an address inside a network; did you mean '{right}'?")


def _is_ipv6(host: str) -> bool:
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True
