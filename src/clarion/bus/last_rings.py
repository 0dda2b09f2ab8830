"""The last ring of every name, kept by JetStream for a while.

Whoever begins to listen asks it what rang before the server knew of the interest. Without it every
new name is rung once, which is as safe and costs a look.
"""

from __future__ import annotations

import nats.errors
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, StorageType, StreamConfig
from nats.js.errors import APIError, BadRequestError, NotFoundError

from clarion.bus.subjects import marker_under, stream_of, subjects_under

KEPT_SECONDS = 600.0
KEPT_NAMES = 50_000
KEPT_BYTES = 16 * 1024 * 1024
LONGEST_MESSAGE = 256
ANSWER_SECONDS = 2.0

_UNREADABLE = (nats.errors.Error, LookupError, AttributeError, ValueError)
"""What the client of nats-py raises, the last three for messages that are not of its making."""

_NAME_IN_USE = 10058  # by a version of us with other bounds: as good


class LastRings:
    """The stream of one prefix on one connection; `problem` is "" as long as it works."""

    def __init__(self, prefix: str) -> None:
        self._stream = stream_of(prefix)
        self._subjects = subjects_under(prefix)
        self._marker = marker_under(prefix)
        self._jetstream: JetStreamContext | None = None
        self.problem = "not asked for yet"

    async def open(self, client: Client) -> None:
        """Find or make the stream; when that fails, `problem` says why."""
        self._jetstream = client.jetstream(timeout=ANSWER_SECONDS)
        self.problem = ""
        try:
            await self._jetstream.add_stream(self._settings())
        except BadRequestError as error:
            if error.err_code != _NAME_IN_USE:
                self._give_up(error)
        except nats.errors.Error as error:
            self._give_up(error)

    async def catch_up(self) -> None:
        """Return when all that rang before is in the stream, which takes messages in their order a
        moment after others have heard them: it acknowledges a message that comes behind them."""
        if self._jetstream is None:
            return
        try:
            await self._jetstream.publish(self._marker, b"", timeout=ANSWER_SECONDS)
        except _UNREADABLE as error:
            self._give_up(error)

    async def rang(self, subject: str) -> bool:
        """Whether the subject may have rung lately; True when that cannot be told."""
        if self._jetstream is None:
            return True
        try:
            await self._jetstream.get_msg(self._stream, subject=subject, direct=True)
        except NotFoundError:
            return False
        except _UNREADABLE as error:
            self._give_up(error)
        return True

    def _settings(self) -> StreamConfig:
        return StreamConfig(
            name=self._stream,
            description="Clarion: the last ring of every doorbell. Losing it costs nothing.",
            subjects=[self._subjects],
            storage=StorageType.MEMORY,
            max_msgs_per_subject=1,
            max_age=KEPT_SECONDS,
            max_msgs=KEPT_NAMES,
            max_bytes=KEPT_BYTES,
            max_msg_size=LONGEST_MESSAGE,
            discard=DiscardPolicy.OLD,
            allow_direct=True,
        )

    def _give_up(self, error: Exception) -> None:
        """Until the next connection."""
        self._jetstream = None
        if isinstance(error, APIError) and error.description:
            self.problem = f"JetStream says: {error.description}"
        elif isinstance(error, TimeoutError):
            self.problem = "JetStream does not answer us; check the rights of the user"
        else:
            self.problem = "JetStream is switched off, or has lost the stream"
