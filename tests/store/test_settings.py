from __future__ import annotations

from random import Random

import pytest

from clarion.core.recipient import FOREVER, Level, ScopeKind, Setting, Window
from clarion.core.workflow import Channel
from clarion.errors import NotFoundError
from clarion.store.contract.settings import Profile, SettingChange
from clarion.store.sql.store import SqlStore
from tests.store.builders import ENV, NOW, a_user


async def test_choices_come_back_as_written(store: SqlStore) -> None:
    user = await a_user(store, "u1")
    rows = [
        Setting(
            user,
            ScopeKind.TOPIC,
            9,
            level=Level.MENTIONS,
            mute_until=FOREVER,
            suppress=("everyone", "roles"),
            channels={Channel.PUSH: False, Channel.EMAIL: True},
        ),
        Setting(user, ScopeKind.USER, 0, channels={Channel.SMS: False}),
        Setting(user, ScopeKind.ACTOR, 7, mute_until=NOW),
    ]
    assert await store.settings.write(ENV, user, rows, [], NOW) == 1
    assert await store.settings.rows(ENV, user) == (1, rows)


async def test_quiet_hours_pause_and_cadence_come_back_as_written(store: SqlStore) -> None:
    user = await a_user(store, "u1")
    windows = (Window((0, 4), 22 * 60, 7 * 60), Window((6,), 0, 0))
    rows = [
        Setting(user, ScopeKind.USER_IN_TENANT, 3, quiet=()),
        Setting(user, ScopeKind.USER, 0, quiet=windows, pause_until=FOREVER, cadence="daily"),
    ]
    await store.settings.write(ENV, user, rows, [], NOW)
    assert await store.settings.rows(ENV, user) == (1, rows)
    assert (await store.people.recipients(ENV, [user], [(5, 0)]))[user].settings == (rows[1],)


async def test_a_write_replaces_its_scopes_and_leaves_the_others(store: SqlStore) -> None:
    user = await a_user(store, "u1")
    topic = Setting(user, ScopeKind.TOPIC, 9, level=Level.NONE)
    await store.settings.write(ENV, user, [topic, Setting(user, ScopeKind.USER, 0)], [], NOW)
    changed = Setting(user, ScopeKind.TOPIC, 9, level=Level.ALL)
    assert await store.settings.write(ENV, user, [changed], [(ScopeKind.USER, 0)], NOW) == 2
    assert await store.settings.rows(ENV, user) == (2, [changed])


async def test_a_scope_written_and_cleared_at_once_is_written(store: SqlStore) -> None:
    user = await a_user(store, "u1")
    row = Setting(user, ScopeKind.USER, 0, level=Level.ALL)
    await store.settings.write(ENV, user, [row], [(ScopeKind.USER, 0)], NOW)
    assert await store.settings.rows(ENV, user) == (1, [row])


async def test_every_version_can_be_read_back(store: SqlStore) -> None:
    user = await a_user(store, "u1")
    none = Setting(user, ScopeKind.TOPIC, 9, level=Level.NONE)
    every = Setting(user, ScopeKind.TOPIC, 9, level=Level.ALL)
    other = Setting(user, ScopeKind.USER, 0, level=Level.MENTIONS)
    await store.settings.write(ENV, user, [none], [], NOW)
    await store.settings.write(ENV, user, [other], [], NOW)
    await store.settings.write(ENV, user, [], [(ScopeKind.TOPIC, 9)], NOW)
    await store.settings.write(ENV, user, [every], [], NOW)
    expected = [[], [none], [none, other], [other], [every, other]]
    for version, rows in enumerate(expected):
        assert await store.settings.rows(ENV, user, version) == (version, rows)


async def test_the_choices_of_who_does_not_exist_are_refused(store: SqlStore) -> None:
    with pytest.raises(NotFoundError):
        await store.settings.write(ENV, 5, [Setting(5, ScopeKind.USER, 0)], [], NOW)
    await a_user(store, "u1")
    await store.people.erase(ENV, "u1", NOW)
    with pytest.raises(NotFoundError):
        await store.settings.write(ENV, 1, [Setting(1, ScopeKind.USER, 0)], [], NOW)
    assert await store.settings.rows(ENV, 5) == (0, [])


async def test_tenants_and_environment_share_a_version_per_environment(store: SqlStore) -> None:
    row = Setting(0, ScopeKind.ENVIRONMENT, 0)
    assert await store.settings.write(ENV, 0, [row], [], NOW) == 1
    assert await store.settings.write(ENV, 0, [Setting(0, ScopeKind.TENANT, 3)], [], NOW) == 2
    assert await store.settings.write(ENV + 1, 0, [row], [], NOW) == 1


async def test_profiles_of_tenants_and_environment_stand_apart(store: SqlStore) -> None:
    assert await store.settings.profiles(ENV, [0, 3]) == {}
    await store.settings.write_profile(ENV, 0, {"locale": "en"})
    await store.settings.write_profile(ENV, 3, {"locale": "de", "timezone": "Europe/Vienna"})
    await store.settings.write_profile(ENV + 1, 3, {"locale": "fr"})
    assert await store.settings.profiles(ENV, [0, 3, 4]) == {
        0: Profile(locale="en"),
        3: Profile(locale="de", timezone="Europe/Vienna"),
    }


async def test_a_profile_keeps_what_a_change_does_not_name(store: SqlStore) -> None:
    await store.settings.write_profile(ENV, 3, {"locale": "de", "timezone": "Europe/Vienna"})
    changed = await store.settings.write_profile(ENV, 3, {"locale": None})
    assert changed == Profile(timezone="Europe/Vienna")
    assert await store.settings.profiles(ENV, [3]) == {3: changed}


async def test_what_held_at_an_instant_is_what_was_written_then(store: SqlStore) -> None:
    user = await a_user(store, "u1")
    chance = Random(7)
    held: list[tuple[int, list[Setting]]] = []
    now = NOW
    for _ in range(30):
        now += chance.choice([0, 1, 1000])
        scope = chance.randrange(3)
        row = Setting(user, ScopeKind.TOPIC, scope, level=chance.choice(list(Level)))
        gone = [(ScopeKind.TOPIC, chance.randrange(3))] if chance.random() < 0.3 else []
        await store.settings.write(ENV, user, [row], gone, now)
        held.append((now, (await store.settings.rows(ENV, user))[1]))
    assert await store.settings.rows_at(ENV, user, NOW - 1) == (0, [])
    last = dict(enumerate(held, 1))
    for instant in {moment + shift for moment, _ in held for shift in (0, 1, 500)}:
        version = max((v for v, (moment, _) in last.items() if moment <= instant), default=0)
        expected = (version, last[version][1] if version else [])
        assert await store.settings.rows_at(ENV, user, instant) == expected


async def test_defaults_are_read_as_of_an_instant_too(store: SqlStore) -> None:
    first = Setting(0, ScopeKind.ENVIRONMENT, 0, cadence="daily")
    tenant = Setting(0, ScopeKind.TENANT, 3, level=Level.NONE)
    await store.settings.write(ENV, 0, [first], [], NOW)
    await store.settings.write(ENV, 0, [tenant], [], NOW + 5)
    assert await store.settings.rows_at(ENV, 0, NOW + 4) == (1, [first])
    assert await store.settings.rows_at(ENV, 0, NOW + 5) == (2, [tenant, first])
    assert await store.settings.rows_at(ENV + 1, 0, NOW + 5) == (0, [])


async def test_changes_tell_what_was_there_before_newest_first(store: SqlStore) -> None:
    user = await a_user(store, "u1")
    kinds = list(ScopeKind)
    none = Setting(user, ScopeKind.TOPIC, 9, level=Level.NONE)
    every = Setting(user, ScopeKind.TOPIC, 9, level=Level.ALL)
    own = Setting(user, ScopeKind.USER, 0, cadence="weekly")
    await store.settings.write(ENV, user, [none, own], [], NOW)
    await store.settings.write(ENV, user, [every], [], NOW + 1)
    await store.settings.write(ENV, user, [], [(ScopeKind.TOPIC, 9)], NOW + 2)

    def changed(
        version: int, kind: ScopeKind, scope: int, before: Setting | None, after: Setting | None
    ) -> SettingChange:
        return SettingChange(
            version=version, at=NOW + version - 1, kind=kind, scope=scope, before=before,
            after=after,
        )  # fmt: skip

    whole = [
        changed(3, ScopeKind.TOPIC, 9, every, None),
        changed(2, ScopeKind.TOPIC, 9, none, every),
        changed(1, ScopeKind.USER, 0, None, own),
        changed(1, ScopeKind.TOPIC, 9, None, none),
    ]
    assert await store.settings.changes(ENV, user, kinds, None, None, 10) == whole
    position = (1, int(ScopeKind.USER), 0)
    assert await store.settings.changes(ENV, user, kinds, None, position, 10) == whole[3:]
    assert await store.settings.changes(ENV, user, kinds, None, None, 2) == whole[:2]
    topics = [ScopeKind.TOPIC]
    assert await store.settings.changes(ENV, user, topics, 9, None, 9) == [*whole[:2], whole[3]]
    assert await store.settings.changes(ENV, user, topics, 8, None, 9) == []


async def test_a_change_tells_where_it_was_made(store: SqlStore) -> None:
    user = await a_user(store, "u1")
    row = Setting(user, ScopeKind.USER, 0, cadence="weekly")
    cleared = [(ScopeKind.USER, 0)]
    await store.settings.write(ENV, user, [row], [], NOW, "preference page")
    await store.settings.write(ENV, user, [], cleared, NOW, source="unsubscribe link")
    await store.settings.write(ENV, user, [row], [], NOW)
    told = await store.settings.changes(ENV, user, [ScopeKind.USER], None, None, 10)
    assert [change.source for change in told] == ["", "unsubscribe link", "preference page"]


async def test_owners_are_those_who_have_rows_now(store: SqlStore) -> None:
    users = [await a_user(store, f"u{n}") for n in range(4)]
    for user in users[:3]:
        rows = [Setting(user, ScopeKind.TOPIC, n, level=Level.ALL) for n in (1, 2)]
        await store.settings.write(ENV, user, rows, [], NOW)
    await store.settings.write(ENV, 0, [Setting(0, ScopeKind.ENVIRONMENT, 0)], [], NOW)
    gone = [(ScopeKind.TOPIC, n) for n in (1, 2)]
    await store.settings.write(ENV, users[1], [], gone, NOW)
    assert await store.settings.owners(ENV, 0, 10) == [users[0], users[2]]
    assert await store.settings.owners(ENV, users[0], 10) == [users[2]]
    assert await store.settings.owners(ENV, 0, 1) == [users[0]]
    found = await store.settings.rows_of(ENV, users)
    assert {user: len(rows) for user, rows in found.items()} == {users[0]: 2, users[2]: 2}
