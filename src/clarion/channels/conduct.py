"""The one way out: time-outs, limits and metrics around any provider, and no surprise from it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping

import msgspec

from clarion.channels.contract import (
    BlockedError,
    Capabilities,
    HttpAnswer,
    NoAnswerError,
    Provider,
    SmtpAnswer,
    SmtpServer,
)
from clarion.channels.guard import Guard
from clarion.channels.http_pool import USUAL_TIMEOUTS, HttpPool, Timeouts
from clarion.channels.requests import http_span, smtp_span
from clarion.channels.smtp_pool import SmtpPool
from clarion.clock import Clock
from clarion.core.delivery import About, Message, Outcome, OutcomeClass
from clarion.core.workflow import Channel, Lane
from clarion.tracing import tracer

MAX_DETAIL_CHARACTERS = 300
"""An outcome's detail is for people; a vendor's essay is cut off here."""

_OF_ONE_SERVER = frozenset({OutcomeClass.RETRY, OutcomeClass.RETRY_AFTER, OutcomeClass.AMBIGUOUS})


class Conducted(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt, for metrics: whose, how it ended and whose trouble that is, how many seconds it
    took."""

    account: str
    lane: Lane
    channel: Channel
    provider: str
    outcome: OutcomeClass
    code: str
    seconds: float
    about: About = About.ACCOUNT


Observe = Callable[[Conducted], None]
"""Told of every attempt; must neither block nor raise."""


def unobserved(_attempt: Conducted) -> None:
    """The observer of those who count nothing."""


class Conductor:
    """Sends the messages of one account in one lane, and is the `Wire` its provider talks through.

    It owns its connections: two lanes of one account are two conductors around one provider.
    `in_flight` bounds attempts under way (default: what the provider declares); `tls` replaces the
    machine's certificate authorities. `start` before the first message, `close` after the last.
    """

    def __init__(
        self,
        provider: Provider,
        *,
        account: str,
        lane: Lane,
        clock: Clock,
        guard: Guard | None = None,
        timeouts: Timeouts = USUAL_TIMEOUTS,
        in_flight: int | None = None,
        observe: Observe = unobserved,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.capabilities: Capabilities = provider.capabilities
        """What the provider can do."""
        self._provider = provider
        self._account = account
        self._lane = lane
        self._clock = clock
        self._observe = observe
        self._limit = in_flight or provider.capabilities.in_flight
        self._under_way = 0
        self._slots = asyncio.Semaphore(self._limit)
        self._http = HttpPool(guard or Guard(), timeouts, tls)
        self._smtp = SmtpPool(timeouts, clock.monotonic_seconds, tls)
        self._open = False

    @property
    def free_slots(self) -> int:
        """How many more messages may be under way now; never claim more."""
        return max(0, self._limit - self._under_way)

    async def start(self) -> None:
        """Open for business; again after `close` is fine."""
        self._open = True

    async def close(self) -> None:
        """Close all connections. Attempts under way break off: drain first."""
        self._open = False
        await self._http.close()
        await self._smtp.close()

    async def conduct(
        self, message: Message, last_look: Callable[[], None] | None = None
    ) -> Outcome:
        """One attempt; every ending but cancellation is an outcome. `last_look` is called when
        nothing stands between the message and the provider any more; what it raises keeps the
        message here. RuntimeError before `start`."""
        if not self._open:
            raise RuntimeError("the conductor is closed; call start() first")
        self._under_way += 1
        try:
            await self._slots.acquire()
            try:
                if last_look is not None:
                    last_look()
                return await self._observed(message)
            finally:
                self._slots.release()
        finally:
            self._under_way -= 1

    async def post(
        self, url: str, *, headers: Mapping[str, str], body: bytes, guarded: bool = False
    ) -> HttpAnswer:
        """See `Wire.post`."""
        began, status = self._clock.now(), 0
        try:
            answer = await self._http.post(url, headers=headers, body=body, guarded=guarded)
            status = answer.status
        finally:
            if tracer.on:
                http_span(url, status, range(began, self._clock.now()))
        return answer

    async def smtp(
        self, server: SmtpServer, sender: str, recipient: str, mime: bytes
    ) -> SmtpAnswer:
        """See `Wire.smtp`."""
        began, code = self._clock.now(), 0
        try:
            answer = await self._smtp.send(server, sender, recipient, mime)
            code = answer.code
        finally:
            if tracer.on:
                smtp_span(server, code, range(began, self._clock.now()))
        return answer

    def now(self) -> int:
        """See `Wire.now`."""
        return self._clock.now()

    async def _observed(self, message: Message) -> Outcome:
        began = self._clock.monotonic_seconds()
        outcome = _without_address(await self._attempt(message), message.address)
        if self.capabilities.many_servers and outcome.kind in _OF_ONE_SERVER:
            outcome = msgspec.structs.replace(outcome, about=About.DESTINATION)
        attempt = Conducted(
            account=self._account,
            lane=self._lane,
            channel=message.channel,
            provider=self.capabilities.kind,
            outcome=outcome.kind,
            code=outcome.code,
            about=outcome.subject,
            seconds=self._clock.monotonic_seconds() - began,
        )
        self._observe(attempt)
        return outcome

    async def _attempt(self, message: Message) -> Outcome:
        try:
            return await self._provider.send(message, self)
        except BlockedError as blocked:
            return Outcome(
                kind=OutcomeClass.CONFIG, code="blocked", detail=str(blocked), final=True,
                about=About.DESTINATION,
            )  # fmt: skip
        except NoAnswerError as silence:
            return _unanswered(silence)
        except Exception as bug:  # noqa: BLE001 - a provider's bug must not take the worker along
            return Outcome(
                kind=OutcomeClass.RETRY, code="provider_error", detail=type(bug).__name__
            )


def _unanswered(silence: NoAnswerError) -> Outcome:
    if silence.sent:
        detail = "the request left, but no answer came"
        return Outcome(kind=OutcomeClass.AMBIGUOUS, code=silence.code, detail=detail)
    detail = "nothing left: the vendor could not be reached"
    return Outcome(kind=OutcomeClass.RETRY, code=silence.code, detail=detail)


def _without_address(outcome: Outcome, address: str) -> Outcome:
    detail = outcome.detail
    if not detail:
        return outcome
    if address:
        detail = detail.replace(address, "<address>")
    if detail == outcome.detail and len(detail) <= MAX_DETAIL_CHARACTERS:
        return outcome
    return msgspec.structs.replace(outcome, detail=detail[:MAX_DETAIL_CHARACTERS])
