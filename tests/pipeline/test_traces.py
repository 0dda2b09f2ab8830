"""Traces: one of the event, one of each notification; tries and outcomes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Told

from clarion.config import Account, Traces
from clarion.core.delivery import Outcome, OutcomeClass
from clarion.telemetry import OPENMETRICS, exposition
from clarion.testing.embedded import Embedded, hook_account, push_account
from clarion.testing.fakes.collector import FakeCollector
from clarion.testing.fakes.fcm import FakeFcm
from clarion.testing.fakes.webhook import FakeReceiver
from clarion.tracing import Origin, Span, TraceContext, origins, read_context, tracer
from tests.pipeline.builders import PUSH, a_hook, a_note
from tests.tracing.test_spans import Kept

PRODUCER = TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", True, "vendor=1")


@pytest.fixture
def kept() -> Iterator[Kept]:
    sink = Kept()
    tracer.begin(sink, secret=b"secret")
    yield sink
    tracer.end(sink)
    origins.set(())


@pytest.fixture
async def collector() -> AsyncIterator[FakeCollector]:
    fake = FakeCollector()
    await fake.start()
    yield fake
    await fake.stop()


def said(span: Told) -> dict[str, Any]:
    return {a.key: a.value.string_value or a.value.int_value for a in span.attributes}


def named(spans: list[Span], name: str) -> list[Span]:
    return [span for span in spans if span.name.split()[0] == name]


async def two_phones(server: Embedded) -> None:
    await server.workflow("news", PUSH, category="transactional")
    for user in ("ada", "ben"):
        await server.user(user)
        await server.device(user, f"phone-of-{user}")


async def test_an_event_two_notifications_and_a_retry_make_the_expected_tree(
    tmp_path: Path, fcm: FakeFcm, collector: FakeCollector
) -> None:
    server = Embedded(tmp_path / "clarion.db", push_account(fcm))
    traces = Traces(endpoint=collector.endpoint)
    server.settings = msgspec.structs.replace(server.settings, traces=traces)
    await server.start()
    await two_phones(server)
    fcm.fail("phone-of-ada", 503, "UNAVAILABLE")
    origins.set([Origin(hop=PRODUCER)])
    event = await server.send("news", "ada", "ben", correlation_id="order-7")
    await server.quiet()
    await server.stop()  # what comes next is another process's work
    fcm.react("phone-of-ada", None)
    await server.start()
    await server.advance(7)
    await server.settled(event)
    await server.stop()

    (accept,) = (span for span in collector.spans if span.name == "accept clarion.events")
    assert accept.trace_id.hex() == PRODUCER.trace_id
    assert accept.parent_span_id.hex() == PRODUCER.span_id
    assert accept.trace_state == "vendor=1"
    assert said(accept)["messaging.message.conversation_id"] == "order-7"

    roots = [span for span in collector.spans if span.name == "decide clarion.notifications"]
    assert len({root.trace_id for root in roots} - {accept.trace_id}) == 2
    for root in roots:
        assert root.parent_span_id == b""
        assert [link.span_id for link in root.links] == [accept.span_id]
        assert said(root)["notification.workflow"] == "news"
    tried = [span for span in collector.spans if span.name == "send clarion.deliveries"]
    assert [said(span)["notification.outcome"] for span in tried].count("retry") == 1
    failed = next(span for span in tried if said(span)["notification.outcome"] == "retry")
    assert (said(failed)["error.type"], failed.status.code) == ("UNAVAILABLE", 2)
    (again,) = (span for span in tried if said(span)["notification.attempt"] == 2)
    assert again.trace_id == failed.trace_id
    assert again.span_id != failed.span_id
    assert [link.span_id for link in again.links] == [failed.span_id]
    assert {span.parent_span_id for span in tried} == {root.span_id for root in roots}
    for span in tried:
        beneath = [s for s in collector.spans if s.parent_span_id == span.span_id]
        assert "settle clarion.deliveries" in {s.name for s in beneath}
        posts = [said(s) for s in beneath if s.name == "POST"]
        assert {post["server.address"] for post in posts} == {"127.0.0.1"}
        assert all(str(post["url.full"]).endswith("/...") for post in posts)


async def test_a_crash_between_two_tries_leaves_the_trace_whole(
    tmp_path: Path, fcm: FakeFcm, kept: Kept
) -> None:
    server = Embedded(tmp_path / "clarion.db", push_account(fcm))
    await server.start()
    await server.workflow("news", PUSH)
    await server.user("ada")
    await server.device("ada", "phone")
    fcm.fail("phone", 503, "UNAVAILABLE")
    event = await server.send("news", "ada")
    await server.quiet()
    await server.crash()
    fcm.react("phone", None)
    await server.restart()
    await server.advance(7)
    await server.settled(event)
    await server.stop()
    first, second = named(kept.spans, "send")
    (root,) = named(kept.spans, "decide")
    assert first.context.trace_id == second.context.trace_id == root.context.trace_id
    assert [link.span_id for link in second.links] == [first.context.span_id]


async def test_a_producer_that_does_not_record_is_followed(embedded: Embedded, kept: Kept) -> None:
    await a_note(embedded)
    await embedded.users("ada")
    origins.set([Origin(hop=PRODUCER._replace(sampled=False))])
    event = await embedded.told("note", "ada")
    assert kept.spans == []
    row = await embedded.event(event)
    assert row.trace is not None
    assert row.trace.split()[0].endswith("-00")


async def test_the_hop_is_the_parent_and_a_cloudevent_is_linked(
    embedded: Embedded, kept: Kept
) -> None:
    await a_note(embedded)
    made = PRODUCER._replace(span_id="ab" * 8)
    origins.set([Origin(hop=PRODUCER, made=made)])
    await embedded.told("note", "ada")
    origins.set([Origin(made=made)])
    await embedded.told("note", "ada")
    hopped, direct = named(kept.spans, "accept")
    assert (hopped.parent, hopped.links) == (PRODUCER.span_id, (made,))
    assert (direct.parent, direct.links) == (made.span_id, ())


async def test_a_large_audience_is_told_one_by_one_after_its_pages(
    embedded: Embedded, kept: Kept
) -> None:
    await a_note(embedded)
    people = [f"u{n}" for n in range(150)]
    await embedded.users(*people)
    await embedded.told("note", {"all": True})
    roots = named(kept.spans, "decide")
    assert len({root.context.trace_id for root in roots}) == len(roots) == len(people)
    (accept,) = named(kept.spans, "accept")
    assert {root.links for root in roots} == {(accept.context,)}


async def test_a_decision_after_a_wait_is_part_of_the_first(embedded: Embedded, kept: Kept) -> None:
    await embedded.workflow("later", {"delay": "PT1H"}, PUSH)
    await embedded.user("ada")
    await embedded.device("ada", "phone")
    event = await embedded.send("later", "ada")
    await embedded.quiet()
    await embedded.advance(3601)
    await embedded.settled(event)
    first, second = named(kept.spans, "decide")
    assert (first.parent, second.parent) == ("", first.context.span_id)
    assert first.context.trace_id == second.context.trace_id


async def test_nothing_is_kept_and_nobody_told_while_traces_are_off(embedded: Embedded) -> None:
    await a_note(embedded)
    origins.set([Origin(hop=PRODUCER)])
    event = await embedded.told("note", "ada")
    origins.set(())
    assert (await embedded.event(event)).trace is None


@pytest.mark.parametrize("tells", [True, False])
async def test_a_receiver_is_told_of_our_trace_when_the_account_says_so(
    tmp_path: Path, receiver: FakeReceiver, kept: Kept, tells: bool
) -> None:
    account: Account = hook_account()
    settings = {**account.settings, "traceparent": tells}
    account = msgspec.structs.replace(account, settings=settings)
    server = Embedded(tmp_path / "clarion.db", account)
    await server.start()
    await server.workflow("hooked", a_hook(f"{receiver.base_url}/in"))
    await server.told("hooked")
    await server.stop()
    (request,) = receiver.requests
    (tried,) = named(kept.spans, "send")
    given = read_context(request.headers.get("traceparent"))
    assert given == (tried.context if tells else None)


async def test_latency_shows_a_trace_as_exemplar(embedded: Embedded, kept: Kept) -> None:
    await two_phones(embedded)
    await embedded.told("news", "ada")
    (tried,) = named(kept.spans, "send")
    lines = exposition(OPENMETRICS).decode().splitlines()
    told = [line for line in lines if tried.context.trace_id in line]
    assert {line.partition("_bucket")[0] for line in told} == {
        "clarion_delivery_latency_seconds",
        "clarion_delivery_attempt_duration_seconds",
    }


async def test_a_vendors_odd_code_is_not_told(embedded: Embedded, kept: Kept) -> None:
    from clarion.pipeline.traces import Attempt, attempted

    await two_phones(embedded)
    await embedded.hold("ready")
    await embedded.send("news", "ada")
    claims = await embedded.server.store.deliveries.claim(
        1, "capture", embedded.server.core.lease.worker, 1, embedded.clock.now()
    )
    (material,) = await embedded.server.core.materials.gather(claims)
    outcome = Outcome(kind=OutcomeClass.PERMANENT, code="no such user <ada@example.org>")
    attempt = Attempt(PRODUCER, "", (), "ab")
    attempted(attempt, material, outcome, "capture", range(1, 2))
    assert kept.spans[-1].attributes["error.type"] == "_OTHER"
    await embedded.crash()
    await embedded.restart()
    await embedded.quiet()
