"""Deliveries and their notification told in words."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.core.delivery import DeliveryKey, OutcomeClass
from clarion.core.states import ACCEPTED_STATUSES, DeliveryStatus
from clarion.core.workflow import CHANNELS, Channel
from clarion.pipeline.story import CHANNEL_WORDS, OUTCOME_WORDS, delivery_story, delivery_words
from clarion.store.contract.ledger import DeliveryRow
from clarion.testing.clock import START


def a_row(status: DeliveryStatus, **changes: Any) -> DeliveryRow:
    fields: dict[str, Any] = {
        "key": DeliveryKey(1, bytes(16), 1, 1, 0, Channel.PUSH, 9),
        "status": status,
        "account": "push-main",
        "lane": 1,
        "attempts": 1,
        "created_at": START,
        "updated_at": START,
    }
    return DeliveryRow(**(fields | changes))


@pytest.mark.parametrize(
    "status", [status for status in DeliveryStatus if status not in ACCEPTED_STATUSES]
)
def test_every_state_that_is_no_success_has_a_sentence(status: DeliveryStatus) -> None:
    sentence = delivery_words(a_row(status))
    assert sentence.startswith("The push ")
    assert sentence.endswith(".")


def test_a_sentence_says_what_the_provider_said() -> None:
    row = a_row(DeliveryStatus.DEAD, outcome="retry", code="503")
    assert delivery_words(row) == (
        "The push was given up after the last try: the provider had a passing problem (503)."
    )


def test_a_retry_says_when() -> None:
    row = a_row(DeliveryStatus.READY, outcome="retry_after", code="429", next_due=START + 5_000_000)
    assert "will be tried again at 2026-01-01 12:00:05 UTC" in delivery_words(row)


def test_what_was_not_tried_is_on_its_way() -> None:
    row = a_row(DeliveryStatus.READY, attempts=0, next_due=START)
    assert delivery_words(row) == "The push is on its way."


def test_all_channels_and_outcomes_have_words() -> None:
    assert set(CHANNEL_WORDS) == set(CHANNELS)
    assert set(OUTCOME_WORDS) == set(OutcomeClass)


def test_a_delivery_is_shown_without_what_is_not_known() -> None:
    shown = delivery_story(a_row(DeliveryStatus.SENT, code="", detail=""))
    assert (shown["status"], shown["code"], shown["detail"]) == ("sent", None, None)
    assert shown["next_try_at"] is None
    assert shown["id"].startswith("dlv_")
