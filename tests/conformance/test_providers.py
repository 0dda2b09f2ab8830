"""Every provider passes the one suite."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import ClassVar

import pytest

from clarion.channels.capture import CaptureProvider
from clarion.channels.contract import Provider, Wire
from clarion.channels.registry import ROWS, make_provider
from clarion.core.delivery import Message, Outcome, OutcomeClass
from clarion.core.workflow import Channel
from clarion.testing.conformance.provider import (
    HINT_SECONDS,
    Behavior,
    ProviderConformance,
    ProviderHarness,
    running,
)
from clarion.testing.fakes.fcm import FakeFcm
from clarion.testing.fakes.reaction import Reaction
from clarion.testing.fakes.smtp import FakeSmtp
from clarion.testing.fakes.webhook import FakeReceiver
from tests.channels.builders import a_mail, a_push, a_webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HTTP_REACTIONS = {
    Behavior.ACCEPT: None,
    Behavior.HANG: Reaction(hang=True),
    Behavior.CUT: Reaction(cut=True),
    Behavior.THROTTLE: Reaction(status=429, headers={"Retry-After": str(HINT_SECONDS)}),
    Behavior.UNKNOWN_REFUSAL: Reaction(status=418),
    Behavior.UNKNOWN_FAILURE: Reaction(status=599),
    Behavior.GARBAGE_SUCCESS: Reaction(body=b"\xff<html>"),
    Behavior.ENDLESS_ANSWER: Reaction(endless=True),
    Behavior.ECHO_SECRETS: Reaction(status=500),
}


class FcmHarness(ProviderHarness):
    faults: ClassVar = {
        "unregistered": OutcomeClass.DESTINATION_INVALID,
        "quota": OutcomeClass.RETRY_AFTER,
        "apns key": OutcomeClass.CONFIG,
        "role missing": OutcomeClass.CREDENTIAL,
        "bad field": OutcomeClass.PERMANENT,
        "deadline": OutcomeClass.AMBIGUOUS,
    }
    _words: ClassVar = {
        "unregistered": (404, "UNREGISTERED"),
        "quota": (429, "QUOTA_EXCEEDED"),
        "apns key": (401, "THIRD_PARTY_AUTH_ERROR"),
        "role missing": (403, "PERMISSION_DENIED"),
        "bad field": (400, "INVALID_ARGUMENT"),
        "deadline": (504, "DEADLINE_EXCEEDED"),
    }

    def __init__(self) -> None:
        self.fake = FakeFcm()
        self._provider: Provider | None = None

    @property
    def provider(self) -> Provider:
        if self._provider is None:
            self._provider = make_provider(
                "fcm",
                {"service_account": self.fake.service_account, "base_url": self.fake.base_url},
            )
        return self._provider

    @property
    def secrets(self) -> Sequence[str]:
        key = json.loads(self.fake.service_account)["private_key"]
        return ["device-token-1", *self.fake.grants, key]

    async def start(self) -> None:
        await self.fake.start()

    async def stop(self) -> None:
        await self.fake.stop()

    async def arrange(self, behavior: Behavior) -> Message:
        message = a_push()
        if behavior is Behavior.REFUSE_CONNECTION:
            self._provider = self.provider  # its address is read while there is one
            await self.fake.stop()
            return message
        reaction = HTTP_REACTIONS[behavior]
        if behavior is Behavior.ECHO_SECRETS:
            words = f"{message.address} is not for ya29.fake-1"
            reaction = Reaction(status=400, code="INVALID_ARGUMENT", message=words)
        self.fake.react(message.address, reaction)
        return message

    async def arrange_fault(self, name: str) -> Message:
        message = a_push()
        self.fake.fail(message.address, *self._words[name])
        return message

    def received_ids(self) -> Sequence[str]:
        return [
            f"{sent.message['android']['notification']['tag']} "
            f"{sent.message['apns']['headers']['apns-collapse-id']}"
            for sent in self.fake.requests
        ]


class SmtpHarness(ProviderHarness):
    lacks = frozenset(
        {Behavior.THROTTLE, Behavior.ENDLESS_ANSWER}  # SMTP has no hint, and bounds its lines
    )
    faults: ClassVar = {
        "550 5.1.1 no such user": OutcomeClass.DESTINATION_INVALID,
        "450 4.7.1 greylisted": OutcomeClass.RETRY,
        "550 5.7.26 unauthenticated": OutcomeClass.CONFIG,
        "530 5.7.0 log in first": OutcomeClass.CREDENTIAL,
        "552 5.2.2 full": OutcomeClass.PERMANENT,
        "421 4.3.2 closing": OutcomeClass.RETRY,
    }

    def __init__(self) -> None:
        self.fake = FakeSmtp(login=("clarion", "a mail password"))

    @property
    def provider(self) -> Provider:
        return make_provider(
            "smtp",
            {
                "host": "127.0.0.1",
                "port": self.fake.port,
                "from": "Clarion <notify@example.com>",
                "username": "clarion",
                "password": "a mail password",
                "tls": "none",
            },
        )

    @property
    def secrets(self) -> Sequence[str]:
        return ["ada@example.org", "a mail password"]

    async def start(self) -> None:
        await self.fake.start()

    async def stop(self) -> None:
        await self.fake.stop()

    async def arrange(self, behavior: Behavior) -> Message:
        message = a_mail()
        match behavior:
            case Behavior.HANG:
                self.fake.hang.add(message.address)
            case Behavior.CUT:
                self.fake.hang_up.add(message.address)
            case Behavior.REFUSE_CONNECTION:
                await self.fake.stop()
            case Behavior.UNKNOWN_REFUSAL:
                self.fake.refuse[message.address] = "599 what"
            case Behavior.UNKNOWN_FAILURE:
                self.fake.refuse_data[message.address] = "499 what"
            case Behavior.GARBAGE_SUCCESS:
                self.fake.refuse_data[message.address] = "250 \x01\x02 <"
            case Behavior.ECHO_SECRETS:
                reply = f"550 5.7.1 <{message.address}>: mail for {message.address} refused"
                self.fake.refuse[message.address] = reply
        return message

    async def arrange_fault(self, name: str) -> Message:
        message = a_mail()
        self.fake.refuse[message.address] = name
        return message

    def received_ids(self) -> Sequence[str]:
        lines = [mail.content.decode().splitlines() for mail in self.fake.mails]
        return [next(line for line in mail if line.startswith("Message-ID")) for mail in lines]


class WebhookHarness(ProviderHarness):
    expected: ClassVar = {Behavior.UNKNOWN_REFUSAL: OutcomeClass.RETRY}  # receivers mend their bugs
    faults: ClassVar = {
        "gone": OutcomeClass.DESTINATION_INVALID,
        "redirect": OutcomeClass.RETRY,
        "down, with a hint": OutcomeClass.RETRY_AFTER,
        "cloud metadata": OutcomeClass.CONFIG,
    }

    def __init__(self) -> None:
        self.fake = FakeReceiver()
        self.provider_made = make_provider("webhook", {"secrets": [SECRET]})

    @property
    def provider(self) -> Provider:
        return self.provider_made

    @property
    def secrets(self) -> Sequence[str]:
        return [SECRET, SECRET.removeprefix("whsec_"), "/hook", "127.0.0.1"]

    async def start(self) -> None:
        await self.fake.start()

    async def stop(self) -> None:
        await self.fake.stop()

    async def arrange(self, behavior: Behavior) -> Message:
        message = a_webhook(f"{self.fake.base_url}/hook")
        if behavior is Behavior.REFUSE_CONNECTION:
            await self.fake.stop()
            return message
        self.fake.echo = behavior is Behavior.ECHO_SECRETS
        self.fake.react("/hook", HTTP_REACTIONS[behavior])
        return message

    async def arrange_fault(self, name: str) -> Message:
        if name == "cloud metadata":
            return a_webhook("http://169.254.169.254/latest")
        elsewhere = {"Location": f"{self.fake.base_url}/other"}
        reactions = {
            "gone": Reaction(status=410),
            "redirect": Reaction(status=302, headers=elsewhere),
            "down, with a hint": Reaction(status=503, headers={"Retry-After": "30"}),
        }
        self.fake.react("/hook", reactions[name])
        return a_webhook(f"{self.fake.base_url}/hook")

    def received_ids(self) -> Sequence[str]:
        return [request.headers["webhook-id"] for request in self.fake.requests]


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


class TestFcm(ProviderConformance):
    @pytest.fixture
    async def harness(self) -> AsyncIterator[ProviderHarness]:
        async for harness in running(FcmHarness()):
            yield harness


class TestSmtp(ProviderConformance):
    @pytest.fixture
    async def harness(self) -> AsyncIterator[ProviderHarness]:
        async for harness in running(SmtpHarness()):
            yield harness


class TestWebhook(ProviderConformance):
    @pytest.fixture
    async def harness(self) -> AsyncIterator[ProviderHarness]:
        async for harness in running(WebhookHarness()):
            yield harness


class TestCapture(ProviderConformance):
    @pytest.fixture
    async def harness(self) -> AsyncIterator[ProviderHarness]:
        async for harness in running(CaptureHarness()):
            yield harness


def test_every_provider_is_bound_to_the_suite() -> None:
    bound = {name.removeprefix("Test").lower() for name in globals() if name.startswith("Test")}
    assert bound == set(ROWS)
