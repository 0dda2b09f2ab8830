"""All nouns over one executor: what the members of the store's contract share."""

from __future__ import annotations

from collections.abc import Callable

from clarion.store.sql.accounts import SqlAccounts
from clarion.store.sql.alerts import SqlAlerts
from clarion.store.sql.blasts import SqlBlasts
from clarion.store.sql.broadcasts import SqlBroadcasts
from clarion.store.sql.caps import SqlCaps
from clarion.store.sql.catalog import SqlCatalog
from clarion.store.sql.dead_letters import SqlDeadLetters
from clarion.store.sql.deliveries import SqlDeliveries
from clarion.store.sql.drafts import SqlDrafts
from clarion.store.sql.events import SqlEvents
from clarion.store.sql.export import SqlExport
from clarion.store.sql.held import SqlHeld
from clarion.store.sql.inbox import SqlInbox
from clarion.store.sql.keys import SqlKeys
from clarion.store.sql.law import SqlLaw
from clarion.store.sql.ledger import SqlLedger
from clarion.store.sql.names import SqlNames
from clarion.store.sql.people import SqlPeople
from clarion.store.sql.presence import SqlPresence
from clarion.store.sql.replica import SqlReplica
from clarion.store.sql.retention import SqlRetention
from clarion.store.sql.settings import SqlSettings
from clarion.store.sql.simulations import SqlSimulations
from clarion.store.sql.streams import SqlStreams
from clarion.store.sql.topics import SqlTopics
from clarion.store.sql.tx import Executor
from clarion.store.sql.work import SqlWork


class SqlStore:
    """Member of the Store contract, whatever the dialect."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self.names = SqlNames(executor)
        self.catalog = SqlCatalog(executor)
        self.drafts = SqlDrafts(executor)
        self.people = SqlPeople(executor)
        self.settings = SqlSettings(executor)
        self.law = SqlLaw(executor)
        self.topics = SqlTopics(executor)
        self.replica = SqlReplica(executor)
        self.events = SqlEvents(executor)
        self.broadcasts = SqlBroadcasts(executor)
        self.work = SqlWork(executor)
        self.held = SqlHeld(executor)
        self.deliveries = SqlDeliveries(executor)
        self.accounts = SqlAccounts(executor)
        self.dead_letters = SqlDeadLetters(executor)
        self.alerts = SqlAlerts(executor)
        self.inbox = SqlInbox(executor)
        self.streams = SqlStreams(executor)
        self.ledger = SqlLedger(executor)
        self.keys = SqlKeys(executor)
        self.export = SqlExport(executor)
        self.caps = SqlCaps(executor)
        self.presence = SqlPresence(executor)
        self.simulations = SqlSimulations(executor)
        self.blasts = SqlBlasts(executor)
        self.retention: SqlRetention = SqlRetention(executor)

    @property
    def failing(self) -> bool:
        """See `Store.failing`."""
        return self._executor.failing

    @property
    def waiting(self) -> int:
        """See `Store.waiting`."""
        return self._executor.waiting

    @property
    def exclusive(self) -> bool:
        """See `Store.exclusive`."""
        return False

    def watch(self, told: Callable[[int, float], None]) -> None:
        """See `Store.watch`."""
        self._executor.told = told

    async def survey(self) -> int:
        """See `Store.survey`: plans that go by no sizes need none."""
        return 0

    @property
    def chunk_seconds(self) -> float:
        """See `Store.chunk_seconds`: where one writer serves all."""
        return 0.01

    async def check(self, now: int) -> None:
        """See `Store.check`."""
        if self._executor.failing:
            await self._executor.write(lambda tx: tx.run("work/touch", now), 0)
        await self.keys.environments()

    async def clock(self, now: int) -> int:
        """See `Store.clock`."""
        return await self._executor.read(lambda tx: tx.clock(now))

    async def close(self) -> None:
        """See `Store.close`."""
        await self._executor.close()
