from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from clarion.clock import SECOND, to_rfc3339
from clarion.core.digest_values import (
    ACTORS_LIMIT,
    ITEMS_LIMIT,
    ITEMS_WEIGHT,
    DigestEntry,
    digest_values,
    weight,
)

START = 1_764_000_000_000_000


def entry(n: int, actor: int, **data: Any) -> DigestEntry:
    """The n-th event, by an actor (0: nobody)."""
    person = {"id": f"u{actor}", "name": f"Name {actor}"} if actor else {}
    return DigestEntry(
        event=f"evt_{n:04}", type="post.liked", accepted_at=START + n * SECOND, data=data,
        actor=person, actor_number=actor,
    )  # fmt: skip


def digest(entries: list[DigestEntry], **given: Any) -> dict[str, Any]:
    exact = {"total": 0, "actors_total": 0, **given}
    return digest_values(entries, key="post:1", written=to_rfc3339, **exact)


def test_a_digest_shows_its_events_oldest_first_and_its_actors_newest_first() -> None:
    shown = digest([entry(2, 5), entry(1, 4, post="p1"), entry(3, 6)], total=3, actors_total=3)
    assert [item["event"]["id"] for item in shown["items"]] == ["evt_0001", "evt_0002", "evt_0003"]
    assert shown["items"][0] == {
        "event": {
            "id": "evt_0001",
            "type": "post.liked",
            "accepted_at": to_rfc3339(START + SECOND),
        },
        "data": {"post": "p1"},
        "actor": {"id": "u4", "name": "Name 4"},
    }
    assert [actor["id"] for actor in shown["actors"]] == ["u6", "u5", "u4"]
    assert (shown["count"], shown["actor_count"], shown["key"]) == (3, 3, "post:1")


def test_an_actor_who_did_it_several_times_is_one_actor() -> None:
    shown = digest([entry(1, 4), entry(2, 5), entry(3, 4)], total=3, actors_total=2)
    assert [actor["id"] for actor in shown["actors"]] == ["u4", "u5"]
    assert (shown["count"], shown["actor_count"]) == (3, 2)


def test_events_without_an_actor_count_as_one_actor() -> None:
    shown = digest([entry(1, 0), entry(2, 0), entry(3, 4)])
    assert shown["actors"] == [{"id": "u4", "name": "Name 4"}, {}]
    assert shown["actor_count"] == 2


def test_counts_stay_exact_where_lists_are_cut() -> None:
    entries = [entry(n, n % 50 + 1) for n in range(1000)]
    shown = digest(entries, total=70_000, actors_total=3000)
    assert (shown["count"], shown["actor_count"]) == (70_000, 3000)
    assert len(shown["items"]) == ITEMS_LIMIT
    assert len(shown["actors"]) == ACTORS_LIMIT
    assert shown["items"][-1]["event"]["id"] == "evt_0999"


def test_the_span_covers_what_was_not_kept() -> None:
    entries = [entry(5, 1), entry(7, 1)]
    assert digest(entries)["first_at"] == to_rfc3339(START + 5 * SECOND)
    shown = digest(entries, first_at=START, last_at=START + 6 * SECOND)
    assert shown["first_at"] == to_rfc3339(START)
    assert shown["last_at"] == to_rfc3339(START + 7 * SECOND)


def test_a_digest_of_nothing_is_empty() -> None:
    shown = digest([])
    assert (shown["count"], shown["items"], shown["first_at"]) == (0, [], None)


def test_large_items_are_fewer_and_one_is_always_there() -> None:
    shown = digest([entry(n, 1, text="x" * 10_000) for n in range(100)], total=100)
    assert 1 < len(shown["items"]) < 20
    assert shown["items"][-1]["event"]["id"] == "evt_0099"
    assert len(digest([entry(n, 1, text="x" * 500_000) for n in range(3)])["items"]) == 1


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 20)), max_size=150))
def test_a_digest_never_shows_more_than_it_counts(made: list[tuple[int, int]]) -> None:
    shown = digest([entry(n, actor) for n, actor in made], total=1, actors_total=1)
    assert len(shown["items"]) <= min(shown["count"], ITEMS_LIMIT)
    assert len(shown["actors"]) <= min(shown["actor_count"], ACTORS_LIMIT)
    assert shown["count"] == max(1, len(made))
    assert sum(map(weight, shown["items"])) <= ITEMS_WEIGHT or len(shown["items"]) == 1
