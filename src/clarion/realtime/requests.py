"""What a client says on a socket, read and done."""

from __future__ import annotations

import msgspec

from clarion.api.auth import Reader
from clarion.api.inbox import UpTo, mark_up_to
from clarion.api.presence import Presences
from clarion.api.services import Services
from clarion.clock import SECOND
from clarion.core.ids import item_key
from clarion.errors import InvalidError, NotFoundError
from clarion.pipeline.hearsay import inboxes_of

MOST_IDS = 200
ACTIVE_SECONDS = 90
"""How long a client that said it is in front of the user counts as active at a desktop."""
ACTIVITY_SECONDS = 25
"""Said again sooner, it changes nothing."""


class Auth(msgspec.Struct, frozen=True, tag_field="op", tag="auth"):
    """Who it is: a user token or a ticket."""

    token: str | None = None
    ticket: str | None = None


class Resume(msgspec.Struct, frozen=True, tag_field="op", tag="resume"):
    """Where to go on; None begins now."""

    last_seq: int | None = None


class Seen(msgspec.Struct, frozen=True, tag_field="op", tag="seen"):
    """These items, or all up to one, were seen."""

    ids: list[str] | None = None
    up_to: str | None = None
    place: int | None = None


class Read(msgspec.Struct, frozen=True, tag_field="op", tag="read"):
    """These items, or all up to one, were read."""

    ids: list[str] | None = None
    up_to: str | None = None
    place: int | None = None


class Activity(msgspec.Struct, frozen=True, tag_field="op", tag="activity"):
    """Whether the page is in front of the user."""

    focused: bool = True


class Ack(msgspec.Struct, frozen=True, tag_field="op", tag="ack"):
    """Everything up to this number arrived."""

    seq: int


Said = Auth | Resume | Seen | Read | Activity | Ack

_decode = msgspec.json.Decoder(Said).decode


def said(text: str) -> Said:
    """What a message says; InvalidError when that is nothing known."""
    try:
        found: Said = _decode(text)
    except (msgspec.MsgspecError, RecursionError):
        raise InvalidError(
            'send JSON with an op: auth, resume, seen, read, activity or ack; e.g. {"op": "seen", '
            '"ids": ["itm_..."]}'
        ) from None
    return found


class Requests:
    """Does what the client of one socket asks for."""

    def __init__(self, services: Services, presences: Presences, reader: Reader) -> None:
        self._services = services
        self._presences = presences
        self._reader = reader
        self._active_at = 0

    async def do(self, asked: Said) -> None:
        """NotFoundError, InvalidError, UnavailableError in words for the client."""
        match asked:
            case Seen() | Read():
                await self._mark(asked)
            case Activity(focused=True):
                await self._be_active()
            case Activity() | Ack():
                pass
            case _:
                raise InvalidError("auth and resume come first, and once")

    async def _mark(self, asked: Seen | Read) -> None:
        mark = "seen" if isinstance(asked, Seen) else "read"
        reader, services = self._reader, self._services
        if asked.up_to is not None:
            await mark_up_to(services, reader, mark, UpTo(asked.up_to, asked.place))
            return
        if not asked.ids or len(asked.ids) > MOST_IDS:
            raise InvalidError(f"name 1 to {MOST_IDS} items in ids, or one in up_to")
        keys = [item_key(name) for name in asked.ids]
        if any(tenant != reader.tenant for tenant, _ in keys):
            raise NotFoundError("there is no such item in this inbox")
        seqs = [seq for _, seq in keys]
        now = services.clock.now()
        await services.store.inbox.mark(reader.env, reader.user, reader.tenant, seqs, mark, now)
        services.bus.tell(inboxes_of(reader.env), [reader.user])

    async def _be_active(self) -> None:
        now = self._services.clock.now()
        if now - self._active_at >= ACTIVITY_SECONDS * SECOND:
            self._active_at = now
            until = now + ACTIVE_SECONDS * SECOND
            await self._presences.write(self._reader.env, self._reader.user, until)
