"""A page is looked up for its flow: large where people are taken by kind, and with others beside
them."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.pipeline.paging import Found, Pages
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import a_note

EVERYBODY = {"all": True}


@pytest.fixture
def pages(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> list[Found]:
    """The pages that were looked up."""
    look, found = Pages.look, list[Found]()

    async def looking(self: Pages, task: Any, event: Any, flow: Any, after: int) -> Found:
        found.append(await look(self, task, event, flow, after))
        return found[-1]

    monkeypatch.setattr(Pages, "look", looking)
    monkeypatch.setattr("clarion.pipeline.paging.PAGE_ALIKE", 10)
    monkeypatch.setattr("clarion.pipeline.paging.PAGE_RECIPIENTS", 4)
    return found


async def test_pages_are_larger_where_people_are_taken_by_kind(
    embedded: Embedded, pages: list[Found]
) -> None:
    await embedded.users(*(f"u{n:02}" for n in range(12)))
    await a_note(embedded)
    await embedded.told("note", EVERYBODY)
    assert [(len(page.users), page.last) for page in pages] == [(10, False), (2, True)]
    pages.clear()
    await embedded.workflow("hello", {"channel": "inbox", "template": {"title": "{{ user.id }}"}})
    await embedded.told("hello", EVERYBODY)
    assert [len(page.users) for page in pages] == [4, 4, 4, 0]
    assert [len(page.people.rows) for page in pages if page.people] == [4, 4, 4, 0]


async def test_those_who_are_not_the_same_stand_beside_the_kinds(
    embedded: Embedded, pages: list[Found]
) -> None:
    await embedded.users(*(f"u{n}" for n in range(6)))
    await embedded.user("u5", locale="de")
    await embedded.prefer("u2", channels={"inbox": "off"})
    await a_note(embedded)
    event = await embedded.told("note", EVERYBODY)
    (page,) = pages
    assert page.people is not None
    assert [kind.users for kind in page.people.kinds] == [[1, 2, 4, 5], [6]]
    assert [one.user for one in page.people.recipients] == [3]
    assert (await embedded.counts(event)).sent == 5


async def test_what_a_user_chose_before_the_next_page_holds_in_it(
    embedded: Embedded, pages: list[Found], monkeypatch: pytest.MonkeyPatch
) -> None:
    await embedded.users(*(f"u{n:02}" for n in range(15)))
    await a_note(embedded)
    work = embedded.server.store.work
    write_page = work.write_page

    async def acting(*written: Any) -> None:
        await write_page(*written)
        await embedded.prefer("u14", channels={"inbox": "off"})

    monkeypatch.setattr(work, "write_page", acting)
    event = await embedded.told("note", EVERYBODY)
    assert await embedded.reasons(event, "u14") == {"inbox": "channel_off"}
    assert (await embedded.counts(event)).sent == 14
