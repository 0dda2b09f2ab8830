"""Where the store and the bus are: checked addresses. Passwords are never shown."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from clarion.config.given import Given
from clarion.config.shown import without_secret
from clarion.config.values import OddError, text_of

POSTGRES_SCHEMES = ("postgresql", "postgres")
BUS_SCHEMES = ("nats", "tls")
INPROC = "inproc"

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,30}")
_POSTGRES = "postgresql://user@host/database"
_NATS = "nats://host:4222"


class StoreAddress(msgspec.Struct, frozen=True):
    """`dsn` as it was given; `file` is the SQLite file it names, None for PostgreSQL."""

    dsn: str
    file: Path | None

    def __repr__(self) -> str:
        return f"StoreAddress({without_secret(self.dsn)!r})"


def store_of(given: Given) -> StoreAddress:
    """`sqlite:///path.db` or `postgresql://...`."""
    dsn = text_of(given)
    scheme, separator, rest = dsn.partition("://")
    if separator and scheme in POSTGRES_SCHEMES:
        return _postgres(dsn)
    if not separator or scheme != "sqlite":
        said = f"{scheme}://" if separator and _SCHEME.fullmatch(scheme) else "no known store"
        raise OddError(f"names {said}; write sqlite:///path.db or {_POSTGRES}")
    if not rest.startswith("/"):
        raise OddError("lacks a slash; write sqlite:///path.db, or sqlite:////absolute/path.db")
    path = rest[1:]
    if path in ("", ":memory:") or path.endswith("/"):
        raise OddError("names no file, so nothing would last; write sqlite:///path.db")
    if "?" in path or "#" in path:
        raise OddError("holds options, which are not read; write sqlite:///path.db alone")
    file = given.base / path
    return StoreAddress(f"sqlite:///{file}", file)


def _postgres(dsn: str) -> StoreAddress:
    """Several hosts may be named, separated by commas, so the port is left to the driver."""
    try:
        parts = urlsplit(dsn)
    except ValueError:
        raise OddError(f"cannot be read; write {_POSTGRES}") from None
    if not parts.netloc and "host=" not in parts.query:
        raise OddError(f"names no host; write {_POSTGRES}")
    if not parts.path.strip("/") and "dbname=" not in parts.query:
        raise OddError(f"names no database; write {_POSTGRES}")
    return StoreAddress(dsn, None)


def bus_of(given: Given) -> str:
    """`inproc`, or the addresses of NATS servers, separated by commas."""
    bus = text_of(given)
    if bus == INPROC:
        return bus
    servers = [part.strip() for part in bus.split(",")]
    for server in servers:
        scheme, separator, _ = server.partition("://")
        if not separator or scheme not in BUS_SCHEMES:
            raise OddError(f"names no known bus; write inproc or {_NATS}")
        try:
            host, _port = urlsplit(server).hostname, urlsplit(server).port
        except ValueError:
            host = None
        if not host:
            raise OddError(f"names no server; write {_NATS}")
    return ",".join(servers)
