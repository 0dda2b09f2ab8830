import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from clarion.channels.capture import CaptureProvider
from clarion.channels.conduct import MAX_DETAIL_CHARACTERS, Conducted, Conductor
from clarion.channels.contract import BlockedError, Capabilities, NoAnswerError, Wire
from clarion.core.delivery import About, Message, Outcome, OutcomeClass
from clarion.core.workflow import Channel, Lane
from clarion.testing.fakes.webhook import FakeReceiver
from tests.channels.builders import HandClock, a_push

Send = Callable[[Message, Wire], Awaitable[Outcome]]


class Scripted:
    capabilities = Capabilities(kind="scripted", channel=Channel.PUSH, title="Scripted")

    def __init__(self, send: Send) -> None:
        self._send = send

    async def send(self, message: Message, wire: Wire) -> Outcome:
        return await self._send(message, wire)


def raising(error: Exception) -> Scripted:
    async def send(message: Message, wire: Wire) -> Outcome:
        raise error

    return Scripted(send)


def answering(outcome: Outcome) -> Scripted:
    async def send(message: Message, wire: Wire) -> Outcome:
        return outcome

    return Scripted(send)


async def conducted(provider: Scripted, message: Message) -> Outcome:
    conductor = Conductor(provider, account="a", lane=Lane.BULK, clock=HandClock())
    await conductor.start()
    outcome = await conductor.conduct(message)
    await conductor.close()
    return outcome


async def test_a_blocked_address_is_a_matter_of_settings() -> None:
    outcome = await conducted(raising(BlockedError("the address is private")), a_push())
    assert (outcome.kind, outcome.code) == (OutcomeClass.CONFIG, "blocked")
    assert outcome.about is About.DESTINATION


async def test_a_request_that_never_left_is_retried() -> None:
    outcome = await conducted(raising(NoAnswerError(False, "connect")), a_push())
    assert (outcome.kind, outcome.code) == (OutcomeClass.RETRY, "connect")


async def test_a_request_without_an_answer_is_ambiguous() -> None:
    outcome = await conducted(raising(NoAnswerError(True, "timeout")), a_push())
    assert (outcome.kind, outcome.code) == (OutcomeClass.AMBIGUOUS, "timeout")


async def test_a_bug_of_a_provider_is_retried_and_tells_its_type_only() -> None:
    outcome = await conducted(raising(KeyError("device-token-1")), a_push())
    assert (outcome.kind, outcome.code) == (OutcomeClass.RETRY, "provider_error")
    assert outcome.detail == "KeyError"


async def test_the_address_and_endless_words_stay_out_of_the_detail() -> None:
    words = "no device-token-1 here " + "x" * 1000
    outcome = await conducted(
        answering(Outcome(kind=OutcomeClass.PERMANENT, detail=words)), a_push()
    )
    assert outcome.detail.startswith("no <address> here")
    assert len(outcome.detail) == MAX_DETAIL_CHARACTERS


async def test_no_more_attempts_are_under_way_than_the_limit() -> None:
    started, release, peak = asyncio.Queue[str](), asyncio.Event(), [0, 0]

    async def send(message: Message, wire: Wire) -> Outcome:
        peak[0] += 1
        peak[1] = max(peak)
        started.put_nowait(message.delivery_id)
        await release.wait()
        peak[0] -= 1
        return Outcome(kind=OutcomeClass.ACCEPTED)

    conductor = Conductor(
        Scripted(send), account="a", lane=Lane.BULK, clock=HandClock(), in_flight=2
    )
    await conductor.start()
    assert conductor.free_slots == 2
    attempts = [asyncio.create_task(conductor.conduct(a_push())) for _ in range(3)]
    await started.get()
    await started.get()
    assert conductor.free_slots == 0
    release.set()
    await asyncio.gather(*attempts)
    assert peak[1] == 2
    assert conductor.free_slots == 2


async def test_the_last_look_comes_when_a_slot_is_free_and_may_keep_the_message_here() -> None:
    release, sent = asyncio.Event(), list[str]()
    looks: list[str] = []

    async def send(message: Message, wire: Wire) -> Outcome:
        sent.append(message.delivery_id)
        await release.wait()
        return Outcome(kind=OutcomeClass.ACCEPTED)

    def too_late() -> None:
        looks.append("second")
        raise TimeoutError

    conductor = Conductor(
        Scripted(send), account="a", lane=Lane.BULK, clock=HandClock(), in_flight=1
    )
    await conductor.start()
    first = asyncio.create_task(conductor.conduct(a_push(), lambda: looks.append("first")))
    second = asyncio.create_task(conductor.conduct(a_push(), too_late))
    await asyncio.sleep(0)
    assert looks == ["first"]
    release.set()
    await first
    with pytest.raises(TimeoutError):
        await second
    assert (looks, len(sent)) == (["first", "second"], 1)
    assert conductor.free_slots == 1


async def test_a_canceled_attempt_gives_its_slot_back() -> None:
    started = asyncio.Event()

    async def send(message: Message, wire: Wire) -> Outcome:
        started.set()
        await asyncio.Event().wait()
        raise AssertionError

    conductor = Conductor(Scripted(send), account="a", lane=Lane.BULK, clock=HandClock())
    await conductor.start()
    attempt = asyncio.create_task(conductor.conduct(a_push()))
    await started.wait()
    attempt.cancel()
    with pytest.raises(asyncio.CancelledError):
        await attempt
    assert conductor.free_slots == conductor.capabilities.in_flight


async def test_every_attempt_is_observed_with_its_time() -> None:
    clock, seen = HandClock(), list[Conducted]()

    async def send(message: Message, wire: Wire) -> Outcome:
        clock.forward(1.5)
        return Outcome(kind=OutcomeClass.ACCEPTED, code="200")

    conductor = Conductor(
        Scripted(send), account="main", lane=Lane.SOCIAL, clock=clock, observe=seen.append
    )
    await conductor.start()
    await conductor.conduct(a_push())
    assert seen == [
        Conducted(
            account="main",
            lane=Lane.SOCIAL,
            channel=Channel.PUSH,
            provider="scripted",
            outcome=OutcomeClass.ACCEPTED,
            code="200",
            seconds=1.5,
        )
    ]


async def test_nothing_is_sent_before_the_start_or_after_the_close() -> None:
    conductor = Conductor(
        CaptureProvider(Channel.PUSH), account="a", lane=Lane.BULK, clock=HandClock()
    )
    with pytest.raises(RuntimeError, match="start"):
        await conductor.conduct(a_push())
    await conductor.start()
    await conductor.close()
    with pytest.raises(RuntimeError, match="start"):
        await conductor.conduct(a_push())


async def test_a_lane_keeps_its_connection_and_shares_none(receiver: FakeReceiver) -> None:
    async def send(message: Message, wire: Wire) -> Outcome:
        await wire.post(f"{receiver.base_url}/hook", headers={}, body=b"")
        return Outcome(kind=OutcomeClass.ACCEPTED)

    provider = Scripted(send)
    for lane in (Lane.CRITICAL, Lane.BULK):
        conductor = Conductor(provider, account="a", lane=lane, clock=HandClock())
        await conductor.start()
        await conductor.conduct(a_push())
        await conductor.conduct(a_push())
        await conductor.close()
    peers = [request.peer for request in receiver.requests]
    assert peers[0] == peers[1]
    assert peers[2] == peers[3]
    assert peers[0] != peers[2]


async def test_trouble_of_one_of_many_servers_is_its_own() -> None:
    provider = raising(NoAnswerError(False, "connect"))
    outcome = await conducted(provider, a_push())
    assert outcome.about is About.ACCOUNT
    provider.capabilities = msgspec.structs.replace(provider.capabilities, many_servers=True)
    outcome = await conducted(provider, a_push())
    assert outcome.about is About.DESTINATION
