from __future__ import annotations

import json
from collections.abc import Sequence
from typing import ClassVar

from clarion.channels.contract import Provider
from clarion.channels.registry import make_provider
from clarion.core.delivery import Message, OutcomeClass
from clarion.testing.conformance.http_reactions import HTTP_REACTIONS
from clarion.testing.conformance.provider import Behavior, ProviderConformance, ProviderHarness
from clarion.testing.fakes.fcm import FakeFcm
from clarion.testing.fakes.reaction import Reaction
from tests.channels.builders import a_push


class FcmHarness(ProviderHarness):
    kind = "fcm"
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


class TestFcmConformance(ProviderConformance):
    harness_class = FcmHarness
