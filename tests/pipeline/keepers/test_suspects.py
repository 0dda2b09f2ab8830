"""What was in flight at a death is tried alone, so that only what kills dies twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

import msgspec

from clarion.core.delivery import Outcome, OutcomeClass
from clarion.core.states import DeliveryStatus
from clarion.core.workflow import Lane
from clarion.pipeline.settle import Settler
from clarion.store.contract.deliveries import Claim, Finish
from clarion.testing.embedded import Embedded, push_account
from clarion.testing.fakes.fcm import FakeFcm
from clarion.testing.fakes.reaction import Reaction
from clarion.testing.fakes.smtp import FakeSmtp
from tests.pipeline.builders import PUSH, delivery
from tests.pipeline.keepers.test_rescuer import sending_a_mail

INNOCENTS = 200
KILLER = "phone-of-k"


async def all_hang(fcm: FakeFcm, count: int) -> None:
    """Wait until so many sends are in flight."""
    while len(fcm.requests) < count:
        await asyncio.sleep(0.01)


async def time_passes(server: Embedded, until: Callable[[], bool]) -> None:
    """What has to wait for another one of those in flight at a death is due a little later."""
    while not until():
        await server.advance(0.1)
        await asyncio.sleep(0.01)


async def test_of_many_in_flight_only_the_one_that_kills_is_quarantined(
    wired: Embedded, fcm: FakeFcm
) -> None:
    many = push_account(fcm, in_flight=INNOCENTS + 10)
    await wired.stop()
    wired.settings = msgspec.structs.replace(wired.settings, accounts=(many,))
    await wired.restart()
    await wired.workflow("news", PUSH)
    phones = {f"u{n}": f"phone-{n}" for n in range(INNOCENTS)} | {"k": KILLER}
    await wired.users(*phones)
    for user, token in phones.items():
        await wired.device(user, token)
        fcm.react(token, Reaction(hang=True))
    await wired.topic("all", *phones)
    event = await wired.send("news", {"topic": "all"})
    await asyncio.wait_for(all_hang(fcm, INNOCENTS + 1), 20)
    await wired.crash()
    for token in phones.values():
        fcm.react(token, None)
    fcm.react(KILLER, Reaction(hang=True))
    fcm.waiting.clear()
    await wired.restart()
    await asyncio.wait_for(time_passes(wired, fcm.waiting.is_set), 30)
    await wired.crash()
    fcm.react(KILLER, None)
    await wired.restart()
    rows = wired.rows(event)["delivery"]
    assert Counter(row["status"] for row in rows)["dead"] == 1

    def done() -> bool:
        return wired.select("select count(*) from ready") == [(0,)]

    await asyncio.wait_for(time_passes(wired, done), 30)
    await wired.settled(event)
    rows = wired.rows(event)["delivery"]
    assert Counter(row["status"] for row in rows) == {"sent": INNOCENTS, "dead": 1}
    (letter,) = wired.rows(event)["dead_letter"]
    assert (letter["cause"], letter["user"]) == ("quarantined", "k")


async def test_a_success_that_comes_late_closes_what_was_unknown(
    wired: Embedded, mail_server: FakeSmtp
) -> None:
    claims: list[Claim] = []
    claim = wired.server.store.deliveries.claim

    async def noted(lane: int, account: str, worker: int, limit: int, now: int) -> list[Claim]:
        found = await claim(lane, account, worker, limit, now)
        claims.extend(found)
        return found

    wired.server.store.deliveries.claim = noted  # type: ignore[method-assign]
    event = await sending_a_mail(wired, mail_server, "at_most_once")
    await wired.crash()
    mail_server.hang.clear()
    await wired.restart()
    await wired.settled(event)
    assert delivery(wired, event)["status"] == "unknown"
    server = wired.server
    settler = Settler(
        Lane.TRANSACTIONAL, server.core.lease, server.store, wired.clock, server.core.rates
    )
    settler.start()
    accepted = Outcome(kind=OutcomeClass.ACCEPTED, code="250", provider_id="q-1")
    (late,) = claims
    await settler.settle(Finish(claim=late, status=DeliveryStatus.SENT, outcome=accepted))
    await settler.stop()
    row = delivery(wired, event)
    assert (row["status"], row["provider_id"]) == ("sent", "q-1")
    assert (await wired.counts(event)).sent == 1
    assert (await wired.why(event, "ada"))["verdict"] == "told"
    assert wired.select("select closed_at is not null from dead_letter") == [(1,)]
