from collections.abc import Sequence
from typing import ClassVar

import pytest

from clarion.channels.capture import CaptureProvider
from clarion.channels.conduct import Conductor
from clarion.channels.contract import Provider, Wire
from clarion.core.delivery import Message, Outcome, OutcomeClass
from clarion.core.workflow import Channel, Lane
from clarion.testing.conformance.provider import Behavior, ProviderConformance, ProviderHarness
from tests.channels.builders import NOON, HandClock, a_mail, a_push


async def captured(message: Message) -> Outcome:
    provider = CaptureProvider(message.channel)
    conductor = Conductor(provider, account="capture", lane=Lane.BULK, clock=HandClock())
    await conductor.start()
    return await conductor.conduct(message)


async def test_a_message_is_kept_as_it_would_have_left() -> None:
    outcome = await captured(a_mail())
    assert outcome.kind is OutcomeClass.ACCEPTED
    assert outcome.captured is not None
    assert outcome.captured["channel"] == "email"
    assert outcome.captured["address"] == "ada@example.org"
    assert outcome.captured["content"] == {"subject": "Hello", "text": "There"}
    assert outcome.captured["captured_at"] == NOON


@pytest.mark.parametrize("message", [a_push(address="dead-1"), a_mail(address="dead-a@b.example")])
async def test_a_dead_address_is_invalid(message: Message) -> None:
    outcome = await captured(message)
    assert outcome.kind is OutcomeClass.DESTINATION_INVALID
    assert outcome.captured is None


@pytest.mark.parametrize("channel", list(Channel))
def test_it_stands_in_for_any_channel(channel: Channel) -> None:
    assert CaptureProvider(channel).capabilities.channel is channel


class RememberingCapture(CaptureProvider):
    """Capture itself keeps nothing: what it hands on is remembered here."""

    def __init__(self) -> None:
        super().__init__(Channel.EMAIL)
        self.captured: list[str] = []

    async def send(self, message: Message, wire: Wire) -> Outcome:
        outcome = await super().send(message, wire)
        self.captured += [outcome.captured["delivery_id"]] if outcome.captured else []
        return outcome


class CaptureHarness(ProviderHarness):
    kind = "capture"
    lacks = frozenset(set(Behavior) - {Behavior.ACCEPT})
    faults: ClassVar = {"dead": OutcomeClass.DESTINATION_INVALID}

    def __init__(self) -> None:
        self._provider = RememberingCapture()

    @property
    def provider(self) -> Provider:
        return self._provider

    @property
    def secrets(self) -> Sequence[str]:
        return []

    async def start(self) -> None:
        """It has no server."""

    async def stop(self) -> None:
        """It has no server."""

    async def arrange(self, behavior: Behavior) -> Message:
        return a_mail()

    async def arrange_fault(self, name: str) -> Message:
        return a_mail(address="dead-1@example.org")

    def received_ids(self) -> Sequence[str]:
        return self._provider.captured


class TestCaptureConformance(ProviderConformance):
    harness_class = CaptureHarness
