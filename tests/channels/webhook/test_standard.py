import json
from collections.abc import AsyncIterator, Sequence
from typing import Any, ClassVar

import pytest

from clarion.channels.conduct import Conductor
from clarion.channels.contract import Provider
from clarion.channels.guard import Guard, GuardPolicy
from clarion.channels.registry import make_provider
from clarion.channels.webhook.signature import verify
from clarion.channels.webhook.standard import WebhookProvider
from clarion.core.delivery import Message, OutcomeClass
from clarion.core.workflow import Lane
from clarion.errors import SettingsError
from clarion.testing.conformance.http_reactions import HTTP_REACTIONS
from clarion.testing.conformance.provider import Behavior, ProviderConformance, ProviderHarness
from clarion.testing.fakes.reaction import Reaction
from clarion.testing.fakes.webhook import FakeReceiver
from tests.channels.builders import NOON, HandClock, a_webhook, error_rows

OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo5MjM0"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def conductor(clock: HandClock) -> AsyncIterator[Conductor]:
    conductor = Conductor(
        WebhookProvider({"secrets": [NEW, OLD]}),
        account="hooks",
        lane=Lane.TRANSACTIONAL,
        clock=clock,
        guard=Guard(GuardPolicy(allow=("127.0.0.0/8",))),
    )
    await conductor.start()
    yield conductor
    await conductor.close()


@pytest.fixture
def message(receiver: FakeReceiver) -> Message:
    return a_webhook(f"{receiver.base_url}/hook")


@pytest.mark.parametrize("row", error_rows("webhook"), ids=lambda row: str(row["http"]))
async def test_every_answer_of_the_table_has_its_class(
    row: dict[str, Any], conductor: Conductor, receiver: FakeReceiver, message: Message
) -> None:
    receiver.react("/hook", Reaction(status=row["http"]))
    outcome = await conductor.conduct(message)
    assert outcome.kind.value == row["class"]
    assert outcome.code == str(row["http"])


async def test_the_body_holds_type_time_and_data(
    conductor: Conductor, receiver: FakeReceiver, message: Message
) -> None:
    await conductor.conduct(message)
    assert json.loads(receiver.requests[0].body) == {
        "type": "order.created",
        "timestamp": "2026-01-01T12:00:00.000000Z",
        "data": {"order": 7},
    }
    assert receiver.requests[0].headers["content-type"] == "application/json"


async def test_both_secrets_sign_while_one_replaces_the_other(
    conductor: Conductor, receiver: FakeReceiver, message: Message
) -> None:
    await conductor.conduct(message)
    request = receiver.requests[0]
    for secret in (OLD, NEW):
        verify([secret], request.headers, request.body, NOON / 1_000_000)


async def test_a_retry_keeps_the_id_and_tells_its_own_time(
    conductor: Conductor, receiver: FakeReceiver, message: Message, clock: HandClock
) -> None:
    await conductor.conduct(message)
    clock.forward(300)
    await conductor.conduct(message)
    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "dlv_HOOK1"
    stamps = [int(request.headers["webhook-timestamp"]) for request in receiver.requests]
    assert stamps == [NOON // 1_000_000, NOON // 1_000_000 + 300]
    assert first.body == second.body
    verify([OLD], second.headers, second.body, clock.now() / 1_000_000)


async def test_a_hint_is_obeyed_with_429_and_503_only(
    conductor: Conductor, receiver: FakeReceiver, message: Message
) -> None:
    waits = {}
    for status in (429, 502, 503):
        hint = {"Retry-After": "Thu, 01 Jan 2026 12:02:00 GMT"}
        receiver.react("/hook", Reaction(status=status, headers=hint))
        outcome = await conductor.conduct(message)
        waits[status] = (outcome.kind.value, outcome.retry_after_seconds)
    assert waits == {429: ("retry_after", 120.0), 502: ("retry", None), 503: ("retry_after", 120.0)}


async def test_429_without_a_hint_still_pauses(
    conductor: Conductor, receiver: FakeReceiver, message: Message
) -> None:
    receiver.react("/hook", Reaction(status=429))
    assert (await conductor.conduct(message)).retry_after_seconds == 60.0


async def test_the_content_may_name_url_and_type(
    conductor: Conductor, receiver: FakeReceiver
) -> None:
    content = {"url": f"{receiver.base_url}/step", "type": "shop.paid", "body": {}}
    outcome = await conductor.conduct(a_webhook("", content=content))
    assert outcome.kind is OutcomeClass.ACCEPTED
    assert receiver.requests[0].path == "/step"
    assert json.loads(receiver.requests[0].body)["type"] == "shop.paid"


async def test_without_a_url_there_is_nothing_to_try(conductor: Conductor) -> None:
    assert (await conductor.conduct(a_webhook(""))).kind is OutcomeClass.PERMANENT


async def test_a_url_on_the_private_network_is_never_called(receiver: FakeReceiver) -> None:
    conductor = Conductor(
        WebhookProvider({"secrets": OLD}), account="hooks", lane=Lane.BULK, clock=HandClock()
    )
    await conductor.start()
    outcome = await conductor.conduct(a_webhook(f"{receiver.base_url}/hook"))
    await conductor.close()
    assert (outcome.kind, outcome.code) == (OutcomeClass.CONFIG, "blocked")
    assert receiver.requests == []


@pytest.mark.parametrize("secrets", [[], ["whsec_short"], "plain"])
def test_secrets_that_cannot_sign_are_refused(secrets: Any) -> None:
    with pytest.raises(SettingsError):
        WebhookProvider({"secrets": secrets})


class WebhookHarness(ProviderHarness):
    kind = "webhook"
    expected: ClassVar = {Behavior.UNKNOWN_REFUSAL: OutcomeClass.RETRY}  # receivers mend their bugs
    faults: ClassVar = {
        "gone": OutcomeClass.DESTINATION_INVALID,
        "redirect": OutcomeClass.RETRY,
        "down, with a hint": OutcomeClass.RETRY_AFTER,
        "cloud metadata": OutcomeClass.CONFIG,
    }

    def __init__(self) -> None:
        self.fake = FakeReceiver()
        self.provider_made = make_provider("webhook", {"secrets": [OLD]})

    @property
    def provider(self) -> Provider:
        return self.provider_made

    @property
    def secrets(self) -> Sequence[str]:
        return [OLD, OLD.removeprefix("whsec_"), "/hook", "127.0.0.1"]

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


class TestWebhookConformance(ProviderConformance):
    harness_class = WebhookHarness


def test_whether_receivers_are_told_of_traces_is_true_or_false() -> None:
    with pytest.raises(SettingsError, match="neither true nor false"):
        WebhookProvider({"secrets": [NEW], "traceparent": "yes"})
