from __future__ import annotations

import pytest

from clarion.core.recipient import FOREVER, Level, ScopeKind, Setting
from clarion.core.workflow import Channel
from clarion.errors import NotFoundError
from clarion.store.contract.settings import Profile
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
