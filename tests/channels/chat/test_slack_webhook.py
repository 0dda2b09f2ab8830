"""Slack's incoming webhooks: what is sent, and what the answers mean."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from clarion.channels.chat.slack_webhook import SlackWebhookProvider, read_answer
from clarion.channels.conduct import Conductor
from clarion.channels.contract import HttpAnswer
from clarion.channels.guard import Guard, GuardPolicy
from clarion.core.delivery import Message, OutcomeClass
from clarion.core.workflow import Channel, Lane
from clarion.testing.fakes.reaction import Reaction
from clarion.testing.fakes.webhook import FakeReceiver
from tests.channels.builders import HandClock


@pytest.fixture
async def conductor() -> AsyncIterator[Conductor]:
    guard = Guard(GuardPolicy(allow=("127.0.0.0/8",)))
    conductor = Conductor(
        SlackWebhookProvider(), account="alerts", lane=Lane.CRITICAL, clock=HandClock(),
        guard=guard,
    )  # fmt: skip
    await conductor.start()
    yield conductor
    await conductor.close()


async def test_the_text_is_posted_without_slacks_control_characters(
    conductor: Conductor, receiver: FakeReceiver
) -> None:
    receiver.react("/in", Reaction(status=200, body=b"ok"))
    message = Message(
        delivery_id="alr_1",
        channel=Channel.CHAT,
        address=f"{receiver.base_url}/in",
        content={"body": "<!channel> a & b"},
    )
    assert (await conductor.conduct(message)).kind is OutcomeClass.ACCEPTED
    (request,) = receiver.requests
    said = json.loads(request.body)
    assert said == {"text": "&lt;!channel&gt; a &amp; b", "unfurl_links": False}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b"ok", OutcomeClass.ACCEPTED),
        (404, b"no_service", OutcomeClass.DESTINATION_INVALID),
        (403, b"invalid_token", OutcomeClass.DESTINATION_INVALID),
        (410, b"channel_is_archived", OutcomeClass.DESTINATION_INVALID),
        (403, b"action_prohibited", OutcomeClass.CONFIG),
        (400, b"invalid_payload", OutcomeClass.PERMANENT),
        (418, b"what?", OutcomeClass.PERMANENT),
        (500, b"rollup_error", OutcomeClass.RETRY),
    ],
)
def test_the_text_of_an_answer_decides_before_its_status(
    status: int, body: bytes, kind: OutcomeClass
) -> None:
    assert read_answer(HttpAnswer(status, {}, body), 0).kind is kind


def test_a_throttled_webhook_waits_as_long_as_slack_says() -> None:
    outcome = read_answer(HttpAnswer(429, {"retry-after": "30"}, b"rate_limited"), 0)
    assert (outcome.kind, outcome.retry_after_seconds) == (OutcomeClass.RETRY_AFTER, 30)
