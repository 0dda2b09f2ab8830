"""What is kept about one user, page by page, and nothing of anybody else."""

from __future__ import annotations

from typing import Any

from clarion.core.states import DeliveryStatus
from clarion.store.contract.export import Place, Story
from clarion.store.sql.export import SECTIONS
from clarion.store.sql.people_erase import names_only
from clarion.store.sql.store import SqlStore
from tests.store.builders import ENV, NOW, WORKFLOW, a_push_page, an_event, an_event_id
from tests.store.test_people_erase import a_full_user

SOLE = {"workflow": 1, "users": [7], "named": 1, "topics": [], "everyone": False, "fcm_topics": []}


async def everything(store: SqlStore, user: int, section: str, limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: Place | None = None
    while True:
        rows, after = await store.export.page(ENV, user, section, after, limit)
        found += rows
        if after is None:
            return found


async def test_each_section_has_what_there_is(store: SqlStore) -> None:
    user, _ = await a_full_user(store)
    counts = {name: len(await everything(store, user, name, 50)) for name in SECTIONS}
    assert counts == {
        "user_history": 1,
        "destinations": 2,
        "preference_history": 1,
        "memberships": 1,
        "subscriptions": 1,
        "inbox": 1,
        "captures": 0,
    }
    (item,) = await everything(store, user, "inbox", 50)
    assert item["content"] == {"title": "both"}
    for section in SECTIONS:
        assert await everything(store, user + 1, section, 50) == [] or section == "subscriptions"


async def test_pages_hold_every_row_once(store: SqlStore) -> None:
    user, _ = await a_full_user(store)
    for number in range(7):
        await store.topics.subscribe(ENV, f"more:{number}", ["u1"], [], NOW)
    whole = await everything(store, user, "subscriptions", 50)
    assert len(whole) == 8
    for limit in (1, 2, 4, 8):
        assert await everything(store, user, "subscriptions", limit) == whole


async def test_a_story_holds_words_and_deliveries(store: SqlStore) -> None:
    user, event = await a_full_user(store)
    other = an_event_id(2)
    await store.events.accept_many([an_event(other, a_push_page(other, user + 1, 9))], NOW)
    keys = [(event, WORKFLOW), (other, WORKFLOW)]
    stories = await store.export.stories(ENV, user, keys)
    assert stories[event, WORKFLOW].contents == [
        (0, "en", {"title": "both"}),
        (1, "en", {"title": "mine"}),
    ]
    ((step, _, status, created_at, _),) = stories[event, WORKFLOW].deliveries
    assert (step, status, created_at) == (1, DeliveryStatus.READY, NOW)
    assert stories[other, WORKFLOW] == Story()


def test_an_event_is_ones_own_when_it_names_nobody_else() -> None:
    assert names_only([SOLE], 7)
    assert names_only([SOLE, {**SOLE, "users": [], "named": 0}], 7)
    assert not names_only([], 7)
    assert not names_only([SOLE], 8)
    assert not names_only([{**SOLE, "users": [], "named": 500}], 7)
    for wider in ({"users": [7, 8], "named": 2}, {"topics": [[3, []]]}, {"everyone": True}):
        assert not names_only([{**SOLE, **wider}], 7)
