"""An account that is down hands its work over, and gets it back little by little."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clarion.core.breaker import Phase
from clarion.testing.embedded import Embedded, push_account
from clarion.testing.fakes.fcm import FakeFcm
from clarion.testing.fakes.reaction import Reaction
from tests.pipeline.builders import PUSH
from tests.pipeline.conftest import balanced_to_the_end
from tests.pipeline.stressed import (
    DOWN,
    a_server,
    all_react,
    phones,
    two_accounts,
    until,
    valve,
)


@pytest.fixture
async def other() -> AsyncIterator[FakeFcm]:
    fake = FakeFcm()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def routed(tmp_path: Path, fcm: FakeFcm, other: FakeFcm) -> AsyncIterator[Embedded]:
    """A server with the accounts `first` (five sends at once) and `second`."""
    server = await a_server(tmp_path, *two_accounts(fcm, other, in_flight=5))
    yield server
    fcm.release()
    await balanced_to_the_end(server)


def accounts_of(server: Embedded, event: bytes) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in server.rows(event)["delivery"]:
        found[row["account"]] = found.get(row["account"], 0) + 1
    return found


async def test_a_down_account_opens_and_the_next_one_gets_the_rest(
    routed: Embedded, fcm: FakeFcm, other: FakeFcm
) -> None:
    names = await phones(routed, 40)
    all_react(fcm, names, DOWN)
    event = await routed.send("bulk", *names)
    await until(lambda: len(other.requests) >= 26)
    tried = len(fcm.requests)
    assert 10 <= tried <= 14
    assert valve(routed, "first").state.phase is Phase.OPEN
    await routed.quiet()
    await routed.advance(7)
    await routed.settled(event)
    assert len(fcm.requests) == tried
    rows = routed.rows(event)["delivery"]
    assert {row["status"] for row in rows} == {"sent"}
    assert {row["account"] for row in rows} == {"second"}
    assert sorted(row["attempts"] for row in rows) == [1] * (40 - tried) + [2] * tried
    assert {row["account"] for row in routed.rows(event)["attempt"]} == {"first"}


async def test_it_comes_back_by_a_probe_and_a_ramp(
    routed: Embedded, fcm: FakeFcm, other: FakeFcm
) -> None:
    names = await phones(routed, 60)
    all_react(fcm, names, DOWN)
    await routed.send("bulk", *names[:20])
    await until(lambda: valve(routed, "first").state.phase is Phase.OPEN)
    await routed.quiet()
    await routed.advance(7)
    await routed.quiet()
    all_react(fcm, names, None)
    tried = len(fcm.requests)
    await routed.advance(5)
    probed = await routed.told("bulk", names[0])
    assert accounts_of(routed, probed) == {"first": 1}
    first = valve(routed, "first")
    shares = []
    while first.state.phase is Phase.RAMPING:
        shares.append(first.state.share)
        event = await routed.told("bulk", *names)
        assert accounts_of(routed, event)["first"] == max(round(60 * first.state.share), 1)
        await routed.advance(5)
        await routed.quiet()
        first.room(3, routed.clock.now())
    assert shares == [0.01, 0.1, 0.5, 1.0]
    assert accounts_of(routed, await routed.told("bulk", *names)) == {"first": 60}
    assert len(fcm.requests) > tried


async def test_without_another_account_all_stay_queued_and_nothing_is_lost(
    tmp_path: Path, fcm: FakeFcm
) -> None:
    server = await a_server(tmp_path, push_account(fcm, in_flight=4))
    names = await phones(server, 20)
    fail_all = Reaction(status=401, code="UNAUTHENTICATED")
    all_react(fcm, names, fail_all)
    event = await server.send("transactional", *names)
    await until(lambda: valve(server, "push-main").state.phase is Phase.OPEN)
    await server.quiet()
    assert (await server.counts(event)).open == 20
    assert len(fcm.requests) <= 8
    all_react(fcm, names, None)
    for _ in range(12):
        await server.advance(40)
        await server.quiet()
    await server.settled(event)
    assert (await server.counts(event)).sent == 20
    assert {row["attempts"] for row in server.rows(event)["delivery"]} == {1}
    await balanced_to_the_end(server)


async def test_refused_credentials_fail_over_at_once(
    routed: Embedded, fcm: FakeFcm, other: FakeFcm
) -> None:
    names = await phones(routed, 20)
    all_react(fcm, names, Reaction(status=403, code="PERMISSION_DENIED"))
    event = await routed.told("transactional", *names)
    assert (await routed.counts(event)).sent == 20
    assert len(other.requests) == 20
    assert len(fcm.requests) <= 5
    assert {row["attempts"] for row in routed.rows(event)["delivery"]} == {1}


async def test_what_may_have_been_sent_stays_where_a_repeat_is_harmless(
    routed: Embedded, fcm: FakeFcm, other: FakeFcm
) -> None:
    await routed.category("once", on_unknown="at_most_once")
    await routed.workflow("once", PUSH, category="once")
    names = await phones(routed, 12)
    fcm.react(names[0], Reaction(cut=True))
    event = await routed.send("once", names[0])
    await routed.quiet()
    all_react(fcm, names[1:], Reaction(status=403, code="PERMISSION_DENIED"))
    await routed.told("once", *names[1:])
    await routed.advance(7)
    await until(lambda: not routed.select("select 1 from ready where bound = 0"))
    assert routed.select("select account from ready") == [("first",)]
    assert names[0] not in {request.target for request in other.requests}
    all_react(fcm, names, None)
    await routed.advance(40)
    await routed.settled(event)
    assert accounts_of(routed, event) == {"first": 1}


async def test_who_opted_out_or_has_a_dead_token_is_not_tried_elsewhere(
    routed: Embedded, fcm: FakeFcm, other: FakeFcm
) -> None:
    names = await phones(routed, 1)
    fcm.fail(names[0], 404, "UNREGISTERED")
    event = await routed.told("bulk", *names)
    assert other.requests == []
    assert accounts_of(routed, event) == {"first": 1}


async def test_new_deliveries_go_to_the_first_account_that_is_not_open(
    routed: Embedded, fcm: FakeFcm, other: FakeFcm
) -> None:
    names = await phones(routed, 20)
    all_react(fcm, names, DOWN)
    await routed.send("bulk", *names)
    await until(lambda: valve(routed, "first").state.phase is Phase.OPEN)
    await routed.quiet()
    tried = len(fcm.requests)
    event = await routed.told("security", *names)
    assert accounts_of(routed, event) == {"second": 20}
    assert len(fcm.requests) == tried
