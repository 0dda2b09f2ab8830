"""How much is claimed: pause, quota with its reserve, in-flight limit, slow and hanging vendors."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from clarion.core.breaker import Phase
from clarion.core.quota import Quota
from clarion.core.workflow import Lane
from clarion.pipeline.admission import GATHER_SECONDS, Admission
from clarion.pipeline.valve import Limits, Valve
from clarion.testing.clock import ManualClock
from clarion.testing.embedded import Embedded, mail_account, push_account
from clarion.testing.fakes.fcm import FakeFcm
from clarion.testing.fakes.reaction import Reaction
from clarion.testing.fakes.smtp import FakeSmtp
from tests.pipeline.builders import MAIL
from tests.pipeline.conftest import balanced_to_the_end
from tests.pipeline.stressed import DOWN, a_server, all_react, phones, shared, until, valve

TEN = Quota(rate_per_second=10, burst=10)


@pytest.fixture
async def metered(tmp_path: Path, fcm: FakeFcm) -> AsyncIterator[Embedded]:
    """A server whose account takes ten messages a second."""
    server = await a_server(tmp_path, push_account(fcm, quota=TEN))
    yield server
    fcm.release()
    await balanced_to_the_end(server)


def targets(fcm: FakeFcm, prefix: str) -> int:
    return sum(request.target.startswith(prefix) for request in fcm.requests)


async def test_bulk_leaves_the_reserve_to_the_upper_lanes(metered: Embedded, fcm: FakeFcm) -> None:
    many, few = await phones(metered, 30, "many"), await phones(metered, 2, "few")
    bulk = await metered.send("bulk", *many)
    await until(lambda: targets(fcm, "many") == 8)
    await metered.told("security", *few)
    assert targets(fcm, "few") == 2
    assert targets(fcm, "many") == 8
    await metered.advance(0.3)
    await until(lambda: targets(fcm, "many") == 9)
    for sent in (17, 25, 30):
        await metered.advance(1)
        await until(lambda sent=sent: targets(fcm, "many") == sent)
    await metered.settled(bulk)


async def test_a_throttled_account_rests_and_then_critical_goes_first(
    metered: Embedded, fcm: FakeFcm
) -> None:
    many, few = await phones(metered, 20, "many"), await phones(metered, 2, "few")
    slow_down = Reaction(status=429, code="QUOTA_EXCEEDED", headers={"retry-after": "30"})
    all_react(fcm, many, slow_down)
    await metered.send("bulk", *many)
    await until(lambda: targets(fcm, "many") == 8)
    await metered.quiet()
    all_react(fcm, many, None)
    codes = await metered.send("security", *few)
    await metered.advance(29)
    await metered.quiet()
    assert len(fcm.requests) == 8
    await metered.advance(1)
    await metered.settled(codes)
    assert targets(fcm, "few") == 2
    assert targets(fcm, "many") == 8
    await metered.advance(1)
    await until(lambda: targets(fcm, "many") > 8)


async def test_throttling_halves_what_may_be_under_way(tmp_path: Path, fcm: FakeFcm) -> None:
    server = await a_server(tmp_path, push_account(fcm, in_flight=8))
    names = await phones(server, 8)
    all_react(fcm, names, Reaction(status=429, code="QUOTA_EXCEEDED"))
    await server.send("bulk", *names)
    await until(lambda: len(fcm.requests) == 8)
    await server.quiet()
    assert valve(server, "push-main").flight.allowed == 4
    await balanced_to_the_end(server)


async def test_a_hanging_account_delays_no_other_of_its_lane(
    tmp_path: Path, fcm: FakeFcm, mail_server: FakeSmtp
) -> None:
    server = await a_server(tmp_path, push_account(fcm, in_flight=2), mail_account(mail_server))
    await server.workflow("letter", MAIL, category="loud")
    names = await phones(server, 10)
    all_react(fcm, names, Reaction(hang=True))
    await server.send("bulk", *names)
    await asyncio.wait_for(fcm.waiting.wait(), 5)
    for name in names:
        await server.user(name, email=f"{name}@example.org")
    await server.told("letter", *names)
    assert len(mail_server.mails) == 10
    assert len(fcm.requests) == 2
    fcm.release()
    await server.quiet()
    await balanced_to_the_end(server)


async def test_slow_answers_of_all_open_no_breaker(tmp_path: Path, fcm: FakeFcm) -> None:
    server = await a_server(tmp_path, push_account(fcm, in_flight=10))
    names = await phones(server, 40)
    all_react(fcm, names, Reaction(hang=True))
    event = await server.send("bulk", *names)
    await until(lambda: len(fcm.requests) == 10)
    await server.advance(25)
    fcm.release()
    await server.settled(event)
    account = valve(server, "push-main")
    assert account.state.phase is Phase.CLOSED
    assert account.flight.allowed >= 2
    assert (await server.counts(event)).sent == 40
    await balanced_to_the_end(server)


async def test_a_probe_that_cannot_be_sent_any_more_is_given_back(
    tmp_path: Path, fcm: FakeFcm
) -> None:
    server = await a_server(tmp_path, push_account(fcm, in_flight=4))
    names = await phones(server, 12)
    all_react(fcm, names, DOWN)
    event = await server.send("bulk", *names)
    await until(lambda: valve(server, "push-main").state.phase is Phase.OPEN)
    await server.quiet()
    await server.server.store.people.erase(server.env, names[10], server.clock.now())
    await server.server.store.people.erase(server.env, names[11], server.clock.now())
    all_react(fcm, names, None)
    for _ in range(8):
        await server.advance(12)
        await server.quiet()
    await server.settled(event)
    assert (await server.counts(event)).sent >= 10
    await balanced_to_the_end(server)


async def test_the_answer_of_the_api_shows_an_account_that_is_out(
    tmp_path: Path, fcm: FakeFcm
) -> None:
    server = await a_server(tmp_path, push_account(fcm, in_flight=4))
    names = await phones(server, 12)
    all_react(fcm, names, DOWN)
    await server.send("bulk", *names)
    await until(lambda: valve(server, "push-main").state.phase is Phase.OPEN)
    await server.quiet()
    shown = (await shared(server).documents())[0]
    assert (shown["account"], shown["breaker"], shown["ramp_percent"]) == ("push-main", "open", 0)
    assert shown["cause"] == "retry:UNAVAILABLE"
    assert shown["next_probe_at"] > shown["since"]
    assert shown["last_error"]["code"] == "UNAVAILABLE"
    assert shown["outcomes"]["retry"] == len(fcm.requests)
    assert shown["in_flight"] == 0
    assert shown["processes"] == 1
    await balanced_to_the_end(server)


class Asked:
    """Exchange, detours and store of an admission that needs none of them but for what is due."""

    def __init__(self) -> None:
        self.deliveries = self
        self.looks = 0

    def unused(self, *_: object) -> None:
        """Nothing was leased."""

    async def next_due(self, *_: object) -> int | None:
        self.looks += 1
        return None


def an_admission(lane: Lane, asked: Asked) -> Admission:
    """Of an account that takes eight at once."""
    valve = Valve("push", Limits(in_flight=8), random.Random(1), lambda _: None)
    part = cast(Any, asked)
    return Admission(lane, valve, part, part, part, ManualClock())


async def filled(admission: Admission, lane: Lane, count: int) -> None:
    """Claim what may be claimed, and find so many rows."""
    admitted = await admission.ask(True)
    await admission.claimed(admitted, cast(Any, [None] * count))
    for _ in range(count):
        admission.valve.began(lane)


async def test_while_more_waits_a_claim_waits_for_half_of_the_slots() -> None:
    asked = Asked()
    admission = an_admission(Lane.BULK, asked)
    await filled(admission, Lane.BULK, 8)
    assert (await admission.ask(True)).awaits == 1
    admission.valve.ended(Lane.BULK)
    waiting = await admission.ask(True)
    assert (waiting.claims, waiting.awaits, waiting.wait_seconds) == (0, 4, GATHER_SECONDS)
    assert admission.free == 1
    assert (await admission.ask(False)).claims == 1  # the moment is over
    assert asked.looks == 0


async def test_half_of_the_slots_are_claimed_for_at_once() -> None:
    admission = an_admission(Lane.BULK, Asked())
    await filled(admission, Lane.BULK, 8)
    for _ in range(4):
        admission.valve.ended(Lane.BULK)
    assert (await admission.ask(True)).claims == 4


async def test_nobody_waits_where_nothing_more_does() -> None:
    asked = Asked()
    admission = an_admission(Lane.BULK, asked)
    await filled(admission, Lane.BULK, 7)
    assert (await admission.ask(True)).claims == 1
    assert (await admission.ask(False)).claims == 0
    assert asked.looks == 1


async def test_the_critical_lane_claims_for_every_slot_that_is_free() -> None:
    admission = an_admission(Lane.CRITICAL, Asked())
    await filled(admission, Lane.CRITICAL, 8)
    admission.valve.ended(Lane.CRITICAL)
    assert (await admission.ask(True)).claims == 1
