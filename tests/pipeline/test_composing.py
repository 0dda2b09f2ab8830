"""From an event to its audience: named people, topics, everybody, expressions, endpoints."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.core.workflow import Channel
from clarion.errors import InvalidError
from clarion.testing.embedded import Embedded
from clarion.testing.fakes.fcm import FakeFcm
from clarion.testing.fakes.webhook import FakeReceiver
from tests.pipeline.builders import INBOX, PUSH, a_hook, a_note

WEBHOOK = list(Channel).index(Channel.WEBHOOK) + 1
PUSHED = list(Channel).index(Channel.PUSH) + 1
EVERYBODY = {"all": True}


def told(server: Embedded, event: bytes) -> list[str]:
    """Whom the ledger knows as told, by name."""
    rows = server.rows(event).get("notification", [])
    return sorted(row["user"] for row in rows if row["bucket"] == "sent")


async def test_a_few_named_people_are_decided_as_the_event_is_accepted(embedded: Embedded) -> None:
    await a_note(embedded)
    await embedded.users("u1", "u2")
    await embedded.hold("fanout")
    event = await embedded.send("note", "u1", {"id": "u2"}, "u1")
    assert told(embedded, event) == ["u1", "u2"]
    assert "task" not in embedded.rows(event)


async def test_many_named_people_get_the_same_decisions_by_a_task(embedded: Embedded) -> None:
    names = [f"u{n:03}" for n in range(101)]
    await a_note(embedded)
    await embedded.users(*names[:-2])
    await embedded.prefer("u003", level="none")
    await embedded.prefer("u004", workflows={"note": {"inbox": "off"}})
    await embedded.prefer("u005", actors={"u006": {"mute_until": "forever"}})
    fields: dict[str, Any] = {"actor": "u006", "mentions": ["u007"]}
    inline = await embedded.told("note", *names[:50], *names[99:], **fields)
    paged = await embedded.told("note", *names, **fields)
    assert "task" not in embedded.rows(inline)
    assert embedded.rows(paged)["task"][0]["source"] == "users"
    by_user = {row["user"]: row for row in embedded.rows(paged)["notification"]}
    assert len(by_user) == 101
    for row in embedded.rows(inline)["notification"]:
        assert row == by_user[row["user"]]
    assert (await embedded.counts(paged)).sent == 101 - 6


async def test_a_long_list_says_who_was_not_on_it(embedded: Embedded) -> None:
    await a_note(embedded)
    await embedded.users("zoe")
    event = await embedded.told("note", *(f"u{n}" for n in range(101)))
    why = await embedded.why(event, "zoe")
    assert why["verdict"] == "not_in_audience"
    assert "it named 101 others" in why["because"]


async def test_who_is_named_and_subscribed_is_told_once(embedded: Embedded) -> None:
    await a_note(embedded)
    await embedded.users("u1", "u2", "u3")
    await embedded.topic("store:42", "u1", "u2")
    await embedded.topic("store:43", "u2", "u3")
    event = await embedded.told("note", "u1", {"topic": "store:42"}, {"topic": "store:43"})
    assert told(embedded, event) == ["u1", "u2", "u3"]
    assert (await embedded.counts(event)).sent == 3
    assert len(embedded.rows(event)["item"]) == 3


async def test_a_topic_leaves_out_whom_it_excepts(embedded: Embedded) -> None:
    await a_note(embedded)
    await embedded.users("u1", "u2", "u3")
    await embedded.topic("store:42", "u1", "u2", "u3")
    event = await embedded.told("note", {"topic": "store:42", "except": ["u2", "u9"]}, "u3")
    assert told(embedded, event) == ["u1", "u3"]
    why = await embedded.why(event, "u2")
    assert why["verdict"] == "not_in_audience"
    assert "the event excepted u2 from the topic store:42" in why["because"]


async def test_all_is_everybody_of_the_environment(embedded: Embedded) -> None:
    await a_note(embedded)
    await embedded.users("u1", "u2", "u3")
    await embedded.server.store.people.erase(embedded.env, "u3", embedded.clock.now())
    event = await embedded.told("note", {"all": True, "except": ["u2"]})
    assert told(embedded, event) == ["u1"]


async def test_all_with_a_tenant_is_everybody_of_the_tenant(embedded: Embedded) -> None:
    await a_note(embedded)
    await embedded.users("u1", "u2", "u3")
    await embedded.member("acme", "u1", "u3")
    people, now = embedded.server.store.people, embedded.clock.now()
    await people.join(embedded.env, "acme", "u3", False, now)
    event = await embedded.told("note", EVERYBODY, tenant="acme")
    nobody = await embedded.told("note", EVERYBODY, tenant="unknown")
    assert told(embedded, event) == ["u1"]
    assert (await embedded.counts(nobody)).sent == 0


async def test_nobody_is_told_of_an_empty_list(embedded: Embedded) -> None:
    await a_note(embedded)
    accepted = await embedded.accept({"type": "note", "recipients": []})
    assert accepted.workflows == ("note",)
    assert await embedded.complete(accepted.event)
    assert "notification" not in embedded.rows(accepted.event)


async def test_a_provider_side_topic_is_one_delivery(wired: Embedded, fcm: FakeFcm) -> None:
    await wired.workflow("news", INBOX, PUSH)
    event = await wired.told("news", {"fcm_topic": "sports"})
    assert [request.message["topic"] for request in fcm.requests] == ["sports"]
    (row,) = wired.rows(event)["notification"]
    assert [step["reason"] for step in row["decided"]["steps"]] == [
        "no_destination",
        "no_preferences",
    ]
    assert (await wired.counts(event, PUSHED)).sent == 1


async def test_a_provider_side_topic_named_twice_is_told_once(
    wired: Embedded, fcm: FakeFcm
) -> None:
    await wired.workflow("news", PUSH)
    event = await wired.told("news", {"fcm_topic": "sports"}, {"fcm_topic": "sports"})
    assert len(fcm.requests) == 1
    assert (await wired.counts(event, PUSHED)).sent == 1


async def test_a_webhook_without_recipients_is_one_delivery(
    wired: Embedded, receiver: FakeReceiver
) -> None:
    await wired.workflow("news", a_hook(f"{receiver.base_url}/hook"))
    event = await wired.told("news", data={"n": 1})
    assert [request.path for request in receiver.requests] == ["/hook"]
    assert (await wired.counts(event, WEBHOOK)).sent == 1


async def test_a_webhook_with_recipients_is_one_delivery_each(
    wired: Embedded, receiver: FakeReceiver
) -> None:
    hook = a_hook(f"{receiver.base_url}/hook/{{{{ user.id }}}}")
    await wired.workflow("news", hook)
    await wired.users("u1", "u2", "u3")
    await wired.topic("store:42", "u2", "u3")
    event = await wired.told("news", "u1", {"topic": "store:42"})
    paths = sorted(request.path for request in receiver.requests)
    assert paths == ["/hook/u1", "/hook/u2", "/hook/u3"]
    assert (await wired.counts(event, WEBHOOK)).sent == 3


async def test_an_inline_recipient_is_upserted(embedded: Embedded) -> None:
    await embedded.workflow(
        "note", {"channel": "inbox", "template": {"title": "Hi {{ user.name }}"}}
    )
    await embedded.user("u1", name="Old", phone="+4915112345678")
    event = await embedded.told("note", {"id": "u1", "name": "New"}, {"id": "u2", "name": "Bo"})
    titles = sorted(row["body"]["title"] for row in embedded.rows(event)["content"])
    assert titles == ["Hi Bo", "Hi New"]
    people = await embedded.server.store.people.users(embedded.env, ["u1"])
    assert people["u1"].phone == "+4915112345678"


async def test_an_unknown_person_is_skipped_and_counted(embedded: Embedded) -> None:
    await a_note(embedded)
    event = await embedded.told("note", "ghost")
    assert (await embedded.counts(event)).skipped == 1
    assert await embedded.reasons(event, "ghost") == {"inbox": "unknown_user"}


@pytest.mark.parametrize(
    ("audience", "people"),
    [
        ('topic("store:" + data.store)', ["u1", "u2"]),
        ("user(data.owner)", ["u3"]),
        ('[topic("store:" + data.store), user(data.owner), user("u1")]', ["u1", "u2", "u3"]),
        ("all()", ["u1", "u2", "u3", "u4"]),
        ("data.urgent ? [user(data.owner)] : []", []),
        ("user(actor.id)", ["u4"]),
    ],
)
async def test_an_expression_finds_the_audience(
    embedded: Embedded, audience: str, people: list[str]
) -> None:
    await a_note(embedded, audience=audience, category="security")
    await embedded.users("u1", "u2", "u3", "u4")
    await embedded.topic("store:42", "u1", "u2")
    event = await embedded.told(
        "note", data={"store": "42", "owner": "u3", "urgent": False}, actor="u4"
    )
    assert told(embedded, event) == people


async def test_recipients_of_the_event_go_before_the_expression(embedded: Embedded) -> None:
    await a_note(embedded, audience="user(data.owner)")
    await embedded.users("u1", "u2")
    event = await embedded.told("note", "u1", data={"owner": "u2"})
    assert told(embedded, event) == ["u1"]


async def test_what_the_expression_misses_is_a_clear_problem(embedded: Embedded) -> None:
    await a_note(embedded, audience='topic("store:" + data.store)')
    accepted = await embedded.accept({"type": "note"})
    assert isinstance(accepted.problem, InvalidError)
    assert "store" in str(accepted.problem)
    assert "send it" in str(accepted.problem)


@pytest.mark.parametrize("owner", ["", "a\nb", "x" * 257])
async def test_an_id_from_an_expression_is_held_to_the_rules_of_ids(
    embedded: Embedded, owner: str
) -> None:
    await a_note(embedded, audience="user(data.owner)")
    accepted = await embedded.accept({"type": "note", "data": {"owner": owner}})
    assert isinstance(accepted.problem, InvalidError)
    assert embedded.select("select count(*) from name where kind = 1") == [(0,)]


async def test_why_tells_the_expression_that_found_the_audience(embedded: Embedded) -> None:
    await a_note(embedded, audience='topic("store:" + data.store)')
    await embedded.users("zoe")
    event = await embedded.told("note", data={"store": "42"})
    audience = (await embedded.why(event, "zoe"))["facts"]["audience"]
    assert audience[0]["expression"] == 'topic("store:" + data.store)'
    assert audience[0]["topics"][0]["topic"] == "store:42"
