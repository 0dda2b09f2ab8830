"""One kept connection of HTTP/1.1: a request at a time, its answer bounded in every direction.

What is on the wire is RFC 9112; the parser is llhttp, strict. A connection whose answer leaves any
doubt about where the next one begins is not used again.
"""

from __future__ import annotations

import asyncio
from typing import cast

import httptools

from clarion.channels.contract import HttpAnswer, NoAnswerError

MAX_ANSWER_BYTES = 64 * 1024
"""More of an answer's body is never read."""

MAX_HEAD_BYTES = 64 * 1024
"""Status line and headers, those of interim answers included; more is no answer."""

MAX_RAW_BYTES = 1024 * 1024
"""All that is read of one answer, framing of chunks and trailers included."""

KEPT_SECONDS = 15.0
"""A connection that is idle for longer is closed by us: the other side may do so at any moment, and
what is sent into a connection that closes is ambiguous."""

_HINT_SECONDS = 1.0
"""So much earlier than the other side announced."""


class HttpConnection(asyncio.Protocol):
    """Made by the dialer. `serves`: it may take a request now; `idle_until` is in the loop's time.

    `gone` is done when the connection is closed.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.gone: asyncio.Future[None] = loop.create_future()
        self.idle_until = 0.0
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[HttpAnswer] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._broken = False
        self._last = False
        self._begin()

    @property
    def serves(self) -> bool:
        """Open, free, and nothing came that nobody had asked for."""
        return not self._broken and self._answer is None and not self._closing

    def post(self, request: bytes, *, last: bool = False) -> asyncio.Future[HttpAnswer]:
        """Send a whole request; its answer, or NoAnswerError. `last`: the connection closes after
        it."""
        self._answer = answer = self._loop.create_future()
        if self._transport is None or self._closing:
            self._fail(sent=False, code="reset")
            return answer
        self._last = last
        self._begin()
        self._transport.write(request)
        return answer

    def give_up(self, code: str) -> None:
        """No longer wait for the answer: it may have arrived."""
        self._fail(sent=True, code=code)

    def close(self) -> None:
        """Close at once, whatever is under way."""
        self._broken = True
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol. An answer without a length ends here, unless it was torn off."""
        torn = exc is not None or self._broken
        self._broken = True
        if self._answer is not None:
            if self._to_the_end and not torn:
                self._complete()
            else:
                self._fail(sent=True, code="cut_off" if self._raw else "reset")
        if not self.gone.done():
            self.gone.set_result(None)

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        if self._answer is None:
            self.close()  # an answer that nobody asked for would be taken for the next one
            return
        self._raw += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._last = True
            self._complete()
        except httptools.HttpParserError:
            self._broken = True
            self._fail(sent=True, code="not_http")
        if self._waits:
            self._bound()
        elif self._broken:
            self.close()

    def on_message_begin(self) -> None:
        """See httptools. What comes behind a whole answer belongs to nobody."""
        if self._answer is None:
            self._broken = True
        else:
            self._headers.clear()

    def on_header(self, name: bytes, value: bytes) -> None:
        """See httptools. Trailers are left out."""
        if not self._headed:
            self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """See httptools."""
        if self._parser.get_status_code() >= 200:
            self._headed = True
            framed = "content-length" in self._headers or "transfer-encoding" in self._headers
            self._to_the_end = not framed

    def on_body(self, part: bytes) -> None:
        """See httptools."""
        if len(self._body) <= MAX_ANSWER_BYTES:
            self._body += part

    def on_message_complete(self) -> None:
        """See httptools. An interim answer (1xx) is passed over."""
        if self._headed and self._answer is not None:
            self._to_the_end = False
            self._complete()

    @property
    def _waits(self) -> bool:
        return self._answer is not None

    @property
    def _closing(self) -> bool:
        return self._transport is None or self._transport.is_closing()

    def _begin(self) -> None:
        self._raw = 0
        self._headed = self._to_the_end = False
        self._headers: dict[str, str] = {}
        self._body = bytearray()

    def _bound(self) -> None:
        """End what is longer than any answer that is read."""
        if len(self._body) > MAX_ANSWER_BYTES:
            self._last = True
            self._complete()
        elif self._raw > (MAX_RAW_BYTES if self._headed else MAX_HEAD_BYTES):
            self._fail(sent=True, code="too_long")

    def _complete(self) -> None:
        """The answer is whole, or as much of it as is read."""
        answer, self._answer = self._answer, None
        status, headers = self._parser.get_status_code(), self._headers
        if self._may_stay(headers):
            self.idle_until = self._loop.time() + _kept_seconds(headers)
        else:
            self.close()
        if answer is not None and not answer.done():
            body = bytes(self._body[:MAX_ANSWER_BYTES])
            answer.set_result(HttpAnswer(status, headers, body))

    def _may_stay(self, headers: dict[str, str]) -> bool:
        """Not after an answer that came before all of the request had left."""
        if self._broken or self._last or self._transport is None or self._to_the_end:
            return False
        return bool(
            self._parser.should_keep_alive() and not self._transport.get_write_buffer_size()
        )

    def _fail(self, *, sent: bool, code: str) -> None:
        answer, self._answer = self._answer, None
        self.close()
        if answer is not None and not answer.done():
            answer.set_exception(NoAnswerError(sent, code))


def _kept_seconds(headers: dict[str, str]) -> float:
    """How long it may be idle: less where the other side says when it closes (Keep-Alive)."""
    hint = headers.get("keep-alive")
    if hint is None:
        return KEPT_SECONDS
    for part in hint.split(","):
        name, _, seconds = part.partition("=")
        if name.strip().lower() == "timeout" and seconds.strip().isascii():
            text = seconds.strip()
            if text.isdigit() and len(text) < 10:
                return min(KEPT_SECONDS, max(int(text) - _HINT_SECONDS, 0.0))
    return KEPT_SECONDS
