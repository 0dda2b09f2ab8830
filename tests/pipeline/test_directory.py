"""Names and numbers: near, and never those of somebody who was erased."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from clarion.store.contract.names import NameKind
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import a_note


async def erase(server: Embedded, user: str) -> None:
    await server.server.store.people.erase(server.env, user, server.clock.now())


async def test_a_returning_id_is_a_new_person(embedded: Embedded) -> None:
    await a_note(embedded)
    first = await embedded.user("ada")
    assert (await embedded.counts(await embedded.told("note", "ada"))).sent == 1
    await erase(embedded, "ada")
    second = await embedded.user("ada")
    event = await embedded.told("note", "ada")
    assert second != first
    assert (await embedded.counts(event)).sent == 1
    assert await embedded.reasons(event, "ada") == {"inbox": "level_all"}


async def test_a_returning_id_is_told_apart_as_actor_and_mention(embedded: Embedded) -> None:
    await a_note(embedded)
    await embedded.user("ada")
    await embedded.user("bo")
    await embedded.told("note", "bo", actor="ada", mentions=["ada"])
    await erase(embedded, "ada")
    await embedded.user("ada")
    await embedded.prefer("ada", level="mentions")
    own = await embedded.told("note", "ada", actor="ada")
    mentioned = await embedded.told("note", "ada", mentions=["ada"])
    assert await embedded.reasons(own, "ada") == {"inbox": "own_event"}
    assert await embedded.reasons(mentioned, "ada") == {"inbox": "mention"}


async def test_an_erased_user_is_skipped_and_nobody_by_the_name_is_known(
    embedded: Embedded,
) -> None:
    await a_note(embedded)
    await embedded.user("ada")
    before = await embedded.told("note", "ada")
    await erase(embedded, "ada")
    after = await embedded.told("note", "ada")
    assert await embedded.reasons(after, "ada") == {"inbox": "unknown_user"}
    assert (await embedded.counts(before)).sent == 1
    assert (await embedded.why(before, "ada"))["verdict"] == "not_in_audience"


async def test_who_is_erased_before_the_page_is_skipped_as_erased(embedded: Embedded) -> None:
    await a_note(embedded)
    number = await embedded.user("ada")
    await embedded.hold("fanout")
    names = ["ada", *(f"u{n}" for n in range(100))]
    event = await embedded.send("note", *names)
    await erase(embedded, "ada")
    embedded.release("fanout")
    await embedded.settled(event)
    found = {row["user"]: row for row in embedded.rows(event)["notification"]}
    assert found[number]["decided"]["steps"][0]["reason"] == "erased_user"
    assert (await embedded.counts(event)).skipped == 101


async def test_numbers_of_topics_are_asked_once(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory, names = embedded.server.core.directory, embedded.server.store.names
    asked: list[str] = []
    mint = names.mint

    async def counted(env: int, kind: NameKind, wanted: Iterable[str]) -> dict[str, int]:
        asked.extend(wanted := list(wanted))
        return await mint(env, kind, wanted)

    monkeypatch.setattr(names, "mint", counted)
    first = await directory.mint(embedded.env, NameKind.TOPIC, ["a", "b"])
    again = await directory.mint(embedded.env, NameKind.TOPIC, ["b", "c"])
    assert asked == ["a", "b", "c"]
    assert again["b"] == first["b"]


async def test_the_environment_is_known_by_its_number(embedded: Embedded) -> None:
    assert await embedded.server.core.directory.environment(embedded.env) == "default"
    assert await embedded.server.core.directory.environment(99) == ""
    await embedded.server.admit("another-key-of-another-environment", "dev", "trigger")
    dev = await embedded.server.environment("dev")
    assert await embedded.server.core.directory.environment(dev) == "dev"
