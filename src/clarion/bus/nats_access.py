"""Where NATS is, how to get in, and why it did not work, in plain words.

Passwords, tokens and keys go to the server and nowhere else: no log, no description, no error.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from base64 import b32decode, b64encode
from collections.abc import Awaitable, Callable
from functools import cached_property
from pathlib import Path
from socket import gaierror
from typing import Any
from urllib.parse import ParseResult, unquote, urlparse

import nats.errors
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nats.aio.client import Client

from clarion.errors import SettingsError

CONNECT_SECONDS = 2
"""For each step of connecting: TCP, TLS, the server's greeting."""
PING_SECONDS = 5
"""A server that leaves two pings without an answer is gone."""

DEFAULT_PORT = 4222

_PART = re.compile(r"-{3,}BEGIN ([A-Z ]+)-{3,}\s+(\S+)\s+-{3,}END")
_SEED_BYTES = 36  # two of kind, 32 of seed, two of a check sum


class Access:
    """The way to a NATS server, or to several of one cluster.

    `url` is `nats://host:4222` or `tls://host:4222`, several with commas between; `user:password@`
    or `token@` before the first host, percent-encoded. `credentials_file` is what `nsc` writes (a
    JWT and a seed), read at every connect. `ca_file` (PEM) is the authority of the server's
    certificate, unless the machine knows it. SettingsError when the URL cannot be one.
    """

    def __init__(
        self, url: str, *, credentials_file: Path | None = None, ca_file: Path | None = None
    ) -> None:
        parsed = [_parsed(part.strip()) for part in url.split(",")]
        if len({part.scheme for part in parsed}) > 1:
            raise SettingsError("the bus mixes nats:// and tls://; write one of them everywhere")
        self.places = [_place(part) for part in parsed]
        self.encrypted = parsed[0].scheme == "tls"
        self._user = unquote(parsed[0].username or "")
        self._password = None if parsed[0].password is None else unquote(parsed[0].password)
        self._credentials_file = credentials_file
        self._ca_file = ca_file

    def options(self) -> dict[str, Any]:
        """What `Client.connect` wants to know. SettingsError when a file cannot be used."""
        found: dict[str, Any] = {"servers": list(self.places), "tls": self._tls}
        if self._user and self._password is not None:
            found |= {"user": self._user, "password": self._password}
        elif self._user:
            found["token"] = self._user
        if self._credentials_file is not None:
            jwt, key = _credentials(self._credentials_file)
            found["user_jwt_cb"] = jwt.encode
            found["signature_cb"] = lambda nonce: b64encode(key.sign(nonce.encode()))
        return found

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self._ca_file)
        except OSError as error:
            raise SettingsError(f"{self._ca_file} cannot be read as PEM certificates") from error


def _parsed(url: str) -> ParseResult:
    try:
        parsed = urlparse(url)
        known = parsed.scheme in ("nats", "tls") and parsed.hostname and parsed.port != 0
        if known and parsed.path in ("", "/") and not parsed.query and not parsed.fragment:
            return parsed
    except ValueError:  # its text may repeat a password
        pass
    raise SettingsError("the bus is no URL of NATS; write nats://host:4222 or tls://host:4222")


def _place(parsed: ParseResult) -> str:
    """Without user and password."""
    host = parsed.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return f"{parsed.scheme}://{host}:{parsed.port or DEFAULT_PORT}"


def _credentials(path: Path) -> tuple[str, Ed25519PrivateKey]:
    """The JWT and the key of a credentials file (docs.nats.io, "Authenticating with a Credentials
    File"; the seed as in nats-io/nkeys: base32 of kind, 32 bytes, CRC-16)."""
    try:
        parts = dict(_PART.findall(path.read_text("ascii")))
        jwt, seed = parts["NATS USER JWT"], parts["USER NKEY SEED"]
        raw = b32decode(seed + "=" * (-len(seed) % 8))
    except (OSError, UnicodeError):
        raise SettingsError(f"{path} cannot be read; name the .creds file of the user") from None
    except (KeyError, ValueError):
        raise SettingsError(f"{path} is no credentials file; write it with nsc") from None
    if len(raw) != _SEED_BYTES:
        raise SettingsError(f"{path} holds a seed of odd length; write it again with nsc")
    return jwt, Ed25519PrivateKey.from_private_bytes(raw[2:34])


class PlainServerError(nats.errors.Error):
    """TLS was asked for and the server does not insist on it; nothing secret was said yet."""


class _Client(Client):
    """The client of nats-py follows what the server says about TLS; this one does what was asked
    for, and tells a server in the clear nothing."""

    encrypted = False

    def _connect_command(self) -> bytes:
        if self.encrypted and not self._server_info.get("tls_required"):
            raise PlainServerError
        return super()._connect_command()


class Connection:
    """One connection, from its start to its end; it never comes back, another one does."""

    def __init__(self, access: Access, complained: Callable[[Exception], Awaitable[None]]) -> None:
        self.client = _Client()
        self.client.encrypted = access.encrypted
        self.ended = asyncio.Event()
        self._access = access
        self._complained = complained
        self._last: Exception | None = None

    async def open(self) -> None:
        """Connect; raises whatever went wrong, see `why`. `ended` is set when it is lost."""

        async def lost() -> None:
            self.ended.set()

        async def complained(error: Exception) -> None:
            self._last = error
            await self._complained(error)

        await self.client.connect(
            name="clarion",
            no_echo=True,
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            connect_timeout=CONNECT_SECONDS,
            ping_interval=PING_SECONDS,
            flush_timeout=CONNECT_SECONDS,
            closed_cb=lost,
            error_cb=complained,
            **self._access.options(),
        )

    def why(self, error: Exception | None) -> str:
        """Why it failed or ended, in plain words."""
        if error is None or isinstance(error, nats.errors.NoServersError):
            error = self.client.last_error if self._last is None else self._last
        return plain_words(error)


def plain_words(error: Exception | None) -> str:
    """What is wrong and how to mend it. Nothing of the error's own text but what is known to be
    harmless."""
    if error is None:
        return "NATS has gone"
    if isinstance(error, SettingsError):
        return str(error)
    for kinds, words in _WORDS:
        if isinstance(error, kinds):
            return words
    said = str(error).lower()
    for sign, words in _SIGNS:
        if sign in said:
            return words
    if isinstance(error, OSError) and error.strerror:
        return f"the network says: {error.strerror.lower()}"
    return f"the connection ended ({type(error).__name__})"


_WORDS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (
        PlainServerError,
        "NATS does not insist on TLS there; set up TLS on it, or write nats:// for plain text",
    ),
    (
        ssl.SSLCertVerificationError,
        "the certificate of NATS is not trusted or not for this host; name its authority",
    ),
    (ssl.SSLError, "TLS with NATS failed; check its certificate and versions"),
    (gaierror, "the host of NATS is not known; check its name"),
    (ConnectionRefusedError, "nobody answers at the address of NATS; start it, or check the port"),
    (nats.errors.AuthorizationError, "NATS refuses us; check user, password, token or credentials"),
    (nats.errors.StaleConnectionError, "NATS has gone"),
    (ConnectionError, "NATS has cut the connection"),
    (TimeoutError, "NATS does not answer in time; check host, port and firewall"),
)

_SIGNS = (
    ("authorization violation", "NATS refuses us; check user, password, token or credentials"),
    ("authentication expired", "our credentials for NATS have expired; renew them"),
    ("authentication timeout", "NATS gave us no time to log in; it may be overloaded"),
    ("info message", "what answers there is not NATS; check host and port"),
    ("maximum connections", "NATS takes no more connections; raise max_connections"),
)
