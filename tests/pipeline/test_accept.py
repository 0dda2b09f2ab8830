"""Accepting: once per id, in groups, and never one at another's cost."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clarion.core.event import IncomingEvent
from clarion.errors import InvalidError, MismatchError, UnavailableError
from clarion.pipeline.accept import GROUPS_AT_ONCE
from clarion.pipeline.contract import Accepted
from clarion.store.contract.events import Acceptance, EventWrite
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX, a_note


def an_order(**changes: Any) -> dict[str, Any]:
    return {"type": "order.created", "recipients": ["u1"], "data": {"order": 7}, **changes}


async def batch_of(
    server: Embedded, *documents: dict[str, Any], key: str | None = None
) -> list[Accepted]:
    events = [msgspec.convert(document, IncomingEvent) for document in documents]
    raw = msgspec.json.encode(documents)
    return await server.server.acceptor.accept_batch(server.env, events, raw=raw, key=key)


def events_in(server: Embedded) -> int:
    (count,) = server.select("select count(*) from event")[0]
    return int(count)


async def test_a_replay_names_the_workflows_that_listened_at_first(embedded: Embedded) -> None:
    await a_note(embedded, "order.created")
    first = await embedded.accept(an_order(id="o-1"))
    later = {"channel": "inbox", "template": {"title": "Later"}}
    await embedded.workflow("later", later, on="order.created")
    again = await embedded.accept(an_order(id="o-1"))
    other = await embedded.accept(an_order(id="o-2"))
    assert again.workflows == first.workflows
    assert set(other.workflows) == {*first.workflows, "later"}


async def test_the_same_id_with_the_same_body_is_a_replay(embedded: Embedded) -> None:
    await a_note(embedded, "order.created")
    await embedded.users("u1")
    first = await embedded.accept(an_order(id="o-1"))
    again = await embedded.accept(an_order(id="o-1"))
    assert again.replayed
    assert not first.replayed
    assert again.event == first.event
    assert (await embedded.counts(first.event)).sent == 1
    assert events_in(embedded) == 1


async def test_the_same_id_with_another_body_is_a_mismatch(embedded: Embedded) -> None:
    await embedded.accept(an_order(id="o-1"))
    other = await embedded.accept(an_order(id="o-1", data={"order": 8}))
    assert isinstance(other.problem, MismatchError)
    assert events_in(embedded) == 1


async def test_the_order_of_members_does_not_make_another_body(embedded: Embedded) -> None:
    first = await embedded.accept(an_order(id="o-1", data={"a": 1, "b": 2}))
    again = await embedded.accept(an_order(id="o-1", data={"b": 2, "a": 1}))
    assert again.replayed
    assert again.event == first.event


async def test_one_id_in_two_environments_is_two_events(embedded: Embedded) -> None:
    await embedded.server.admit("another-key-of-another-environment", "dev", "trigger")
    dev = await embedded.server.environment("dev")
    first = await embedded.accept(an_order(id="o-1"))
    second = await embedded.accept(an_order(id="o-1"), env=dev)
    assert not second.replayed
    assert first.event != second.event


async def test_two_at_once_with_one_id_are_one_event(embedded: Embedded) -> None:
    answers = await asyncio.gather(*(embedded.accept(an_order(id="o-1")) for _ in range(8)))
    assert len({answer.event for answer in answers}) == 1
    assert sum(not answer.replayed for answer in answers) == 1
    assert events_in(embedded) == 1


async def test_an_idempotency_key_answers_a_repeated_request(embedded: Embedded) -> None:
    first = await embedded.accept(an_order(), key="req-1")
    again = await embedded.accept(an_order(), key="req-1")
    other = await embedded.accept(an_order(data={}), key="req-1")
    assert again.replayed
    assert again.event == first.event
    assert isinstance(other.problem, MismatchError)


async def test_an_idempotency_key_covers_every_event_of_a_batch(embedded: Embedded) -> None:
    documents = [an_order(data={"order": n}) for n in range(3)]
    first = await batch_of(embedded, *documents, key="req-1")
    again = await batch_of(embedded, *documents, key="req-1")
    assert [answer.event for answer in again] == [answer.event for answer in first]
    assert all(answer.replayed for answer in again)
    other = await batch_of(embedded, *documents[:2], key="req-1")
    assert all(isinstance(answer.problem, MismatchError) for answer in other)
    assert events_in(embedded) == 3


async def test_one_id_twice_in_a_batch_is_one_event(embedded: Embedded) -> None:
    first, second, third = await batch_of(
        embedded, an_order(id="o-1"), an_order(id="o-1"), an_order(id="o-1", data={})
    )
    assert second.event == first.event
    assert second.replayed
    assert isinstance(third.problem, MismatchError)


async def test_a_replay_of_a_refused_request_is_refused_too(embedded: Embedded) -> None:
    """A key with another body must not lend its id to a twin of the refused request."""
    await embedded.accept(an_order(id="o-1"), key="req-1")
    refused = an_order(id="o-2")
    answers = await asyncio.gather(
        *(embedded.accept(refused, key="req-1") for _ in range(4)),
        embedded.accept(an_order(id="o-3")),
    )
    assert all(isinstance(answer.problem, MismatchError) for answer in answers[:4])
    assert events_in(embedded) == 2


async def test_a_replay_does_not_write_its_inline_recipients_again(embedded: Embedded) -> None:
    order = an_order(id="o-1", recipients=[{"id": "u1", "email": "old@example.org"}])
    await embedded.accept(order)
    await embedded.user("u1", email="new@example.org")
    assert (await embedded.accept(order)).replayed
    mismatch = an_order(id="o-1", recipients=[{"id": "u1", "email": "odd@example.org"}])
    assert (await embedded.accept(mismatch)).problem is not None
    people = await embedded.server.store.people.users(embedded.env, ["u1"])
    assert people["u1"].email == "new@example.org"


async def test_a_hundred_at_once_land_in_a_few_transactions(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_note(embedded, "order.created")
    await embedded.users("u1")
    groups: list[int] = []
    accept_many = embedded.server.store.events.accept_many

    async def counted(events: list[EventWrite], now: int) -> list[Acceptance]:
        groups.append(len(events))
        return await accept_many(events, now)

    monkeypatch.setattr(embedded.server.store.events, "accept_many", counted)
    answers = await asyncio.gather(*(embedded.accept(an_order()) for _ in range(100)))
    assert sum(groups) == 100
    assert len(groups) <= GROUPS_AT_ONCE + 2
    assert len({answer.event for answer in answers}) == 100
    for answer in answers:
        assert (await embedded.counts(answer.event)).sent == 1


async def test_one_bad_event_does_not_harm_the_others(embedded: Embedded) -> None:
    await a_note(embedded, "order.created")
    await embedded.users("u1")
    good, unknown, nameless, last = await batch_of(
        embedded,
        an_order(),
        an_order(workflow="order.creatd"),
        an_order(recipients=[""]),
        an_order(),
    )
    assert isinstance(unknown.problem, InvalidError)
    assert unknown.problem.pointer == "/workflow"
    assert "order.created" in str(unknown.problem)
    assert isinstance(nameless.problem, InvalidError)
    assert nameless.problem.pointer == "/recipients/0"
    assert good.problem is None
    assert last.problem is None
    assert events_in(embedded) == 2


async def test_a_caller_who_goes_away_does_not_harm_the_others(embedded: Embedded) -> None:
    first = [asyncio.create_task(embedded.accept(an_order())) for _ in range(2)]
    leaving = asyncio.create_task(embedded.accept(an_order(workflow="unknown")))
    staying = asyncio.create_task(embedded.accept(an_order(id="o-1")))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).problem is None
    await asyncio.gather(*first)
    assert events_in(embedded) == 3


async def test_an_event_that_failed_in_the_store_fails_alone(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(events: list[EventWrite], now: int) -> list[Acceptance]:
        raise UnavailableError("the disk is full; free space, then repeat")

    with monkeypatch.context() as broken:
        broken.setattr(embedded.server.store.events, "accept_many", full)
        with pytest.raises(UnavailableError, match="disk is full"):
            await embedded.accept(an_order(id="o-1"))
    assert not (await embedded.accept(an_order(id="o-1"))).replayed


async def test_a_type_without_a_workflow_is_a_fact_without_a_listener(embedded: Embedded) -> None:
    accepted = await embedded.accept(an_order())
    assert accepted.problem is None
    assert accepted.workflows == ()
    assert await embedded.complete(accepted.event)


async def test_an_event_may_narrow_to_one_of_its_workflows(embedded: Embedded) -> None:
    await a_note(embedded, "first", on="order.created")
    await a_note(embedded, "second", on="order.created")
    await embedded.users("u1")
    both = await embedded.accept(an_order())
    one = await embedded.accept(an_order(workflow="second"))
    assert both.workflows == ("first", "second")
    assert one.workflows == ("second",)
    assert (await embedded.counts(both.event)).sent == 2
    assert (await embedded.counts(one.event)).sent == 1


async def test_an_event_keeps_the_version_of_the_workflow_it_was_accepted_under(
    embedded: Embedded,
) -> None:
    await embedded.users("u1")
    await embedded.topic("news", "u1")
    await a_note(embedded, "order.created")
    await embedded.hold("fanout")
    event = await embedded.send("order.created", {"topic": "news"})
    await embedded.workflow("order.created", {"channel": "inbox", "template": {"title": "Later"}})
    embedded.release("fanout")
    await embedded.settled(event)
    (content,) = embedded.rows(event)["content"]
    assert content["body"] == INBOX["template"]
    assert embedded.rows(event)["event_workflow"][0]["version"] == 1


async def test_a_stopping_server_takes_no_events(tmp_path: Path) -> None:
    server = Embedded(tmp_path / "clarion.db")
    await server.start()
    await server.stop()
    with pytest.raises(UnavailableError, match="stopping"):
        await server.accept(an_order())


async def test_an_event_that_nobody_foresaw_fails_alone(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    composer = embedded.server.acceptor._composer
    compose = composer.compose

    async def failing(env: int, drafts: list[Any], now: int, *, walk: bool = False) -> Any:
        if any(draft.incoming.data.get("bad") for _, draft in drafts):
            raise ZeroDivisionError
        return await compose(env, drafts, now, walk=walk)

    monkeypatch.setattr(composer, "compose", failing)
    documents = [an_order(data={"bad": place == 3}) for place in range(9)]
    answers = await batch_of(embedded, *documents)
    assert [place for place, answer in enumerate(answers) if answer.problem is not None] == [3]
    assert events_in(embedded) == 8
    with pytest.raises(ZeroDivisionError):
        await embedded.accept(documents[3])
