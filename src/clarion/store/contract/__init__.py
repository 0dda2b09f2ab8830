"""What the store can do, grouped by noun. Every operation is batch-first, takes `now` where time
matters, and
works inside one environment (`env`, a number). Numbers stand for names; `names` translates.

Errors of every operation: UnavailableError when the store cannot be written or read (full,
locked, broken).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from clarion.store.contract.accounts import AccountStore
from clarion.store.contract.alerts import AlertStore
from clarion.store.contract.blasts import BlastStore
from clarion.store.contract.broadcasts import BroadcastStore
from clarion.store.contract.caps import CapStore
from clarion.store.contract.catalog import CatalogStore
from clarion.store.contract.dead_letters import DeadLetterStore
from clarion.store.contract.deliveries import DeliveryStore
from clarion.store.contract.drafts import DraftStore
from clarion.store.contract.events import EventStore
from clarion.store.contract.export import ExportStore
from clarion.store.contract.held import HeldStore
from clarion.store.contract.inbox import InboxStore
from clarion.store.contract.keys import KeyStore
from clarion.store.contract.law import LawStore
from clarion.store.contract.ledger import LedgerStore
from clarion.store.contract.names import NameStore
from clarion.store.contract.people import PeopleStore
from clarion.store.contract.presence import PresenceStore
from clarion.store.contract.replica import ReplicaStore
from clarion.store.contract.retention import RetentionStore
from clarion.store.contract.settings import SettingStore
from clarion.store.contract.simulations import SimulationStore
from clarion.store.contract.streams import StreamStore
from clarion.store.contract.topics import TopicStore
from clarion.store.contract.work import WorkStore


class Store(Protocol):
    """All nouns of one store, and its life."""

    @property
    def names(self) -> NameStore: ...

    @property
    def catalog(self) -> CatalogStore: ...

    @property
    def drafts(self) -> DraftStore: ...

    @property
    def people(self) -> PeopleStore: ...

    @property
    def settings(self) -> SettingStore: ...

    @property
    def law(self) -> LawStore: ...

    @property
    def topics(self) -> TopicStore: ...

    @property
    def replica(self) -> ReplicaStore: ...

    @property
    def events(self) -> EventStore: ...

    @property
    def broadcasts(self) -> BroadcastStore: ...

    @property
    def work(self) -> WorkStore: ...

    @property
    def deliveries(self) -> DeliveryStore: ...

    @property
    def dead_letters(self) -> DeadLetterStore: ...

    @property
    def held(self) -> HeldStore: ...

    @property
    def alerts(self) -> AlertStore: ...

    @property
    def accounts(self) -> AccountStore: ...

    @property
    def inbox(self) -> InboxStore: ...

    @property
    def streams(self) -> StreamStore: ...

    @property
    def ledger(self) -> LedgerStore: ...

    @property
    def keys(self) -> KeyStore: ...

    @property
    def export(self) -> ExportStore: ...

    @property
    def caps(self) -> CapStore: ...

    @property
    def presence(self) -> PresenceStore: ...

    @property
    def simulations(self) -> SimulationStore: ...

    @property
    def blasts(self) -> BlastStore: ...

    @property
    def retention(self) -> RetentionStore: ...

    @property
    def failing(self) -> bool:
        """Whether the last write was refused by the store itself (full, locked, broken)."""
        ...

    @property
    def waiting(self) -> int:
        """Writes that wait for their turn in this process."""
        ...

    @property
    def exclusive(self) -> bool:
        """Whether no other server can work on it while this one does."""
        ...

    def watch(self, told: Callable[[int, float], None]) -> None:
        """From now on tell of each write that succeeded: how urgent it was (number of a lane), and
        the seconds from when it was asked for until it was committed. Called in the loop."""
        ...

    @property
    def chunk_seconds(self) -> float:
        """How long a transaction of bulk work may well take, the wait for its commit included, so
        that urgent work gets in between."""
        ...

    async def survey(self) -> int:
        """Count again what its plans go by, of tables that grew a lot since; of how many."""
        ...

    async def check(self, now: int) -> None:
        """UnavailableError when it cannot be read, or when the last write failed and a small one
        fails as well."""
        ...

    async def clock(self, now: int) -> int:
        """The instant that all processes on the store agree on: the server's clock, or `now` where
        there is one process."""
        ...

    async def close(self) -> None:
        """Finish what is being written, then close."""
        ...


__all__ = [
    "AccountStore",
    "AlertStore",
    "BlastStore",
    "BroadcastStore",
    "CapStore",
    "CatalogStore",
    "DeadLetterStore",
    "DeliveryStore",
    "EventStore",
    "ExportStore",
    "HeldStore",
    "InboxStore",
    "KeyStore",
    "LawStore",
    "LedgerStore",
    "NameStore",
    "PeopleStore",
    "PresenceStore",
    "ReplicaStore",
    "RetentionStore",
    "SettingStore",
    "SimulationStore",
    "Store",
    "StreamStore",
    "TopicStore",
    "WorkStore",
]
