from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from clarion.api import cloudevents
from clarion.api.problems import RefusedError
from tests.api.house import House

VECTORS = json.loads(
    (Path(__file__).parent.parent / "vectors" / "cloudevents_http.json").read_text()
)


def an_event(**changes: Any) -> bytes:
    event = {"specversion": "1.0", "id": "1", "source": "/shop", "type": "order.created"}
    return json.dumps({**event, **changes}).encode()


def media_type_of(headers: dict[str, str]) -> str:
    return headers["content-type"].partition(";")[0].lower()


def test_the_published_structured_event_is_understood() -> None:
    event = cloudevents.structured(json.dumps(VECTORS["structured"]["body"]).encode())
    assert (event.type, event.data) == (VECTORS["attributes"]["type"], VECTORS["data"])
    assert event.id == "/mycontext/subcontext 1234-1234-1234"


def test_the_published_binary_event_is_the_same_event() -> None:
    headers = VECTORS["binary"]["headers"]
    body = VECTORS["binary"]["body"].encode()
    event = cloudevents.binary(headers, media_type_of(headers), body)
    assert event == cloudevents.structured(json.dumps(VECTORS["structured"]["body"]).encode())


@pytest.mark.parametrize(("content_type", "mode"), VECTORS["mode_by_content_type"])
def test_the_media_type_says_the_mode(content_type: str, mode: str) -> None:
    media_type = media_type_of({"content-type": content_type})
    assert cloudevents.mode_of(media_type, {"ce-specversion": "1.0"}) == mode


def test_json_without_ce_headers_is_no_cloudevent() -> None:
    assert cloudevents.mode_of("application/json", {}) is None


def test_another_format_of_cloudevents_is_refused() -> None:
    with pytest.raises(RefusedError) as caught:
        cloudevents.mode_of("application/cloudevents+avro", {})
    assert caught.value.status == 415


@pytest.mark.parametrize("case", VECTORS["header_value_encoding"])
def test_encoded_header_values_are_decoded(case: dict[str, str]) -> None:
    assert cloudevents.header_value(case["header"]) == case["value"]


@pytest.mark.parametrize("case", VECTORS["header_value_decoding"])
def test_lenient_header_values_are_decoded_or_refused(case: dict[str, str]) -> None:
    if "error" in case:
        with pytest.raises(RefusedError):
            cloudevents.header_value(case["header"])
    else:
        assert cloudevents.header_value(case["header"]) == case["value"]


@pytest.mark.parametrize("header", ["100%", "%zz", '"open', "%E2%82"])
def test_broken_header_values_are_refused(header: str) -> None:
    with pytest.raises(RefusedError):
        cloudevents.header_value(header)


def test_header_values_are_decoded_once() -> None:
    assert cloudevents.header_value("%2541") == "%41"


def test_extensions_and_recipients_are_read() -> None:
    event = cloudevents.structured(
        an_event(
            subject="doc:9",
            tenant="acme",
            actor="u2",
            correlationid="c1",
            partitionkey="p1",
            expirytime="2030-01-01T00:00:00Z",
            traceparent="ignored",
            data={"recipients": ["u1", {"topic": "store:42"}], "n": 1},
        )
    )
    assert (event.about, event.tenant, event.actor) == ("doc:9", "acme", "u2")
    assert (event.correlation_id, event.ordering_key) == ("c1", "p1")
    assert event.expires_at == "2030-01-01T00:00:00Z"
    assert event.recipients is not None
    assert event.recipients[0] == "u1"
    assert event.data["n"] == 1


def test_data_may_be_base64() -> None:
    raw = base64.b64encode(b'{"n": 1}').decode()
    assert cloudevents.structured(an_event(data_base64=raw)).data == {"n": 1}


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"id": ""}, "/id"),
        ({"source": None}, "/source"),
        ({"source": "a b"}, "/source"),
        ({"specversion": "0.3"}, "/specversion"),
        ({"type": 3}, "/type"),
        ({"time": "yesterday"}, "/time"),
        ({"expirytime": "2030-01-01"}, "/expirytime"),
        ({"tenant": 3}, "/tenant"),
        ({"tenant": "a\u0007"}, "/tenant"),
        ({"big": 2**31}, "/big"),
        ({"nested": {}}, "/nested"),
        ({"recipients": ["u1"]}, "/recipients"),
        ({"data": [1]}, "/data"),
        ({"data": {"recipients": "u1"}}, "/data/recipients"),
        ({"data": {}, "data_base64": ""}, "/data"),
        ({"data_base64": "%"}, "/data_base64"),
        (
            {"data_base64": base64.b64encode(b'{"a":' * 40 + b"1" + b"}" * 40).decode()},
            "/data_base64",
        ),
    ],
)
def test_bad_events_are_pointed_at(changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(RefusedError) as caught:
        cloudevents.structured(an_event(**changes))
    assert caught.value.status == 400
    assert caught.value.errors[0].pointer == pointer


def test_the_content_type_is_no_header_of_its_own() -> None:
    headers = {**VECTORS["binary"]["headers"], "ce-datacontenttype": "application/json"}
    with pytest.raises(RefusedError):
        cloudevents.binary(headers, "application/json", b"{}")


def test_source_and_id_that_are_too_long_are_hashed_apart() -> None:
    long = cloudevents.event_id("/" + "a" * 300, "1")
    assert len(long) <= 256
    assert long != cloudevents.event_id("/" + "a" * 300, "2")


async def test_all_three_modes_are_taken_at_the_door(house: House) -> None:
    async with house.client(house.admin_key) as client:
        structured = await client.post(
            "/v1/events", content=an_event(), headers={"content-type": cloudevents.STRUCTURED}
        )
        binary = await client.post(
            "/v1/events",
            content=b"",
            headers={
                "ce-specversion": "1.0",
                "ce-id": "1",
                "ce-source": "/shop",
                "ce-type": "order.created",
            },
        )
        batched = await client.post(
            "/v1/events",
            content=b"[" + an_event() + b"," + an_event(id="") + b"]",
            headers={"content-type": cloudevents.BATCHED},
        )
    assert structured.status_code == 202
    # The same source and id again, in another mode: the same event.
    assert binary.json()["event_id"] == structured.json()["event_id"]
    first, second = batched.json()["results"]
    assert first["event_id"] == structured.json()["event_id"]
    assert second["problem"]["errors"][0]["pointer"] == "/1/id"


async def test_a_cloudevent_as_plain_json_is_told_its_content_type(house: House) -> None:
    async with house.client(house.admin_key) as client:
        answer = await client.post(
            "/v1/events", content=an_event(), headers={"content-type": "application/json"}
        )
    assert answer.status_code == 400
    assert "Content-Type: application/cloudevents+json" in answer.json()["detail"]
