"""When what waits will have left."""

from __future__ import annotations

import httpx

from clarion.api.estimates import estimate_of
from clarion.clock import SECOND
from clarion.core.workflow import CHANNEL_NUMBER, Channel, Lane
from clarion.store.contract.deliveries import Ahead
from clarion.testing.embedded import Embedded
from tests.api.house import START
from tests.pipeline.builders import MAIL

EMAIL = CHANNEL_NUMBER[Channel.EMAIL]


def waits(account: str, depth: int, due: int = START, channel: int = EMAIL) -> Ahead:
    return Ahead(channel=channel, lane=3, account=account, depth=depth, due=due)


def test_nothing_waits() -> None:
    assert estimate_of([], {(3, "mail"): 5.0}, START) is None


def test_depth_goes_through_at_the_measured_rate() -> None:
    found = estimate_of([waits("mail", 600)], {(3, "mail"): 10.0}, START)
    assert found == {"email": "2026-01-02T03:05:05.678901Z"}


def test_the_slowest_account_of_a_channel_counts() -> None:
    rates = {(3, "slow"): 1.0, (3, "fast"): 100.0}
    found = estimate_of([waits("slow", 60), waits("fast", 60)], rates, START)
    assert found == {"email": "2026-01-02T03:05:05.678901Z"}


def test_a_retry_does_not_leave_before_it_is_due() -> None:
    later = START + 60 * SECOND
    found = estimate_of([waits("mail", 1, due=later)], {(3, "mail"): 10.0}, START)
    assert found == {"email": "2026-01-02T03:05:05.678901Z"}


def test_without_a_rate_nothing_is_claimed() -> None:
    rates = {(3, "fast"): 100.0, (2, "still"): 5.0}
    found = estimate_of([waits("still", 1), waits("fast", 60)], rates, START)
    assert found == {"email": None}


async def test_an_event_tells_its_estimate_while_it_waits(
    running: Embedded, live: httpx.AsyncClient
) -> None:
    await running.category("bulletin", lane="bulk")
    await running.workflow("blast", MAIL, category="bulletin")
    await running.user("ana", email="ana@example.org")
    await running.hold("ready")
    await running.send("blast", "ana")
    await running.send("blast", "ana")

    async def estimate() -> object:
        (row,) = (await live.get("/v1/events?type=blast&limit=1")).json()["data"]
        return (await live.get(f"/v1/events/{row['id']}")).json()["estimate"]

    assert await estimate() == {"email": None}
    rates = running.server.core.rates
    rates.count_account(int(Lane.BULK), "capture", 900, running.clock.now())
    known = await estimate()
    assert isinstance(known, dict)
    assert known["email"].endswith("Z")
    running.release("ready")
    await running.quiet()
    assert await estimate() is None
