"""Broadcasts: one row an event, members asked of the history, undecided counted."""

from __future__ import annotations

import pytest

from clarion.core.recipient import Level, ScopeKind, Setting, Standing
from clarion.errors import LostLeaseError
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import UserWrite
from clarion.store.sql import broadcasts as module
from clarion.store.sql.store import SqlStore
from tests.store.broadcasting import (
    LANE,
    a_look,
    audited,
    count_all,
    published,
    told,
    undecided,
)
from tests.store.builders import ENV, LEASE, NOW, SECOND


async def subscribed(store: SqlStore, *names: str, topic: str = "show", at: int = NOW - 1) -> None:
    await store.topics.subscribe(ENV, topic, list(names), [], at)


async def number(store: SqlStore, name: str) -> int:
    return (await store.names.mint(ENV, NameKind.USER, [name]))[name]


async def seen(store: SqlStore, name: str, marker: int = 0, tenant: int = 0) -> list[bytes]:
    user = await number(store, name)
    newest = await store.broadcasts.newest(ENV)
    found = await store.broadcasts.after(ENV, tenant, {user: marker}, newest, 100)
    return [found.broadcasts[seq].event for seq in found.members.get(user, ())]


async def test_a_broadcast_is_found_by_its_members_in_both_ways(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await subscribed(store, "ana", "bo")
    await store.topics.subscribe(ENV, "show", [], ["bo"], NOW - 1)
    first = await published(store)
    second = await published(store, at=NOW + SECOND, n=2, tenant=7)
    await subscribed(store, "bo", at=NOW + SECOND)
    for few in (200, 0):
        monkeypatch.setattr(module, "FEW", few)
        assert await seen(store, "ana") == [first]
        assert await seen(store, "ana", tenant=7) == [second]
        assert await seen(store, "ana", marker=1) == []
        assert await seen(store, "bo") == []
        assert await seen(store, "bo", tenant=7) == [second]
        assert await seen(store, "cy") == []


async def test_a_step_ends_at_the_last_one_it_answers(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await subscribed(store, "ana")
    for n in range(5):
        await published(store, at=NOW + n, n=n)
    ana = await number(store, "ana")
    for few in (200, 0):
        monkeypatch.setattr(module, "FEW", few)
        found = await store.broadcasts.after(ENV, 0, {ana: 1}, 5, 2)
        assert (found.reached, found.members) == ({ana: 3}, {ana: [2, 3]})
        found = await store.broadcasts.after(ENV, 0, {ana: 3}, 5, 3)
        assert (found.reached, found.members) == ({ana: 5}, {ana: [4, 5]})


async def test_numbers_go_on_where_old_broadcasts_are_forgotten(store: SqlStore) -> None:
    await subscribed(store, "ana")
    old = await published(store)
    await count_all(store)
    while await store.retention.events(ENV, b"\xff" * 16, 10, 100):
        pass
    assert await store.broadcasts.of_event(ENV, old) == []
    event = await published(store, at=NOW + SECOND, n=2)
    assert [one.seq for one in await store.broadcasts.of_event(ENV, event)] == [2]


async def test_members_are_counted_page_by_page(store: SqlStore) -> None:
    await subscribed(store, *(f"u{n}" for n in range(7)))
    event = await published(store)
    await count_all(store, limit=3)
    assert await undecided(store, event) == 7
    (row,) = (await store.events.rows(ENV, [event])).values()
    assert row.expanding == 0
    assert await audited(store) == []


async def test_who_lost_the_task_counts_nobody(store: SqlStore) -> None:
    await subscribed(store, "ana")
    event = await published(store)
    worker = await store.work.start_worker([LANE], LEASE, NOW)
    (task,) = await store.work.claim_tasks([LANE], worker, 1, NOW + 1)
    await store.work.give_back(task, NOW, 0)
    with pytest.raises(LostLeaseError):
        await store.broadcasts.count(task, 10)
    assert await undecided(store, event) == 0


async def test_the_facts_are_those_of_the_instant(store: SqlStore) -> None:
    people, settings = store.people, store.settings
    (ana,) = await people.write_users(ENV, [UserWrite(id="ana", changed={"locale": "de"})], NOW)
    row = Setting(user=ana.number, kind=ScopeKind.USER, scope=0, level=Level.NONE)
    await settings.write(ENV, ana.number, [row], [], NOW + 2)
    await people.write_users(ENV, [UserWrite(id="ana", changed={"locale": "fr"})], NOW + 4)
    instants = [NOW - 1, NOW, NOW + 2, NOW + 5]
    asked = [(ana.number, at) for at in instants]
    known = await store.broadcasts.recipients(ENV, asked)
    facts = {at: known[ana.number, at] for at in instants}
    assert [facts[at].standing for at in instants] == [Standing.UNKNOWN, *[Standing.KNOWN] * 3]
    assert [facts[at].locale for at in instants] == [None, "de", "de", "fr"]
    assert [len(facts[at].settings) for at in instants] == [0, 0, 1, 1]
    assert [facts[at].user_version for at in instants[1:]] == [1, 1, 2]


async def test_the_erased_keep_their_place_in_the_counts(store: SqlStore) -> None:
    users = [UserWrite(id=f"u{n}", changed={}) for n in range(4)]
    written = await store.people.write_users(ENV, users, NOW - 5)
    await subscribed(store, *(user.id for user in users))
    event = await published(store)
    await store.people.erase(ENV, "u0", NOW + 1)
    look = a_look(written[1].number, told(event, written[1].number))
    assert await store.broadcasts.write(look) == set()
    await store.people.erase(ENV, "u1", NOW + 1)
    assert await audited(store) == []
    await count_all(store)
    assert await undecided(store, event) == 3
    await store.people.erase(ENV, "u2", NOW + 1)
    assert await undecided(store, event) == 3
    assert await audited(store) == []


async def test_the_audit_finds_a_count_that_is_wrong(store: SqlStore) -> None:
    await subscribed(store, "ana", "bo")
    event = await published(store)
    await count_all(store)
    ana = await number(store, "ana")
    await store.work.start_worker([LANE], LEASE, NOW)
    assert await store.broadcasts.write(a_look(ana, told(event, ana))) == set()
    assert await audited(store) == []
    await store.topics._executor.write(
        lambda tx: tx.run("topics/end_page", NOW - 1, ENV, 1, 0, 2**40), 0
    )
    (wrong,) = await audited(store)
    assert (wrong.what, wrong.counted, wrong.found) == ("broadcast of workflow 1: undecided", 1, -1)


async def test_a_topic_says_which_form_it_wants(store: SqlStore) -> None:
    async def put(form: str) -> int:
        row = await store.topics.put(
            ENV, "show", parent=None, kind="topic", default_level=None, data={}, now=NOW,
            broadcast=form,
        )  # fmt: skip
        assert row.broadcast == form
        return row.number

    topic = await put("always")
    assert await store.broadcasts.forms(ENV, [topic]) == {topic: "always"}
    await put("auto")
    assert await store.broadcasts.forms(ENV, [topic]) == {}
