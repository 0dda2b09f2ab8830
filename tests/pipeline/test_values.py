"""The names that templates and conditions see."""

from __future__ import annotations

from clarion.core.ids import event_name
from clarion.pipeline.values import event_values, person, preview_values
from clarion.store.contract.people import UserRow
from clarion.testing.clock import START
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX

ADA = UserRow(
    id="ada",
    number=1,
    version=1,
    at=START,
    name="Ada",
    email="ada@example.org",
    roles=("ops",),
    data={"plan": "gold"},
)


def test_a_person_is_known_by_what_is_set() -> None:
    assert person(ADA) == {
        "id": "ada",
        "name": "Ada",
        "email": "ada@example.org",
        "roles": ["ops"],
        "data": {"plan": "gold"},
    }


def test_somebody_without_a_row_has_an_id_at_most() -> None:
    assert person(None, "bo") == {"id": "bo"}
    assert person(None) == {}


def test_an_event_has_its_public_id_and_its_time() -> None:
    values = event_values(
        event=bytes(16),
        type_="note",
        accepted_at=START,
        data={"n": 1},
        actor={},
        tenant=None,
        now=START,
    )
    assert values["event"] == {
        "id": event_name(bytes(16)),
        "type": "note",
        "accepted_at": "2026-01-01T12:00:00.000000Z",
    }
    assert values["tenant"] == {}
    assert values["now"] == "2026-01-01T12:00:00.000000Z"


def test_in_a_preview_the_user_stands_for_the_actor() -> None:
    values = preview_values(ADA, {}, "note", START)
    assert values["actor"]["name"] == values["user"]["name"] == "Ada"


async def test_all_names_reach_a_template_now_and_later(embedded: Embedded) -> None:
    words = (
        "{{ user.name }} {{ actor.name }} {{ data.n }} {{ event.type }} {{ event.id }} "
        "{{ tenant.id }} {{ now }}"
    )
    mail = {"channel": "email", "template": {"subject": words, "body": "-"}}
    await embedded.workflow("note", {**INBOX, "template": {"title": words}}, mail)
    await embedded.user("ada", name="Ada", email="ada@example.org")
    await embedded.user("bo", name="Bo")
    event = await embedded.told("note", "ada", actor="bo", tenant="acme", data={"n": 7})
    said = f"Ada Bo 7 note {event_name(event)} acme 2026-01-01T12:00:00.000000Z"
    item, mailed = embedded.rows(event)["content"]
    assert item["body"]["title"] == said
    assert mailed["body"]["subject"] == said
