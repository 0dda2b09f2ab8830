"""What processes share of an account: one turn a term, one probe, one bucket, the longest pause."""

from __future__ import annotations

import asyncio
from typing import Any

from clarion.core.breaker import BreakerState, Phase
from clarion.core.quota import Quota
from clarion.store.contract.accounts import AccountRow, Pause, Report, Tokens, Turn
from clarion.store.sql.accounts import KEPT_SECONDS
from clarion.store.sql.store import SqlStore
from tests.store.builders import NOW, SECOND

OPEN = BreakerState(
    phase=Phase.OPEN, since=NOW, until=NOW + 10 * SECOND, trips=1, cause="retry:503"
)
PROBING = BreakerState(phase=Phase.PROBING, since=NOW, until=NOW + 60 * SECOND, trips=1)
SLOW = Quota(rate_per_second=0.001, burst=10)
"""Nothing comes back while a test runs: buckets go by the store's own clock."""


def a_turn(known: int, state: BreakerState = OPEN, holder: int = 1, account: str = "a") -> Turn:
    return Turn(account=account, known=known, state=state, holder=holder)


def a_report(account: str = "a", **changes: Any) -> Report:
    fields: dict[str, Any] = {
        "in_flight": 3, "limit": 8, "outcomes": {"accepted": 5},
        "errors": [{"outcome": "retry", "code": "503", "at": NOW}],
    }  # fmt: skip
    return Report(account=account, **(fields | changes))


async def test_a_turn_holds_and_raises_the_term(store: SqlStore) -> None:
    assert await store.accounts.states() == []
    (row,) = await store.accounts.turn([a_turn(0)], NOW)
    assert row == AccountRow(account="a", state=OPEN, term=1, holder=1)
    assert await store.accounts.states() == [row]


async def test_who_knew_an_older_term_learns_what_holds(store: SqlStore) -> None:
    await store.accounts.turn([a_turn(0)], NOW)
    (row,) = await store.accounts.turn([a_turn(0, BreakerState(since=5), holder=2)], NOW)
    assert (row.state, row.term, row.holder) == (OPEN, 1, 1)


async def test_only_one_of_many_gets_the_probe(store: SqlStore) -> None:
    await store.accounts.turn([a_turn(0)], NOW)
    answers = await asyncio.gather(
        *(store.accounts.turn([a_turn(1, PROBING, worker)], NOW) for worker in range(1, 9))
    )
    holders = {row.holder for (row,) in answers}
    assert len(holders) == 1
    assert {row.term for (row,) in answers} == {2}


async def test_turns_of_many_accounts_are_answered_in_their_order(store: SqlStore) -> None:
    turns = [a_turn(0, account=name) for name in ("c", "a", "b")]
    rows = await store.accounts.turn(turns, NOW)
    assert [row.account for row in rows] == ["c", "a", "b"]


async def test_the_longest_pause_stays(store: SqlStore) -> None:
    for seconds in (30, 90, 10):
        await store.accounts.pause([Pause(account="a", until=NOW + seconds * SECOND)], NOW)
    assert (await store.accounts.states())[0].paused_until == NOW + 90 * SECOND


async def test_many_processes_share_one_bucket(store: SqlStore) -> None:
    leases = await asyncio.gather(*(store.accounts.lease("a", SLOW, 0, 3, NOW) for _ in range(8)))
    assert sum(lease.tokens for lease in leases) == 10
    assert all(lease.wait_seconds > 0 for lease in leases if lease.tokens < 3)


async def test_the_reserve_of_the_bucket_is_the_upper_lanes(store: SqlStore) -> None:
    assert (await store.accounts.lease("a", SLOW, 3, 50, NOW)).tokens == 8
    assert (await store.accounts.lease("a", SLOW, 1, 50, NOW)).tokens == 2
    assert (await store.accounts.lease("a", SLOW, 0, 1, NOW)).tokens == 0


async def test_nothing_is_leased_during_a_pause_and_then_the_reserve_alone(
    store: SqlStore,
) -> None:
    far = 4_000_000_000 * SECOND
    await store.accounts.pause([Pause(account="a", until=far, quota=SLOW)], NOW)
    lease = await store.accounts.lease("a", SLOW, 0, 5, NOW)
    assert (lease.tokens, lease.wait_seconds > 0) == (0, True)
    (row,) = await store.accounts.states()
    assert row.full_at == far + 8 * SLOW.interval
    assert lease != Tokens(tokens=0)


async def test_a_report_replaces_the_one_before(store: SqlStore) -> None:
    await store.accounts.report(1, [a_report(), a_report("b")], NOW)
    await store.accounts.report(1, [a_report(in_flight=0)], NOW + 5)
    await store.accounts.report(2, [a_report()], NOW + 5)
    reports = await store.accounts.reports(NOW)
    found = [(r.account, r.worker, r.in_flight, r.at) for r in reports]
    assert found == [("a", 1, 0, NOW + 5), ("a", 2, 3, NOW + 5), ("b", 1, 3, NOW)]
    assert reports[0].outcomes == {"accepted": 5}
    assert reports[0].errors == [{"outcome": "retry", "code": "503", "at": NOW}]
    assert [r.worker for r in await store.accounts.reports(NOW + 1)] == [1, 2]


async def test_a_report_tells_what_was_about_single_destinations(store: SqlStore) -> None:
    outcomes, apart = {"accepted": 5, "retry": 3}, {"retry": 2}
    await store.accounts.report(1, [a_report(outcomes=outcomes, apart=apart)], NOW)
    (found,) = await store.accounts.reports(NOW)
    assert (found.outcomes, found.apart) == (outcomes, apart)


async def test_what_nobody_renews_is_forgotten(store: SqlStore) -> None:
    await store.accounts.report(1, [a_report()], NOW)
    await store.accounts.report(2, [a_report()], NOW + (KEPT_SECONDS + 1) * SECOND)
    assert [report.worker for report in await store.accounts.reports(0)] == [2]
