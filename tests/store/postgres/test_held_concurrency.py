"""Several processes on one database that hold, gather and tell: nothing is lost, nothing is told
twice, and none of them has to be broken off for the sake of another."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Coroutine

import pytest

from clarion.core.delivery import Outcome, OutcomeClass
from clarion.core.recipient import ScopeKind, Setting
from clarion.core.states import Bucket, DeliveryStatus
from clarion.store.contract.deliveries import Finish
from clarion.store.contract.held import STEP, WINDOW, Held, Resumed
from clarion.store.contract.work import JoinWrite, PageWrite
from clarion.store.postgres.executor import Sizes
from clarion.store.postgres.store import PostgresStore, open_postgres
from tests.store.builders import (
    ENV,
    LEASE,
    NOW,
    a_delivery,
    a_notification,
    a_record,
    a_user,
    an_event,
    an_event_id,
)
from tests.store.holding import (
    DUE,
    LANE,
    a_digest_id,
    a_join,
    a_joining_page,
    a_wait,
    claimed,
    imbalances,
    rows,
    sending,
    skipped,
    told,
    waiting,
)

CONNECTIONS = 8
DEADLOCKS = "select deadlocks from pg_stat_database where datname = current_database()"
SENT = Outcome(kind=OutcomeClass.ACCEPTED)


@pytest.fixture
async def stores(dsn: str) -> AsyncIterator[list[PostgresStore]]:
    """As many processes with a connection for writes each; workers are numbered as they are. After
    the test none of their transactions was broken off as it stood in another's way."""
    sizes = Sizes(urgent=1, bulk=1, reads=1)
    opened = [await open_postgres(dsn, NOW, sizes=sizes) for _ in range(CONNECTIONS)]
    for _ in opened:
        await opened[0].work.start_worker([LANE], LEASE, NOW)
    yield opened
    await rows(opened[0], "select pg_stat_force_next_flush()")
    deadlocks = await rows(opened[0], DEADLOCKS)
    for store in opened:
        await store.close()
    assert deadlocks == [(0,)]


async def one_join(store: PostgresStore, n: int, user: int = 1, key: str = "") -> None:
    event = an_event_id(n)
    page = a_joining_page(event, user, a_digest_id(n), key=key)
    await store.events.accept_many([an_event(event, page)], NOW)


async def test_all_that_join_a_key_at_once_are_in_one_digest(
    stores: list[PostgresStore],
) -> None:
    joins = 50

    async def join(which: int) -> None:
        for n in range(joins):
            await one_join(stores[which], 1 + which * joins + n)

    await asyncio.gather(*map(join, range(CONNECTIONS)))
    ((digest,),) = await rows(stores[0], "select digest from digest where closed_at is null")
    entries = await rows(stores[0], "select digest, event from digest_entry")
    events = {an_event_id(n) for n in range(1, CONNECTIONS * joins + 1)}
    assert {event for _, event in entries} == events
    assert len(entries) == len(events)
    assert {one for one, _ in entries} == {digest}
    assert await rows(stores[0], "select event, kind from waiting") == [(digest, WINDOW)]
    assert await imbalances(stores[0]) == []


async def test_what_joins_while_its_digest_closes_is_in_that_one_or_in_the_next(
    stores: list[PostgresStore],
) -> None:
    joins, told_of = 40, Counter[bytes]()

    async def join(which: int) -> None:
        for n in range(joins):
            await one_join(stores[which], 1 + which * joins + n)

    async def tell(which: int, joining: asyncio.Future[list[None]]) -> None:
        done = False
        while not done:
            done = joining.done()
            for held in await claimed(stores[which], which + 1):
                digest = await told(stores[which], held)
                told_of.update(entry.event for entry in digest.entries)
                assert digest.count == len(digest.entries)

    joining = asyncio.gather(*map(join, range(4)))
    await asyncio.gather(*(tell(which, joining) for which in (4, 5)))
    assert told_of == Counter({an_event_id(n): 1 for n in range(1, 4 * joins + 1)})
    assert len(await rows(stores[0], "select * from digest")) > 1
    assert await rows(stores[0], "select * from waiting") == []
    assert await imbalances(stores[0]) == []


async def test_no_row_is_claimed_by_two(stores: list[PostgresStore]) -> None:
    for n in range(10):
        await waiting(stores[0], n + 1, *range(1, 31))

    async def claim_all(which: int) -> list[Held]:
        found: list[Held] = []
        while batch := await claimed(stores[which], which + 1, limit=17):
            found += batch
        return found

    batches = await asyncio.gather(*map(claim_all, range(CONNECTIONS)))
    keys = [(held.event, held.user) for batch in batches for held in batch]
    assert len(keys) == len(set(keys)) == 300


async def test_who_was_rescued_loses_against_the_rescuer(stores: list[PostgresStore]) -> None:
    await waiting(stores[0], 1, *range(1, 21))
    old = await claimed(stores[0], 1)
    await stores[1].held.rescue([1])
    await rows(stores[1], "update waiting set crashes = 0")
    new = await claimed(stores[1], 2)
    lost, won = await asyncio.gather(*(resume(stores[n], one) for n, one in enumerate((old, new))))
    assert (lost, won) == (0, 20)
    assert len(await rows(stores[0], "select * from ready")) == 20
    assert await imbalances(stores[0]) == []


async def resume(store: PostgresStore, batch: list[Held]) -> int:
    both = [sending(held) for held in batch]
    page = PageWrite(deliveries=[one for _, page in both for one in page.deliveries])
    return await store.held.resume([one for one, _ in both], page, [], DUE)


async def test_what_several_resume_at_once_is_decided_once(stores: list[PostgresStore]) -> None:
    await waiting(stores[0], 1, *range(1, 41))
    batch = await claimed(stores[0], 1)
    won = await asyncio.gather(
        *(resume(store, random.Random(n).sample(batch, 40)) for n, store in enumerate(stores))
    )
    assert sum(won) == 40
    assert len(await rows(stores[0], "select * from ready")) == 40
    assert await imbalances(stores[0]) == []


ROUNDS = 5
USERS = [*range(1, 13)]
QUIET = Setting(user=0, kind=ScopeKind.USER, scope=0, quiet=())


class Traffic:
    """Pages that join the digests of many users, windows that close, and all that touches these
    beside them, in random orders. A method each for what a process does in a round; how many rows
    it did something about."""

    def __init__(self, stores: list[PostgresStore]) -> None:
        self.stores = stores
        self.chance = random.Random(7)
        self.events: list[bytes] = []
        self.told: Counter[tuple[bytes, int]] = Counter()

    async def accept(self, which: int) -> int:
        """Each notification is pushed at once, and waits, and is gathered."""
        event = an_event_id(len(self.events) + 1)
        self.events.append(event)
        users = self.chance.sample(USERS, len(USERS))
        page = PageWrite(
            notifications=[
                a_notification(event, u, bucket=Bucket.OPEN, open=1, waiting=2) for u in users
            ],
            deliveries=[a_delivery(event, u, u, step=7) for u in users],
            waits=[a_wait(event, u, due=NOW, step=5) for u in users],
            joins=[self.a_join(event, u, step=0) for u in users],
        )
        await self.stores[which].events.accept_many([an_event(event, page)], NOW)
        return len(users)

    def a_join(self, event: bytes, user: int, step: int) -> JoinWrite:
        digest = a_digest_id(self.chance.randrange(10**6))
        return a_join(event, user, digest, step=step, due=NOW, latest=NOW)

    async def resume(self, which: int) -> int:
        """Steps that waited join a digest too, as those held by quiet hours may."""
        store, done = self.stores[which], 0
        while batch := await claimed(store, which + 1, 20):
            windows = [(ENV, held.event) for held in batch if held.kind == WINDOW]
            closed = await store.held.close(windows, DUE)
            page, resumed = PageWrite(), []
            for held in batch:
                if held.kind == STEP:
                    page.joins.append(self.a_join(held.event, held.user, step=5))
                    resumed.append(Resumed(held=held, decided=a_record(), at=DUE, waiting=1))
                else:
                    _tell(page, held)
                    resumed.append(skipped(held))
            assert await store.held.resume(resumed, page, [*closed.values()], DUE) == len(batch)
            self.told.update(
                (entry.event, one.user) for one in closed.values() for entry in one.entries
            )
            done += len(batch)
        return done

    async def deliver(self, which: int) -> int:
        store, done = self.stores[which], 0
        while claims := await store.deliveries.claim(LANE, "fcm", which + 1, 40, DUE):
            ends = [
                Finish(
                    claim=claim,
                    status=self.chance.choice([DeliveryStatus.SENT, DeliveryStatus.DEAD]),
                    outcome=SENT,
                )
                for claim in claims
            ]
            self.chance.shuffle(ends)
            done += await store.deliveries.finish(ends, which + 1, DUE)
        return done

    async def meddle(self, which: int) -> int:
        """Users change their settings, and events are taken back."""
        store = self.stores[which]
        for user in self.chance.sample(USERS, 3):
            await store.settings.write(ENV, user, [QUIET], [], NOW)
            await store.events.cancel(ENV, [self.chance.choice(self.events)], None, NOW)
        return 0

    async def round(self) -> None:
        await asyncio.gather(*map(self.accept, range(3)), self.meddle(7), *self.work())

    def work(self) -> list[Coroutine[None, None, int]]:
        return [*map(self.resume, (3, 4)), *map(self.deliver, (5, 6))]


def _tell(page: PageWrite, held: Held) -> None:
    """By two messages."""
    page.notifications.append(a_notification(held.event, held.user, bucket=Bucket.OPEN, open=2))
    page.deliveries.extend(a_delivery(held.event, held.user, held.user * 100 + n) for n in (1, 2))


async def test_under_load_all_goes_on_and_the_ledger_balances(
    stores: list[PostgresStore],
) -> None:
    for user in USERS:
        assert await a_user(stores[0], f"u{user}") == user
    traffic = Traffic(stores)
    for _ in range(ROUNDS):
        await traffic.round()
    while any(await asyncio.gather(*traffic.work())):
        pass
    assert await rows(stores[0], "select * from ready") == []
    assert await rows(stores[0], "select * from waiting where kind = 2 and state = 1") == []
    assert await rows(stores[0], "select part from digest where part = 0 and closed_at > 0") == []
    assert await imbalances(stores[0]) == []
    kept = await rows(
        stores[0],
        'select e.event, d."user", count(*) from digest_entry as e '
        "join digest as d on d.env = e.env and d.digest = e.digest "
        'where e.retracted_at is null group by e.event, d."user"',
    )
    assert {(event, user): n for event, user, n in kept} == dict(traffic.told)
