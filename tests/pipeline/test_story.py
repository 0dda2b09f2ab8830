"""What became of a delivery, in words."""

from __future__ import annotations

from typing import Any

from clarion.clock import SECOND
from clarion.core.delivery import DeliveryKey, OutcomeClass
from clarion.core.states import DeliveryStatus
from clarion.core.workflow import Channel
from clarion.pipeline.story import deliveries_words, repeats_words
from clarion.store.contract.ledger import AttemptRow, DeliveryRow
from clarion.testing.embedded import Embedded
from clarion.testing.fakes.fcm import FakeFcm
from clarion.testing.fakes.smtp import FakeSmtp
from tests.pipeline.test_explain import MAIL, the_because

PUSH = {"channel": "push", "template": {"title": "Now"}}
NOW = 1_767_225_600 * SECOND


def a_delivery(status: DeliveryStatus, destination: int = 1, **fields: Any) -> DeliveryRow:
    channel = fields.pop("channel", Channel.PUSH)
    key = DeliveryKey(
        env=1,
        event=b"e" * 16,
        workflow=fields.pop("workflow", 1),
        user=1,
        step=0,
        channel=channel,
        destination=destination,
    )
    values: dict[str, Any] = {
        "account": "main",
        "lane": 1,
        "attempts": 1,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return DeliveryRow(key=key, status=status, **(values | fields))


SENT = a_delivery(DeliveryStatus.SENT, outcome="accepted")
GONE: dict[str, Any] = {"outcome": OutcomeClass.DESTINATION_INVALID.value, "code": "UNREGISTERED"}


def test_what_arrived_needs_no_words() -> None:
    assert deliveries_words([SENT]) == []


def test_one_of_several_devices_is_told_apart_from_the_others() -> None:
    dead = [a_delivery(DeliveryStatus.FAILED, n, **GONE) for n in (2, 3)]
    reason = "could not be delivered: the address or device is no longer valid (UNREGISTERED)."
    assert deliveries_words([dead[0]]) == [f"The push {reason}"]
    assert deliveries_words([SENT, dead[0]]) == [f"The push to 1 of 2 devices {reason}"]
    assert deliveries_words([SENT, *dead]) == [f"The push to 2 of 3 devices {reason}"]
    assert deliveries_words(dead) == [f"The push to each of 2 devices {reason}"]


def test_what_was_taken_after_a_try_without_an_answer_may_have_come_twice() -> None:
    doubtful, refused = (
        AttemptRow(
            key=SENT.key, n=1, account="main", at=NOW, ms=5, outcome=outcome, code="", detail=""
        )
        for outcome in ("ambiguous", "retry")
    )
    (words,) = repeats_words([SENT], [doubtful])
    assert words.startswith("The push may have come twice: an earlier try got no answer")
    assert repeats_words([SENT], [refused]) == []
    assert repeats_words([a_delivery(DeliveryStatus.UNKNOWN)], [doubtful]) == []


def test_messages_of_two_workflows_are_told_apart() -> None:
    rows = [a_delivery(DeliveryStatus.DEAD, workflow=n, outcome="retry") for n in (1, 2)]
    assert len(deliveries_words(rows)) == 2


def test_a_passing_problem_is_not_the_cause_of_a_cancellation() -> None:
    last: dict[str, Any] = {"channel": Channel.EMAIL, "outcome": "retry", "code": "451"}
    assert deliveries_words([a_delivery(DeliveryStatus.CANCELED, **last)]) == [
        "The e-mail was canceled before it was sent"
        " (the last try: the provider had a passing problem (451))."
    ]
    assert deliveries_words([a_delivery(DeliveryStatus.EXPIRED, attempts=0)]) == [
        "The push expired before it could be sent."
    ]


def test_what_was_only_kept_is_not_told_as_sent() -> None:
    kept = a_delivery(DeliveryStatus.SENT, channel=Channel.SMS, outcome="accepted", code="captured")
    assert deliveries_words([kept]) == ["The SMS was only kept here and went to nobody (captured)."]


async def test_our_own_template_is_not_blamed_on_the_provider(wired: Embedded) -> None:
    broken = {"channel": "email", "template": {"subject": "{{ data.n - 1 }}", "body": "..."}}
    await wired.workflow("broken", broken)
    await wired.user("ana", email="ana@example.org")
    event = await wired.told("broken", "ana", data={"n": "x"})
    assert (await the_because(wired, event)).endswith(
        "The e-mail could not be delivered:"
        " the template did not work with the event's data (render_failed)."
    )


async def test_each_workflow_tells_what_became_of_its_own_messages(
    wired: Embedded, mail_server: FakeSmtp, fcm: FakeFcm
) -> None:
    mail_server.refuse["ana@example.org"] = "550 5.1.1 no such user"
    fcm.fail("dead", 404, "UNREGISTERED")
    await wired.workflow("one", PUSH, on="news")
    await wired.workflow("two", MAIL, on="news")
    await wired.user("ana", email="ana@example.org")
    await wired.device("ana", "dead")
    await wired.device("ana", "alive")
    event = await wired.told("news", "ana", data={"title": "..."})
    assert await the_because(wired, event) == (
        "[one] ana has nothing set against it, so the push was sent. The push to 1 of 2 devices"
        " could not be delivered: the address or device is no longer valid (UNREGISTERED)."
        " [two] ana has nothing set against it, so the e-mail was to be sent. The e-mail could not"
        " be delivered: the address or device is no longer valid (550 5.1.1)."
    )


async def test_a_channel_without_an_account_is_told_as_such(embedded: Embedded) -> None:
    await embedded.workflow("code", {"channel": "sms", "template": {"body": "1"}})
    await embedded.user("ana", phone="+4915112345678")
    event = await embedded.told("code", "ana")
    assert await the_because(embedded, event) == (
        "ana has nothing set against it, so the SMS was to be sent."
        " The SMS was only kept here and went to nobody (captured)."
    )
