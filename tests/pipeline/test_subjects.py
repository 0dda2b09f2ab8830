"""What a line of the log is about."""

from __future__ import annotations

import json
import logging

import pytest

from clarion.cli.log import JsonLines
from clarion.core.ids import event_name
from clarion.pipeline.subjects import OfEvent
from clarion.telemetry import about, told_about
from clarion.testing.embedded import Embedded
from clarion.testing.fakes.fcm import FakeFcm
from tests.pipeline.builders import one_phone

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_line_in_the_block_is_about_the_event_and_none_after_it() -> None:
    event = bytes(range(16))
    with told_about(OfEvent(event, "order-7", TRACE)):
        inside = about.get()
    assert about.get() is None
    assert inside is not None
    assert inside.log_fields() == {
        "event_id": event_name(event),
        "correlation_id": "order-7",
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "span_id": "00f067aa0ba902b7",
    }


async def test_every_try_has_a_line_with_all_that_leads_to_it(
    wired: Embedded, fcm: FakeFcm, caplog: pytest.LogCaptureFixture
) -> None:
    lines: list[dict[str, object]] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(  # type: ignore[method-assign]
        json.loads(JsonLines().format(record))
    )
    log = logging.getLogger("clarion.deliver")
    log.addHandler(handler)
    caplog.set_level(logging.DEBUG, "clarion.deliver")
    try:
        await one_phone(wired)
        fcm.fail("phone", 404, "UNREGISTERED")
        event = await wired.told("news", "ada", correlation_id="order-7", tenant="acme")
    finally:
        log.removeHandler(handler)
    (line,) = (line for line in lines if line["message"] == "a try ended as destination_invalid")
    why = await wired.why(event, "ada")
    assert line["event_id"] == event_name(event)
    assert str(line["delivery_id"]) in json.dumps(why) or str(line["delivery_id"])[:4] == "dlv_"
    assert {name: line[name] for name in ("correlation_id", "tenant_id", "attempt", "channel")} == {
        "correlation_id": "order-7", "tenant_id": "acme", "attempt": 1, "channel": "push",
    }  # fmt: skip
    assert (line["provider"], line["outcome"]) == ("push-main", "destination_invalid")
    assert line["provider_code"] == "UNREGISTERED"
