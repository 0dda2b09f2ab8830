"""Simulations: what was asked, how far they have come, what they found; and the past that they
walk, in pages of users."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple, Protocol

import msgspec

from clarion.core.recipient import Consent, Setting

Stated = tuple[int, int, int]
"""(user, purpose, instant)."""


class SimulationState(IntEnum):
    """Where a simulation stands; the numbers are stored."""

    QUEUED = 0
    RUNNING = 1
    DONE = 2
    FAILED = 3
    CANCELED = 4

    @property
    def label(self) -> str:
        return self.name.lower()


class SimulationRow(msgspec.Struct, frozen=True, kw_only=True):
    """A simulation. `asked` and `tally` are JSON texts of whoever runs it. `cursor` is the last
    user that was walked, `total` the highest number of a user to walk, `done` how many
    decisions were looked at."""

    env: int
    number: int
    name: str
    asked: str
    created_at: int
    state: SimulationState = SimulationState.QUEUED
    cursor: int = 0
    total: int = 0
    done: int = 0
    tally: str = ""
    error: str | None = None
    updated_at: int = 0
    finished_at: int | None = None


class SimulatedExample(msgspec.Struct, frozen=True, kw_only=True):
    """One send that the change makes another: the notification, the channel's number, and what
    becomes of it on both sides (words, and JSON texts of the whole)."""

    n: int
    event: bytes
    workflow: int
    user: int
    channel: int
    before: str
    after: str
    reason_before: str
    reason_after: str
    body: str


class ExampleQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Filters of examples: the channel's number, result words of both sides, a reason of either."""

    channel: int | None = None
    before: str | None = None
    after: str | None = None
    reason: str | None = None
    above: int = -1
    limit: int = 50


class Recorded(NamedTuple):
    """A recorded notification; `decided` is its encoded DecisionRecord."""

    user: int
    event: bytes
    workflow: int
    tenant: int
    decided: str


class EventPin(NamedTuple):
    """An event as its decisions saw it, with the pin of one of its workflows."""

    event: bytes
    type: str
    tenant: int
    actor: int
    about: int
    silent: int
    accepted_at: int
    expires_at: int | None
    workflow: int
    version: int
    category: int
    category_version: int


class LaterDecision(NamedTuple):
    """A decision after a wait."""

    event: bytes
    workflow: int
    user: int
    decided: str


class TellingRow(NamedTuple):
    """A digest that was told: its step, and how many events it gathered."""

    digest: bytes
    step: int
    entries: int


class SimulationStore(Protocol):
    """Nothing of it changes what it simulates."""

    async def begin(self, env: int, name: str, asked: str, now: int) -> SimulationRow:
        """A simulation that is queued, with the next number of its environment."""
        ...

    async def row(self, env: int, number: int) -> SimulationRow | None:
        """The simulation of that number."""
        ...

    async def rows(self, env: int, before: int | None, limit: int) -> list[SimulationRow]:
        """Simulations of an environment with numbers below `before` (None: any), newest first."""
        ...

    async def unfinished(self, limit: int) -> list[SimulationRow]:
        """Those queued or running in all environments, the oldest first."""
        ...

    async def save(self, row: SimulationRow, examples: list[SimulatedExample]) -> bool:
        """Write how a simulation stands, with new examples, in one transaction. False, and nothing
        is written, when it had ended (it was canceled) before."""
        ...

    async def cancel(self, env: int, number: int, now: int) -> SimulationRow | None:
        """End one that has not ended; how it stands then, None when there is none."""
        ...

    async def examples(self, env: int, number: int, query: ExampleQuery) -> list[SimulatedExample]:
        """Examples of a simulation in their order, from above the number `query.above` on."""
        ...

    async def prune(self, before: int, limit: int) -> int:
        """Forget simulations that ended up to the instant `before` (keeper); how many."""
        ...

    async def last_user(self, env: int) -> int:
        """The highest number of a user with a notification; 0 when there is none."""
        ...

    async def users(self, env: int, after: int, limit: int) -> list[int]:
        """The next users with notifications, by number."""
        ...

    async def recorded(
        self, env: int, users: list[int], since: bytes, until: bytes, limit: int
    ) -> list[Recorded]:
        """Notifications of users, of the events from `since` up to before `until`, in the order of
        (user, event, workflow)."""
        ...

    async def recorded_of(
        self, env: int, user: int, after: tuple[bytes, int], until: bytes, limit: int
    ) -> list[Recorded]:
        """The next notifications of one user behind (event, workflow)."""
        ...

    async def pins(self, env: int, events: list[bytes]) -> list[EventPin]:
        """Events with the pins of all of their workflows."""
        ...

    async def later(self, env: int, keys: list[tuple[bytes, int, int]]) -> list[LaterDecision]:
        """Decisions after waits by (event, workflow, user), in the order they were made."""
        ...

    async def tellings(self, env: int, digests: list[bytes]) -> dict[bytes, TellingRow]:
        """Digests by id."""
        ...

    async def gathered(
        self, env: int, pairs: list[tuple[bytes, bytes]]
    ) -> set[tuple[bytes, bytes]]:
        """Which of these (digest, event) belong together."""
        ...

    async def settings_at(
        self, env: int, versions: list[tuple[int, int]]
    ) -> dict[tuple[int, int], tuple[Setting, ...]]:
        """All rows of users as they were at versions; who had none is missing."""
        ...

    async def zones_at(
        self, env: int, versions: list[tuple[int, int]]
    ) -> dict[tuple[int, int], tuple[str | None, bool]]:
        """Zones of users at versions, and whether the user was erased since."""
        ...

    async def topics_changed(self, env: int, topics: list[int]) -> int:
        """When any of these topics was changed last; 0 where none was ever made."""
        ...

    async def had_more(self, env: int, topic: int, most: int, at: int) -> bool:
        """Whether a topic had more than so many subscribers at an instant."""
        ...

    async def consents_at(self, env: int, asked: list[Stated]) -> dict[Stated, tuple[Consent, ...]]:
        """What users had said until an instant about one purpose and about all of them; who had
        said nothing is missing."""
        ...

    async def payloads(self, env: int, events: list[bytes]) -> dict[bytes, str]:
        """What is kept of the data of events, as JSON texts."""
        ...
