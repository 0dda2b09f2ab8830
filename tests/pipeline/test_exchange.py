"""Two processes on one store: what one learns of an account, the other knows."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clarion.bus.inproc import InProcessBus
from clarion.channels.contract import Capabilities
from clarion.core.breaker import Phase
from clarion.core.delivery import Outcome, OutcomeClass
from clarion.core.quota import Quota
from clarion.core.workflow import Channel, Lane
from clarion.errors import UnavailableError
from clarion.pipeline.accounts import Known, SharedAccounts
from clarion.pipeline.exchange import DOORBELL, LEASE_SECONDS, RENEWED_SECONDS, Exchange
from clarion.pipeline.lease import Lease
from clarion.pipeline.routes import Account
from clarion.pipeline.valve import Limits, Valve
from clarion.store.sqlite.store import SqliteStore, open_store
from clarion.testing.clock import START, ManualClock
from tests.core.outcomes import DOWN, OK, THROTTLED, WRONG_KEY

TEN = Quota(rate_per_second=10, burst=10)


class Process:
    """A process with one account `push` of ten messages a second."""

    def __init__(self, store: SqliteStore, clock: ManualClock, bus: InProcessBus) -> None:
        can = Capabilities(kind="k", channel=Channel.PUSH, title="K")
        known = Known(
            account=Account(name="push", capabilities=can),
            channels=("push",),
            limits=Limits(in_flight=8, quota=TEN),
        )
        self.lease = Lease(store, clock, Lane, seconds=30, heartbeat_seconds=5)
        self.accounts = SharedAccounts([known], store, bus, clock, random.Random(7))
        self.clock = clock

    @property
    def exchange(self) -> Exchange:
        return self.accounts.exchange

    @property
    def valve(self) -> Valve:
        return self.accounts.valves["push"]

    def saw(self, *outcomes: Outcome) -> None:
        for outcome in outcomes:
            self.valve.told(outcome, 1, self.clock.now(), self.clock.now())


class Pair:
    """Two processes, their clock and their bus."""

    def __init__(self, store: SqliteStore) -> None:
        self.clock, self.bus, self.store = ManualClock(), InProcessBus(), store
        self.one = Process(store, self.clock, self.bus)
        self.two = Process(store, self.clock, self.bus)

    async def start(self) -> None:
        for process in (self.one, self.two):
            await process.lease.start()
            await process.accounts.start(process.lease)

    async def meet(self) -> None:
        for process in (self.one, self.two, self.one):
            await process.exchange.step(True)


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    store = open_store(tmp_path / "clarion.db", START, serve=True, inline=True)
    made = Pair(store)
    await made.start()
    yield made
    await store.close()


async def test_a_breaker_that_opened_here_is_open_there(pair: Pair) -> None:
    bell = pair.bus.doorbell(DOORBELL)
    pair.one.saw(*[DOWN] * 10)
    assert await bell.wait(0)
    await pair.meet()
    assert pair.two.valve.state == pair.one.valve.state
    assert pair.two.valve.state.phase is Phase.OPEN
    assert not await bell.wait(0)


async def test_operators_are_told_once_of_an_account_that_went_out(pair: Pair) -> None:
    alerts = pair.store.alerts
    await alerts.gather(300, 1, pair.clock.now())
    pair.one.saw(WRONG_KEY)
    pair.two.saw(WRONG_KEY)
    await pair.meet()
    pair.clock.advance(310)
    while await alerts.gather(300, 1, pair.clock.now()):
        pass
    (alert,) = await alerts.claim(30, 10, pair.clock.now())
    assert (alert.account, alert.cause, alert.count) == ("push", "account:credential", 1)


async def test_a_pause_here_is_a_pause_there(pair: Pair) -> None:
    pair.one.saw(THROTTLED)
    await pair.meet()
    assert pair.two.valve.paused_until == START + 30_000_000


async def test_of_two_that_turn_at_once_the_first_holds(pair: Pair) -> None:
    pair.one.saw(WRONG_KEY)
    pair.two.saw(*[DOWN] * 10)
    await pair.meet()
    assert pair.one.valve.state.cause == "credential:401"
    assert pair.two.valve.state == pair.one.valve.state


async def test_one_of_two_processes_holds_the_probe(pair: Pair) -> None:
    pair.one.saw(*[DOWN] * 10)
    await pair.meet()
    pair.clock.advance(12)
    assert await pair.one.exchange.hold_probe(pair.one.valve)
    assert not await pair.two.exchange.hold_probe(pair.two.valve)
    assert pair.two.valve.room(3, pair.clock.now()).out
    pair.one.saw(OK)
    await pair.meet()
    assert pair.two.valve.state.phase is Phase.RAMPING


async def test_a_probe_that_was_dropped_may_be_the_others(pair: Pair) -> None:
    pair.one.saw(*[DOWN] * 10)
    await pair.meet()
    pair.clock.advance(12)
    assert await pair.one.exchange.hold_probe(pair.one.valve)
    await pair.one.exchange.drop_probe(pair.one.valve)
    await pair.meet()
    assert await pair.two.exchange.hold_probe(pair.two.valve)


async def test_two_processes_share_one_quota(pair: Pair) -> None:
    first = await pair.one.exchange.tokens(pair.one.valve, 0, free=6, due=100)
    second = await pair.two.exchange.tokens(pair.two.valve, 0, free=6, due=100)
    assert (first.tokens, second.tokens) == (6, 4)
    third = await pair.two.exchange.tokens(pair.two.valve, 0, free=6, due=100)
    assert (third.tokens, third.wait_seconds) == (0, 0.1)


async def test_what_is_left_of_a_lease_is_used_first_and_lost_with_time(pair: Pair) -> None:
    one = pair.one
    assert (await one.exchange.tokens(one.valve, 0, free=1, due=2)).tokens == 1
    assert (await one.exchange.tokens(one.valve, 0, free=1, due=1)).tokens == 1
    one.exchange.unused(one.valve, 0, 1)
    (row,) = await pair.store.accounts.states()
    assert (await one.exchange.tokens(one.valve, 0, free=1, due=1)).tokens == 1
    assert await pair.store.accounts.states() == [row]
    one.exchange.unused(one.valve, 0, 1)
    pair.clock.advance(LEASE_SECONDS)
    await one.exchange.tokens(one.valve, 0, free=1, due=1)
    assert await pair.store.accounts.states() != [row]


async def test_a_pause_takes_back_what_was_leased(pair: Pair) -> None:
    one = pair.one
    await one.exchange.tokens(one.valve, 3, free=1, due=3)
    one.saw(Outcome(kind=OutcomeClass.RETRY_AFTER, retry_after_seconds=1))
    await pair.meet()
    assert (await one.exchange.tokens(one.valve, 3, free=1, due=3)).tokens == 0


async def test_reports_are_written_when_they_say_something_new(pair: Pair) -> None:
    await pair.meet()
    assert await pair.store.accounts.reports(0) == []
    pair.one.saw(OK)
    await pair.meet()
    (report,) = await pair.store.accounts.reports(0)
    assert (report.worker, report.at) == (pair.one.lease.worker, START)
    pair.clock.advance(1)
    await pair.meet()
    assert (await pair.store.accounts.reports(0))[0].at == START
    pair.clock.advance(RENEWED_SECONDS)
    await pair.meet()
    assert (await pair.store.accounts.reports(0))[0].at == pair.clock.now()


async def test_without_the_store_a_process_goes_on_with_what_it_knows(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def away(*_: object) -> None:
        raise UnavailableError("the store is away")

    with monkeypatch.context() as patched:
        for name in ("states", "turn", "report", "pause", "reports"):
            patched.setattr(pair.store.accounts, name, away)
        pair.one.saw(*[DOWN] * 10)
        await pair.one.exchange.step(True)
        await pair.one.exchange.step(True)
        assert pair.one.valve.state.phase is Phase.OPEN
        (shown,) = await pair.one.accounts.documents()
        assert shown["breaker"] == "open"
    assert sum("store is away" in line for line in caplog.messages) == 1
    await pair.meet()
    assert pair.two.valve.state.phase is Phase.OPEN
