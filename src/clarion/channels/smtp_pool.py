"""SMTP out (RFC 5321): a small pool of kept connections for each server of an account."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import deque
from collections.abc import Callable

import aiosmtplib
from aiosmtplib import SMTP

from clarion.channels.contract import BlockedError, NoAnswerError, SmtpAnswer, SmtpServer
from clarion.channels.http_pool import Timeouts

MAX_CONNECTIONS = 8
"""Connections to one server at once; more attempts wait for one."""

MAX_MAILS_PER_CONNECTION = 100
"""Servers dislike endless sessions: after so many mails a connection is closed."""

QUIET_SECONDS = 20.0
"""A connection idle for longer is asked with NOOP before it is used."""

_NEEDS_UTF8 = SmtpAnswer(550, "5.6.7 the server lacks SMTPUTF8, which this address needs")
_LOST = (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError, ConnectionError)


class _Kept:
    """A connection with its number of mails, the monotonic second of its last use, and whether a
    mail broke off.
    """

    def __init__(self, client: SMTP) -> None:
        self.client = client
        self.mails = 0
        self.used_at = 0.0
        self.broke_off = False


class _Stage:
    """How far an attempt came: whether the mail itself may have left."""

    sent = False


class _StaleError(Exception):
    """A kept connection was dropped by the server before it took anything."""


class SmtpPool:
    """Hands mails to servers; `monotonic_seconds` tells how long a connection was idle."""

    def __init__(
        self,
        timeouts: Timeouts,
        monotonic_seconds: Callable[[], float],
        tls: ssl.SSLContext | None = None,
        max_mails: int = MAX_MAILS_PER_CONNECTION,
    ) -> None:
        self._timeouts = timeouts
        self._seconds = monotonic_seconds
        self._tls = tls
        self._max_mails = max_mails
        self._idle: dict[SmtpServer, deque[_Kept]] = {}
        self._slots: dict[SmtpServer, asyncio.Semaphore] = {}

    async def send(
        self, server: SmtpServer, sender: str, recipient: str, mime: bytes
    ) -> SmtpAnswer:
        """The reply that decided. NoAnswerError when none came, `sent` once the mail itself was on
        its way.

        BlockedError when the policy on TLS forbids to go on.
        """
        slots = self._slots.setdefault(server, asyncio.Semaphore(MAX_CONNECTIONS))
        stage = _Stage()
        async with slots:
            try:
                async with asyncio.timeout(self._timeouts.total_seconds):
                    return await self._attempt(server, (sender, recipient, mime), stage)
            except TimeoutError:
                raise NoAnswerError(stage.sent, "timeout") from None
            except (aiosmtplib.SMTPConnectResponseError, aiosmtplib.SMTPHeloError) as refusal:
                raise NoAnswerError(False, f"greeting_{refusal.code}") from None
            except aiosmtplib.SMTPResponseException as refusal:
                return SmtpAnswer(refusal.code, refusal.message, "auth")
            except (aiosmtplib.SMTPException, OSError) as error:
                raise NoAnswerError(stage.sent, _code(error, stage)) from None

    async def close(self) -> None:
        """Say QUIT on every idle connection; the pool may be used again afterwards."""
        idle, self._idle = self._idle, {}
        for kept in (kept for queue in idle.values() for kept in queue):
            await _quit(kept)

    async def _attempt(
        self, server: SmtpServer, mail: tuple[str, str, bytes], stage: _Stage
    ) -> SmtpAnswer:
        kept = await self._kept(server)
        if kept is not None:
            try:
                return await self._use(server, kept, mail, stage, fresh=False)
            except _StaleError:
                pass  # nothing was taken yet, so a new connection may start over
        return await self._use(server, await self._connect(server), mail, stage, fresh=True)

    async def _use(
        self,
        server: SmtpServer,
        kept: _Kept,
        mail: tuple[str, str, bytes],
        stage: _Stage,
        *,
        fresh: bool,
    ) -> SmtpAnswer:
        answer = None
        try:
            answer = await _hand_over(kept.client, mail, stage, fresh=fresh)
        finally:
            if answer is None:
                kept.client.close()
        self._put_back(server, kept, broke_off=answer.code != 250)
        return answer

    async def _kept(self, server: SmtpServer) -> _Kept | None:
        queue = self._idle.get(server, deque())
        while queue:
            kept = queue.pop()
            if kept.mails >= self._max_mails:
                await _quit(kept)
            elif kept.client.is_connected and await self._answers(kept):
                return kept
            kept.client.close()
        return None

    async def _answers(self, kept: _Kept) -> bool:
        quiet = self._seconds() - kept.used_at >= QUIET_SECONDS
        try:
            if kept.broke_off:
                await kept.client.rset()
            elif quiet:
                await kept.client.noop()
        except aiosmtplib.SMTPException:
            return False
        return True

    def _put_back(self, server: SmtpServer, kept: _Kept, *, broke_off: bool) -> None:
        kept.mails += 1
        kept.used_at = self._seconds()
        kept.broke_off = broke_off
        if kept.client.is_connected:
            self._idle.setdefault(server, deque()).append(kept)

    async def _connect(self, server: SmtpServer) -> _Kept:
        client = SMTP(
            hostname=server.host,
            port=server.port,
            local_hostname=server.hello,
            use_tls=server.tls == "tls",
            start_tls=False,  # decided below, after EHLO
            timeout=self._timeouts.total_seconds,
            tls_context=self._tls,
        )
        kept = None
        try:
            async with asyncio.timeout(self._timeouts.connect_seconds):
                await client.connect()
            await self._secure(client, server)
            await _log_in(client, server)
            kept = _Kept(client)
        finally:
            if kept is None:
                client.close()
        return kept

    async def _secure(self, client: SMTP, server: SmtpServer) -> None:
        await client.ehlo()
        offered = client.supports_extension("starttls")
        if server.tls == "starttls" and not offered:
            raise BlockedError("the mail server offers no STARTTLS, which the settings require")
        if server.tls == "opportunistic" and offered:
            # Without a password there is nothing to lose to a stranger: encryption alone is a gain.
            verified = server.username is not None
            context = self._tls or (None if verified else _unverified())
            await client.starttls(tls_context=context)
            await client.ehlo()
        elif server.tls == "starttls":
            await client.starttls(tls_context=self._tls)
            await client.ehlo()


async def _hand_over(
    client: SMTP, mail: tuple[str, str, bytes], stage: _Stage, *, fresh: bool
) -> SmtpAnswer:
    sender, recipient, mime = mail
    plain = sender.isascii() and recipient.isascii()
    if not plain and not client.supports_extension("smtputf8"):
        return _NEEDS_UTF8
    encoding = "ascii" if plain else "utf-8"
    command = "mail"
    try:
        await _begin(client, sender, encoding, fresh=fresh)
        command = "rcpt"
        await client.rcpt(recipient, encoding=encoding)
        command, stage.sent = "data", True
        reply = await client.data(mime)
    except aiosmtplib.SMTPResponseException as refusal:
        return SmtpAnswer(refusal.code, refusal.message, command)
    return SmtpAnswer(reply.code, reply.message, command)


async def _begin(client: SMTP, sender: str, encoding: str, *, fresh: bool) -> None:
    options = [] if encoding == "ascii" else ["SMTPUTF8", "BODY=8BITMIME"]
    try:
        await client.mail(sender, options=options, encoding=encoding)
    except aiosmtplib.SMTPSenderRefused as refusal:
        if fresh or refusal.code != 421:
            raise
        raise _StaleError from None
    except _LOST:
        if fresh:
            raise
        raise _StaleError from None


async def _log_in(client: SMTP, server: SmtpServer) -> None:
    if server.username is None:
        return
    if server.tls == "opportunistic" and client.get_transport_info("sslcontext") is None:
        raise BlockedError(
            "the mail server offers no TLS to protect the password; "
            'set tls = "none" to send it in the clear'
        )
    if not client.supports_extension("auth"):
        raise BlockedError("the mail server takes no password here; remove it or change tls")
    await client.login(server.username, server.password or "")


async def _quit(kept: _Kept) -> None:
    with contextlib.suppress(aiosmtplib.SMTPException, TimeoutError, OSError):
        if kept.client.is_connected:
            async with asyncio.timeout(1):
                await kept.client.quit()
    kept.client.close()


def _unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _code(error: Exception, stage: _Stage) -> str:
    if stage.sent:
        return "reset"
    return "connect" if isinstance(error, (aiosmtplib.SMTPConnectError, OSError)) else "smtp"
