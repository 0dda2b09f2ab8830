"""What the API asks of the pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from clarion.core.decision import TraceLine
from clarion.core.event import IncomingEvent
from clarion.errors import ClarionError, InvalidError
from clarion.pipeline.changes import Asked
from clarion.pipeline.previewing import PreviewAsked as PreviewAsked
from clarion.store.contract.blasts import BlastRow
from clarion.store.contract.catalog import Catalog, CategoryRow, WorkflowRow
from clarion.store.contract.dead_letters import DeadLetterFilter, Redriven, RedriveRow
from clarion.store.contract.drafts import DraftKind, DraftRow
from clarion.store.contract.events import EventRow
from clarion.store.contract.inbox import ItemRow, MemberRow
from clarion.store.contract.ledger import NotificationRow
from clarion.store.contract.simulations import SimulatedExample, SimulationRow


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to one event. `workflows` are the keys that listen to its type. With a `problem`
    nothing was
    written for it."""

    event: bytes = b""
    replayed: bool = False
    workflows: tuple[str, ...] = ()
    problem: ClarionError | None = None


class Accepting(Protocol):
    """Takes events in; answers after the commit."""

    async def accept(
        self, env: int, incoming: IncomingEvent, *, raw: bytes, key: str | None = None
    ) -> Accepted:
        """`raw` is what the fingerprint is taken of, `key` the request's Idempotency-Key. The
        event's own
        `id` is a key as well. Never raises for the event's fault: see `Accepted.problem`."""
        ...

    async def accept_batch(
        self, env: int, batch: list[IncomingEvent], *, raw: bytes, key: str | None = None
    ) -> list[Accepted]:
        """Answers in the order given."""
        ...


class Looking(Protocol):
    """Decides what was stored once, when somebody looks at it."""

    async def look(self, env: int, user: int, tenant: int) -> None:
        """Bring an inbox up to date before it is read or counted. Never raises."""
        ...

    async def look_all(self, env: int, users: Sequence[int], tenant: int) -> None:
        """The same for many users of an environment, and of one tenant or none, together."""
        ...


class Catalogs(Protocol):
    """The catalogue: put, read back, tried out."""

    async def current(self, env: int) -> Catalog:
        """All current rows (kept in memory until something is put)."""
        ...

    async def put_workflow(
        self, env: int, document: dict[str, Any], key: str | None
    ) -> WorkflowRow:
        """Read, compile and store a document; InvalidError with a pointer when it is not
        acceptable."""
        ...

    async def put_category(
        self, env: int, document: dict[str, Any], key: str | None
    ) -> CategoryRow: ...

    async def put_template(self, env: int, name: str, source: str) -> tuple[int, list[str]]:
        """Version of the template, and the keys of the workflows that got a new version by it."""
        ...

    async def pause(self, env: int, key: str, paused: bool) -> WorkflowRow: ...

    async def delete(self, env: int, kind: str, key: str) -> bool:
        """kind: workflow | category | template."""
        ...

    async def preview(self, env: int, key: str, asked: PreviewAsked) -> list[dict[str, Any]]:
        """Rendered content per step, strictly: [{"step", "channel", "locale", "content",
        "warnings"}]; with `keep_going`, {"step", "channel", "locale", "problem": {"pointer",
        "detail"}} for a step that cannot be rendered."""
        ...


class Edited(msgspec.Struct, frozen=True, kw_only=True):
    """A draft, what is wrong with it (with pointers into a workflow's document), and the version
    that is live, 0 for none."""

    row: DraftRow
    live: int
    problems: tuple[InvalidError, ...] = ()


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What went live: the version of the thing, and the workflows that got a new one."""

    version: int
    workflows: tuple[str, ...]


class Editing(Protocol):
    """Drafts of workflows and template files: saved, looked at, published, restored."""

    async def drafts(self, env: int) -> list[Edited]:
        """All of the environment, without their problems."""
        ...

    async def find(self, env: int, kind: DraftKind, name: str) -> Edited:
        """NotFoundError when there is none."""
        ...

    async def save(
        self,
        env: int,
        kind: DraftKind,
        name: str,
        body: str,
        *,
        based_on: int | None,
        expected: int | None,
    ) -> Edited:
        """Keep it, whatever is wrong with it. `based_on` None: that of the draft that is there,
        else what is live. StandingError when its edition is not the one expected."""
        ...

    async def discard(self, env: int, kind: DraftKind, name: str, expected: int | None) -> None:
        """NotFoundError when there is none, StandingError when its edition is another."""
        ...

    async def publish(
        self,
        env: int,
        kind: DraftKind,
        name: str,
        *,
        templates: Sequence[str] = (),
        expected: int | None,
    ) -> Published:
        """Let it go live, with the drafts of the template files named. InvalidError when anything
        would break, StandingError when somebody was faster, NotFoundError when a draft is not
        there."""
        ...


class Sent(msgspec.Struct, frozen=True):
    """An item or a delivery of a step: when it was made and when it changed last."""

    step: int
    since: int
    until: int


Kept = Mapping[tuple[int, str], dict[str, Any]]
"""Rendered fields by (step, locale)."""


class KeptWords(msgspec.Struct, frozen=True, kw_only=True):
    """A notification with the words that are kept of its event and workflow."""

    event: EventRow
    workflow: int
    user: int
    sent: Sequence[Sent]
    kept: Kept


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What a user was told at a step. `wanted` is the user's own locale of then. Not `certain`: it
    may have been another of the locales, as what decided it has changed or is not kept."""

    step: int
    locale: str
    fields: dict[str, Any]
    certain: bool
    wanted: str | None


class ChannelStood(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one channel of a notification: sent, partly_sent (not to every device),
    silent (in the inbox, where nothing rang), on_its_way, waiting, gathered (in a digest that is
    open), given_up, not_known (sent; it may or may not have arrived) or not_sent. `deliveries` are
    counted by status; `cause` says why those that were given up were."""

    step: int
    channel: str
    became: str
    reason: str
    deliveries: dict[str, int]
    cause: str | None = None


class Stood(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a notification, with the same verdict as its story. `title` is the first of
    its titles or subjects that is known for certain."""

    verdict: str
    title: str | None = None
    channels: tuple[ChannelStood, ...] = ()


class Explaining(Protocol):
    """Answers "why?" from the ledger."""

    async def why(self, env: int, event: bytes, user: str) -> dict[str, Any]:
        """The body of `GET /v1/events/{id}/why`; NotFoundError when the event does not exist."""
        ...

    async def notification(
        self, env: int, event: bytes, workflow: int, user: int
    ) -> dict[str, Any]:
        """The body of `GET /v1/notifications/{id}`: decisions, deliveries, attempts as one
        timeline, content."""
        ...

    async def standings(
        self, env: int, rows: Sequence[NotificationRow], events: Mapping[bytes, EventRow]
    ) -> list[Stood]:
        """What became of each of the rows, in their order."""
        ...

    async def words(self, told: Sequence[KeptWords]) -> list[list[Words]]:
        """Of the words that are kept those that were the user's own, by notification."""
        ...


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An inbox item with its words. Of one that tells several events: who caused them, by name
    (different ones, newest first, at most 10), and the newest 10 of them, newest first; `locale` is
    the one of the words."""

    row: ItemRow
    locale: str = ""
    actors: tuple[str, ...] = ()
    activities: tuple[MemberRow, ...] = ()


class Telling(Protocol):
    """Puts inbox items into words."""

    async def tell(self, env: int, user: int, rows: list[ItemRow]) -> list[Told]:
        """In the order given."""
        ...


class Redriving(Protocol):
    """Takes up again what was given up."""

    async def survey(self, env: int, wanted: DeadLetterFilter) -> tuple[Redriven, int]:
        """What a redrive would come to, and how many tasks that were put aside it would free."""
        ...

    async def begin(
        self, env: int, wanted: DeadLetterFilter, rate_per_second: int | None
    ) -> tuple[RedriveRow, int]:
        """The redrive as it stands after its first batches (it goes on by itself when it is not
        finished), and how many tasks were freed."""
        ...


class Blasting(Protocol):
    """Prepares events to be fired by one flip."""

    async def begin(
        self, env: int, incoming: IncomingEvent, *, name: str, key: str | None
    ) -> tuple[BlastRow, bool]:
        """A blast that is being prepared, and whether it was asked for before. InvalidError with a
        pointer when it never can be; MismatchError when its key came with another body."""
        ...

    async def fire(
        self, env: int, number: int, *, at: int | None = None, force: bool = False
    ) -> BlastRow:
        """Fire an armed one now, or `at` an instant to come; repeating answers the same.
        StandingError when it is not armed, InvalidError `late` when it would be done after its
        expiry and is not forced."""
        ...

    async def test(self, env: int, number: int, users: Sequence[str]) -> bytes:
        """Send it to these users only, now; the event's id."""
        ...

    async def pause(self, env: int, number: int, by: str) -> BlastRow:
        """Let it stand still; StandingError when it was not fired or is over."""
        ...

    async def resume(self, env: int, number: int) -> BlastRow:
        """Let it go on; StandingError when it was not fired or is over."""
        ...

    async def cancel(self, env: int, number: int) -> BlastRow:
        """Whoever is not told yet stays untold."""
        ...

    async def delete(self, env: int, number: int) -> None:
        """Remove one; StandingError when it was fired."""
        ...


class Simulating(Protocol):
    """Decides the recorded past again under other rules."""

    async def begin(self, env: int, name: str, asked: Asked) -> SimulationRow:
        """A simulation that goes on by itself. InvalidError with a pointer below `/change` when a
        document is not acceptable."""
        ...

    async def traces(
        self, row: SimulationRow, example: SimulatedExample
    ) -> tuple[list[TraceLine], list[TraceLine]] | None:
        """Every gate of the first decision about an example: then, and under the change. None when
        it is not kept any more."""
        ...


class Supposing(Protocol):
    """Decides about an event that did not happen."""

    async def decide(
        self, env: int, incoming: IncomingEvent, user: str, asked: Asked
    ) -> dict[str, Any]:
        """The body of `POST /v1/simulations/event`. Nothing is written."""
        ...
