"""What a provider is: it translates a message to its vendor's words and the answer back, and
says what it can do.

Time-outs, limits, metrics and the network belong to `conduct`; a provider touches only what it
is handed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from clarion.core.delivery import Message, Outcome
from clarion.core.workflow import Channel


class SettingField(msgspec.Struct, frozen=True, kw_only=True):
    """One setting of an account: what it is called, what it means, whether it must be there or
    is a secret."""

    name: str
    meaning: str
    required: bool = False
    secret: bool = False
    default: Any = None


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider can do, as data: the matrix in the docs and the settings schema come from it.

    `idempotent`: the vendor drops a repeat with the same key. `replaces`: a repeat replaces on
    the device.
    `receipts`: the vendor tells later what became of it. `max_bytes`: largest payload, None
    where unknown.
    `in_flight`: how many sends one account may have under way at once.
    `many_servers`: each destination is a server of its own, whose silence, refusal or throttling
    says nothing about the others.
    """

    kind: str
    channel: Channel
    title: str
    idempotent: bool = False
    replaces: bool = False
    receipts: bool = False
    max_bytes: int | None = None
    in_flight: int = 64
    platforms: tuple[str, ...] = ()
    settings: tuple[SettingField, ...] = ()
    many_servers: bool = False


class HttpAnswer(msgspec.Struct, frozen=True):
    """An answer of a vendor: status, lower-case headers, at most 64 KiB of body."""

    status: int
    headers: dict[str, str]
    body: bytes


class NoAnswerError(Exception):
    """No answer came. `sent` is False when no byte left (safe to repeat), True when the vendor
    may have it."""

    def __init__(self, sent: bool, code: str) -> None:
        super().__init__(code)
        self.sent = sent
        self.code = code


class BlockedError(Exception):
    """The guard refused the address (private range, odd form, wrong scheme); the text says why."""


class Wire(Protocol):
    """The way out that `conduct` hands to a provider; every member raises NoAnswerError or
    BlockedError."""

    async def post(
        self, url: str, *, headers: Mapping[str, str], body: bytes, guarded: bool = False
    ) -> HttpAnswer:
        """POST to a vendor. `guarded`: the address comes from a tenant, so the SSRF rules apply."""
        ...

    async def smtp(
        self, server: SmtpServer, sender: str, recipient: str, mime: bytes
    ) -> SmtpAnswer:
        """Hand one mail to an SMTP server over a pooled connection."""
        ...

    def now(self) -> int:
        """The instant of this attempt, microseconds UTC."""
        ...


class SmtpServer(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach a mail server. `tls` is `none`, `starttls`, `opportunistic` or `tls`.

    `hello` is the name we greet with; a server may look it up.
    """

    host: str
    port: int
    username: str | None = None
    password: str | None = None
    tls: str = "opportunistic"
    hello: str = "localhost"


class SmtpAnswer(msgspec.Struct, frozen=True):
    """Reply code and text of the last command that decided (e.g. 250, "2.0.0 queued as 4F2").

    `command` names it where that matters: `mail` is about the sender, `rcpt` about the recipient.
    """

    code: int
    text: str
    command: str = ""


class Provider(Protocol):
    """A vendor of a channel, made with one account's settings. `send` never raises for what a
    vendor does."""

    capabilities: Capabilities

    async def send(self, message: Message, wire: Wire) -> Outcome: ...
