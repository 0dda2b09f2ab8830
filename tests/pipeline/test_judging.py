"""From an outcome to what is written: the retry budget, and destinations at rest."""

from __future__ import annotations

from pathlib import Path

from clarion.core.breaker import BreakerPolicy
from clarion.testing.embedded import Embedded, push_account
from clarion.testing.fakes.fcm import FakeFcm
from clarion.testing.fakes.reaction import Reaction
from clarion.testing.fakes.webhook import FakeReceiver
from tests.pipeline.builders import a_hook
from tests.pipeline.conftest import balanced_to_the_end
from tests.pipeline.stressed import DOWN, a_server, all_react, phones


async def test_retries_over_a_tenth_of_the_lane_leave_one_a_second(
    tmp_path: Path, fcm: FakeFcm
) -> None:
    patient = BreakerPolicy(failures=1000)
    server = await a_server(tmp_path, push_account(fcm, breaker=patient))
    names = await phones(server, 40)
    all_react(fcm, names, DOWN)
    await server.send("bulk", *names)
    await server.quiet()
    now = server.clock.now()
    dues = sorted((due - now) / 1e6 for (due,) in server.select("select due from ready"))
    assert len(dues) == 40
    assert sum(due <= 6 for due in dues) <= 16
    assert dues[-1] >= 25
    assert dues[-1] <= 35
    await balanced_to_the_end(server)


async def test_a_throttled_destination_rests_and_the_others_go_on(
    wired: Embedded, receiver: FakeReceiver
) -> None:
    await wired.workflow("slow", a_hook(f"{receiver.base_url}/slow"))
    await wired.workflow("quick", a_hook(f"{receiver.base_url}/quick"))
    receiver.react("/slow", Reaction(status=429, headers={"retry-after": "60"}))
    first = await wired.send("slow")
    await wired.quiet()
    receiver.react("/slow", None)
    second = await wired.send("slow")
    await wired.told("quick")
    await wired.quiet()
    assert [request.path for request in receiver.requests].count("/slow") == 1
    assert "attempts" not in wired.rows(second)["delivery"][0]
    await wired.advance(60)
    await wired.settled(first)
    await wired.settled(second)
    assert [request.path for request in receiver.requests].count("/slow") == 3


async def test_a_receiver_that_says_later_loses_no_message_before_the_deadline(
    wired: Embedded, receiver: FakeReceiver
) -> None:
    await wired.category("few", lane="transactional", attempts=2)
    await wired.workflow("slow", a_hook(f"{receiver.base_url}/slow"), category="few")
    receiver.react("/slow", Reaction(status=429, headers={"retry-after": "30"}))
    event = await wired.send("slow")
    for tries in range(1, 9):
        await wired.quiet()
        assert len(receiver.requests) == tries
        await wired.advance(700)
    receiver.react("/slow", None)
    await wired.settled(event)
    (row,) = wired.rows(event)["delivery"]
    assert (row["status"], row["attempts"]) == ("sent", len(receiver.requests))
    said = wired.select("select n, code from attempt order by n")
    assert said == [(n, "429") for n in range(1, len(receiver.requests))]


async def test_what_is_put_off_until_the_deadline_is_a_dead_letter(
    wired: Embedded, receiver: FakeReceiver
) -> None:
    await wired.category("hasty", lane="transactional", attempts=20, deadline="PT2M")
    await wired.workflow("slow", a_hook(f"{receiver.base_url}/slow"), category="hasty")
    receiver.react("/slow", Reaction(status=503, headers={"retry-after": "50"}))
    event = await wired.send("slow")
    for _ in range(2):
        await wired.quiet()
        await wired.advance(50)
    await wired.settled(event)
    assert len(receiver.requests) == 3
    assert wired.rows(event)["dead_letter"][0]["cause"] == "retry_after:503"


async def test_receivers_that_fail_open_no_breaker_of_the_account(
    wired: Embedded, receiver: FakeReceiver
) -> None:
    await wired.workflow("down", a_hook(f"{receiver.base_url}/down"))
    await wired.workflow("up", a_hook(f"{receiver.base_url}/up"))
    receiver.react("/down", Reaction(status=500))
    for _ in range(15):
        await wired.send("down")
    await wired.quiet()
    event = await wired.told("up")
    assert (await wired.counts(event)).sent == 1
