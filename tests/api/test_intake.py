from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from clarion.api.app import Front
from clarion.api.auth import Keyring
from clarion.api.intake import Intake
from clarion.core.event import EVENT_LIMIT_BYTES, IncomingEvent
from clarion.errors import ConflictError, InvalidError, OverloadError, UnavailableError
from clarion.pipeline.contract import Accepted
from clarion.tracing import Origin, origins, read_context, tracer
from tests.api.house import WELCOME, House
from tests.tracing.test_spans import Kept

EVENT_ID = bytes(range(16))


class RecordingAccepting:
    """Takes everything, and keeps what it was handed."""

    def __init__(self) -> None:
        self.taken: list[tuple[IncomingEvent, bytes, str | None]] = []
        self.answer = Accepted(event=EVENT_ID, workflows=("welcome",))

    async def accept(
        self, env: int, incoming: IncomingEvent, *, raw: bytes, key: str | None = None
    ) -> Accepted:
        self.taken.append((incoming, raw, key))
        return self.answer

    async def accept_batch(
        self, env: int, batch: list[IncomingEvent], *, raw: bytes, key: str | None = None
    ) -> list[Accepted]:
        self.taken += [(incoming, raw, key) for incoming in batch]
        return [self.answer for _ in batch]


PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
OTHER = PARENT.replace("00f067aa0ba902b7", "abababababababab")
CLOUD = {"specversion": "1.0", "id": "1", "source": "/x", "type": "user.joined"}


class WatchingAccepting(RecordingAccepting):
    """Also keeps where events came from."""

    def __init__(self) -> None:
        super().__init__()
        self.came: list[Origin] = []

    async def accept(
        self, env: int, incoming: IncomingEvent, *, raw: bytes, key: str | None = None
    ) -> Accepted:
        self.came += origins.get()
        return await super().accept(env, incoming, raw=raw, key=key)

    async def accept_batch(
        self, env: int, batch: list[IncomingEvent], *, raw: bytes, key: str | None = None
    ) -> list[Accepted]:
        self.came += origins.get()
        return await super().accept_batch(env, batch, raw=raw, key=key)


@pytest.fixture
async def traced(house: House) -> AsyncIterator[tuple[httpx.AsyncClient, list[Origin]]]:
    accepting, sink = WatchingAccepting(), Kept()
    services = dataclasses.replace(house.services, accepting=accepting)
    front = Front(house.app.router, Intake(services, Keyring(services)))
    tracer.begin(sink)
    async with dataclasses.replace(house, app=front).client(house.admin_key) as client:
        yield client, accepting.came
    tracer.end(sink)
    origins.set(())


async def test_the_place_in_a_trace_comes_by_header_and_by_attribute(
    traced: tuple[httpx.AsyncClient, list[Origin]],
) -> None:
    door, came = traced
    headers = [("traceparent", PARENT), ("tracestate", "a=1"), ("tracestate", "b=2")]
    await door.post("/v1/events", json={"type": "user.joined"}, headers=headers)
    cloud = {**CLOUD, "traceparent": OTHER, "tracestate": "c=3"}
    structured = {"Content-Type": "application/cloudevents+json"}
    await door.post("/v1/events", content=json.dumps(cloud), headers=structured)
    binary = {f"ce-{name}": value for name, value in cloud.items()}
    await door.post("/v1/events", json={}, headers={**binary, "traceparent": PARENT})
    batched = {"Content-Type": "application/cloudevents-batch+json", "traceparent": "odd"}
    odd = {**CLOUD, "traceparent": 5}
    await door.post("/v1/events", content=json.dumps([{}, cloud, odd]), headers=batched)
    hop, made = read_context(PARENT, "a=1,b=2"), read_context(OTHER, "c=3")
    assert came == [
        Origin(hop=hop),
        Origin(made=made),
        Origin(hop=read_context(PARENT), made=made),
        Origin(made=made),
        Origin(),
    ]


@pytest.fixture
def accepting() -> RecordingAccepting:
    return RecordingAccepting()


@pytest.fixture
async def door(house: House, accepting: RecordingAccepting) -> AsyncIterator[httpx.AsyncClient]:
    services = dataclasses.replace(house.services, accepting=accepting)
    door = Front(house.app.router, Intake(services, Keyring(services)))
    async with dataclasses.replace(house, app=door).client(house.admin_key) as client:
        yield client


async def test_an_event_is_answered_with_its_id_and_address(door: httpx.AsyncClient) -> None:
    answer = await door.post("/v1/events", json={"type": "user.joined", "recipients": ["u1"]})
    name = answer.json()["event_id"]
    assert answer.status_code == 202
    assert answer.json() == {"event_id": name, "status": "accepted", "workflows": ["welcome"]}
    assert answer.headers["location"] == f"/v1/events/{name}"
    assert "idempotency-replayed" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_repeat_is_marked(door: httpx.AsyncClient, accepting: RecordingAccepting) -> None:
    accepting.answer = Accepted(event=EVENT_ID, replayed=True)
    answer = await door.post("/v1/events", json={"type": "user.joined"})
    assert answer.status_code == 202
    assert answer.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("header", ["key-1", '"key-1"'])
async def test_an_idempotency_key_may_be_quoted(
    door: httpx.AsyncClient, accepting: RecordingAccepting, header: str
) -> None:
    await door.post("/v1/events", json={"type": "a"}, headers={"Idempotency-Key": header})
    assert accepting.taken[0][2] == "key-1"


@pytest.mark.parametrize("header", ["", '""', "k" * 256, "caf\xe9"])
async def test_a_bad_idempotency_key_is_refused(door: httpx.AsyncClient, header: str) -> None:
    answer = await door.post(
        "/v1/events", json={"type": "a"}, headers=[(b"Idempotency-Key", header.encode("latin-1"))]
    )
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "Idempotency-Key"


async def test_the_fingerprint_is_taken_of_what_was_meant(
    door: httpx.AsyncClient, accepting: RecordingAccepting
) -> None:
    await door.post("/v1/events", content=b'{"type": "a", "data": {"x": 1, "y": 2}}')
    await door.post("/v1/events", content=b'{"data":{"y":2,"x":1},"type":"a","silent":false}')
    assert accepting.taken[0][1] == accepting.taken[1][1]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidError("there is no workflow 'x'", "/workflow"), 422),
        (ConflictError("still running"), 409),
        (OverloadError("full"), 429),
        (UnavailableError("disk full"), 503),
    ],
)
async def test_what_the_pipeline_refuses_is_a_problem(
    door: httpx.AsyncClient, accepting: RecordingAccepting, error: Any, status: int
) -> None:
    accepting.answer = Accepted(problem=error)
    answer = await door.post("/v1/events", json={"type": "a"})
    assert (answer.status_code, answer.json()["detail"]) == (status, str(error))
    assert ("retry-after" in answer.headers) == (status in (409, 429, 503))


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"type": ""}, "/type"),
        ({"type": "  "}, "/type"),
        ({"id": "a\nb"}, "/id"),
        ({"id": "x" * 257}, "/id"),
        ({"tenant": ""}, "/tenant"),
        ({"actor": "\u2028"}, "/actor"),
        ({"cancellation_key": "\x7f"}, "/cancellation_key"),
        ({"recipients": ["u1", ""]}, "/recipients/1"),
        ({"recipients": [{"id": "u\u0000"}]}, "/recipients/0/id"),
        ({"recipients": ["\u202eana"]}, "/recipients/0"),
        ({"actor": "ana\u2069"}, "/actor"),
        ({"recipients": [{"id": "u1", "name": "A\u0007"}]}, "/recipients/0/name"),
        ({"recipients": [{"topic": "t", "except": ["u1", " "]}]}, "/recipients/0/except/1"),
        ({"mentions": ["u1", {"role": ""}]}, "/mentions/1"),
        ({"tags": {"a": "b\u0000"}}, "/tags/a"),
        ({"data": {"a": json.loads("[" * 40 + "]" * 40)}}, "/data"),
    ],
)
async def test_ids_that_can_be_none_are_pointed_at(
    door: httpx.AsyncClient,
    accepting: RecordingAccepting,
    change: dict[str, Any],
    pointer: str,
) -> None:
    answer = await door.post("/v1/events", json={"type": "user.joined", **change})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert accepting.taken == []


async def test_a_persons_name_may_turn_the_direction_and_stops_no_event(
    door: httpx.AsyncClient, accepting: RecordingAccepting
) -> None:
    person = {"id": "u1", "name": "Ana \u202evil"}
    answer = await door.post("/v1/events", json={"type": "a", "recipients": [person]})
    assert answer.status_code == 202


@pytest.mark.parametrize("name", ["Zoë", "u 1", "用户", "👩‍👩‍👧", "a\u00a0b", "x" * 256])
async def test_ids_of_all_the_world_are_taken(
    door: httpx.AsyncClient, accepting: RecordingAccepting, name: str
) -> None:
    answer = await door.post("/v1/events", json={"type": "a", "recipients": [name]})
    assert answer.status_code == 202
    assert accepting.taken[0][0].recipients == [name]


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b'{"type": "\xff"}', "UTF-8"),
        ('{"type": "a"}'.encode("utf-16"), "UTF-8"),
        (b'{"type": "a"', "not JSON"),
        (b"", "not JSON"),
        (b'{"type": "a", "data": ' + b'{"a": ' * 100_000, "nested"),
    ],
)
async def test_bodies_that_are_none_are_refused_clearly(
    door: httpx.AsyncClient, content: bytes, detail: str
) -> None:
    answer = await door.post("/v1/events", content=content)
    assert answer.status_code == 400
    assert detail in answer.json()["detail"]


async def test_a_body_over_the_limit_is_refused_before_it_is_read(door: httpx.AsyncClient) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 65_536
            yield b" " * 65_536

    known = await door.post("/v1/events", content=b" " * (EVENT_LIMIT_BYTES + 1))
    unknown = await door.post("/v1/events", content=endless())
    assert known.status_code == unknown.status_code == 413
    assert read <= EVENT_LIMIT_BYTES + 4 * 65_536


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/cloudevents+xml"},
        {"content-type": "application/json", "content-encoding": "gzip"},
    ],
)
async def test_other_media_types_are_refused(
    door: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await door.post("/v1/events", content=b'{"type": "a"}', headers=headers)
    assert answer.status_code == 415


async def test_one_bad_event_does_not_refuse_its_batch(
    door: httpx.AsyncClient, accepting: RecordingAccepting
) -> None:
    events = [{"type": "a"}, {"type": 3}, {"type": "b"}, {"type": "c", "id": ""}]
    answer = await door.post("/v1/events/batch", json={"events": events})
    results = answer.json()["results"]
    assert answer.status_code == 202
    assert [(r["index"], r["status"]) for r in results] == [
        (0, "accepted"),
        (1, "refused"),
        (2, "accepted"),
        (3, "refused"),
    ]
    assert results[1]["problem"]["errors"][0]["pointer"] == "/events/1/type"
    assert results[3]["problem"]["errors"][0]["pointer"] == "/events/3/id"
    assert [taken[0].type for taken in accepting.taken] == ["a", "b"]


async def test_a_batch_is_limited_in_number_and_an_event_in_size(door: httpx.AsyncClient) -> None:
    many = {"events": [{"type": "a"}] * 1001}
    assert (await door.post("/v1/events/batch", json=many)).status_code == 413
    large = {"events": [{"type": "a", "data": {"x": "y" * EVENT_LIMIT_BYTES}}, {"type": "a"}]}
    results = (await door.post("/v1/events/batch", json=large)).json()["results"]
    assert [r["status"] for r in results] == ["refused", "accepted"]
    assert results[0]["problem"]["status"] == 413


async def test_an_empty_batch_has_no_results(door: httpx.AsyncClient) -> None:
    answer = await door.post("/v1/events/batch", json={"events": []})
    assert answer.json() == {"results": []}


async def test_the_same_event_twice_is_one_event(api: httpx.AsyncClient) -> None:
    await api.put("/v1/workflows/welcome", json=WELCOME)
    body = {"type": "user.joined", "id": "joined-1", "recipients": ["u1"]}
    first = await api.post("/v1/events", json=body)
    again = await api.post("/v1/events", json=body)
    other = await api.post("/v1/events", json={**body, "recipients": ["u2"]})
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-mismatch")
