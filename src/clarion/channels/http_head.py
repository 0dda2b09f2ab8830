"""The part of a request before its body. All but the length is the same for many messages."""

from __future__ import annotations

import functools
import re
from base64 import b64encode

import msgspec
from yarl import URL

_OWN_HEADERS = {"Accept": "*/*", "User-Agent": "Clarion", "Accept-Encoding": "identity"}
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_ILLEGAL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_OURS = frozenset({"host", "content-length", "transfer-encoding"})

Items = tuple[tuple[str, str], ...]
"""Headers as their names and values."""


class Origin(msgspec.Struct, frozen=True):
    """Where connections may be shared. `way` keeps vendors and tenants apart."""

    way: str
    secure: bool
    host: str
    port: int


class Head(msgspec.Struct, frozen=True):
    """Request line and headers up to the length's value. `last`: the sender asked to close."""

    text: bytes
    last: bool

    def request(self, body: bytes) -> bytes:
        """The whole request."""
        return b"%b%d\r\n\r\n%b" % (self.text, len(body), body)


@functools.lru_cache(maxsize=1024)
def vendor_url(text: str) -> URL:
    """A URL of the settings; ValueError when it is none of http or https."""
    url = URL(text)
    if url.scheme not in ("http", "https") or not url.raw_host:
        raise ValueError("the URL is not an absolute http or https URL")
    return url


@functools.lru_cache(maxsize=1024)
def origin_of(way: str, url: URL) -> Origin:
    """The origin of an absolute URL."""
    return Origin(way, url.scheme == "https", url.raw_host or "", url.port or 0)


@functools.lru_cache(maxsize=256)
def head_of(url: URL, headers: Items) -> Head:
    """The head of a POST; ValueError for what would not be one header. Names are not repeated:
    `headers` go before our own."""
    given = {name.lower(): (name, value) for name, value in headers}
    own = {"host": ("Host", _host(url))}
    if url.raw_user is not None:
        pair = f"{url.user}:{url.password or ''}".encode()
        own["authorization"] = ("Authorization", f"Basic {b64encode(pair).decode()}")
    own |= {name.lower(): (name, value) for name, value in _OWN_HEADERS.items()}
    lines = [f"POST {url.raw_path_qs} HTTP/1.1"]
    for name, value in (own | given).values():
        if not _NAME.fullmatch(name) or _ILLEGAL.search(value):
            raise ValueError(f"the header {name!r} holds what no header may hold")
        if name.lower() not in _OURS - {"host"}:
            lines.append(f"{name}: {value}")
    last = given.get("connection", ("", ""))[1].lower() == "close"
    return Head("\r\n".join([*lines, "Content-Length: "]).encode(), last)


def _host(url: URL) -> str:
    host = url.raw_host or ""
    bracketed = f"[{host}]" if ":" in host else host
    return bracketed if url.is_default_port() else f"{bracketed}:{url.port}"
