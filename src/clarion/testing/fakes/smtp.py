"""A mail server that keeps what it gets and answers as told. Needs aiosmtpd (extra `dev`)."""

from __future__ import annotations

import asyncio
import ssl
from collections import defaultdict
from typing import Any

import msgspec
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class ReceivedMail(msgspec.Struct, frozen=True):
    """One mail: envelope, bytes, and whether it came over TLS."""

    sender: str
    recipient: str
    content: bytes
    tls: bool


class FakeSmtp:
    """A mail server on 127.0.0.1 and a port of its own.

    Replies are full reply lines such as `550 5.1.1 no such user`: by recipient (`refuse`, after
    RCPT), by recipient after the mail itself (`refuse_data`), by sender (`refuse_sender`, or only
    the next time: `refuse_sender_once`). `hang` and `hang_up` name recipients whose mails are
    taken, and then never answered, or answered by closing. `connections` counts accepted
    connections, `commands` the commands seen.
    """

    def __init__(
        self,
        *,
        login: tuple[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        smtputf8: bool = True,
    ) -> None:
        self.mails: list[ReceivedMail] = []
        self.refuse: dict[str, str] = {}
        self.refuse_data: dict[str, str] = {}
        self.refuse_sender: dict[str, str] = {}
        self.refuse_sender_once: dict[str, str] = {}
        self.hang: set[str] = set()
        self.hang_up: set[str] = set()
        self.waiting = asyncio.Event()
        self.commands: dict[str, int] = defaultdict(int)
        self.connections = 0
        self.port = 0
        self._login = login
        self._tls = tls
        self._smtputf8 = smtputf8
        self._released = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._sessions: list[SMTP] = []

    async def start(self) -> None:
        """Listen. RuntimeError when it already does."""
        if self._server is not None:
            raise RuntimeError("the fake mail server is already running")
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, "127.0.0.1", self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Drop all connections and stop listening; calling it twice is fine."""
        self._released.set()
        self.drop_connections()
        server, self._server = self._server, None
        if server is not None:
            server.close()
            await server.wait_closed()

    def drop_connections(self) -> None:
        """Close every open connection, as a restarting server does."""
        sessions, self._sessions = self._sessions, []
        for session in sessions:
            _abort(session)

    def _session(self) -> SMTP:
        self.connections += 1
        session = SMTP(
            _Handler(self),
            hostname="mail.example",
            enable_SMTPUTF8=self._smtputf8,
            tls_context=self._tls,
            authenticator=self._check_login if self._login else None,
            auth_require_tls=False,
        )
        self._sessions.append(session)
        return session

    def _check_login(self, _s: Any, _c: Any, _e: Any, _m: Any, given: Any) -> AuthResult:
        good = isinstance(given, LoginPassword) and self._login is not None
        wanted = tuple(text.encode() for text in self._login or ())
        right = good and (given.login, given.password) == wanted
        return AuthResult(success=right, handled=right)  # unhandled: the server answers 535

    async def take(self, server: SMTP, envelope: Envelope) -> str:
        """The reply to the mail itself; never comes for those that hang."""
        recipient = envelope.rcpt_tos[0]
        if recipient in self.refuse_data:
            return self.refuse_data[recipient]
        secure = server.session is not None and server.session.ssl is not None
        content = bytes(envelope.original_content or b"")
        self.mails.append(ReceivedMail(str(envelope.mail_from), recipient, content, secure))
        if recipient in self.hang_up:
            _abort(server)
        if recipient in self.hang:
            self.waiting.set()
            await self._released.wait()
        return f"250 2.0.0 Ok: queued as FAKE{len(self.mails)}"


def _abort(session: SMTP) -> None:
    if isinstance(session.transport, asyncio.WriteTransport):
        session.transport.abort()


class _Handler:
    """The hooks of aiosmtpd; names are its own."""

    def __init__(self, fake: FakeSmtp) -> None:
        self._fake = fake

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self._fake.commands["MAIL"] += 1
        reply = self._fake.refuse_sender_once.pop(address, None)
        reply = reply or self._fake.refuse_sender.get(address)
        if reply is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return reply or "250 2.1.0 Ok"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self._fake.refuse.get(address)
        if reply is None:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return reply or "250 2.1.5 Ok"

    async def handle_RSET(  # noqa: N802
        self, _server: SMTP, _session: Session, _envelope: Envelope
    ) -> str:
        self._fake.commands["RSET"] += 1
        return "250 2.0.0 Ok"

    async def handle_NOOP(  # noqa: N802
        self, _server: SMTP, _session: Session, _envelope: Envelope, _argument: str
    ) -> str:
        self._fake.commands["NOOP"] += 1
        return "250 2.0.0 Ok"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        return await self._fake.take(server, envelope)
