"""Users of a page by all that is the same of them."""

from __future__ import annotations

import msgspec

from clarion.core.recipient import Recipient, ScopeKind, Setting
from clarion.core.workflow import Channel
from clarion.store.contract.people import Alike, DeviceWrite
from clarion.store.sql.store import SqlStore
from tests.store.builders import ENV, NOW, a_user

SCOPES = [(int(ScopeKind.USER), 0), (int(ScopeKind.WORKFLOW), 3)]


async def kinds(store: SqlStore, *users: int) -> dict[tuple[int, ...], Alike]:
    found = await store.people.alike(ENV, list(users), SCOPES)
    return {tuple(alike.users): alike for alike in found}


async def test_users_are_the_same_by_versions_locale_zone_and_places(store: SqlStore) -> None:
    for n in range(1, 7):
        await a_user(store, f"u{n}", locale="de" if n > 4 else None)
    await a_user(store, "u6", timezone="Asia/Tokyo")
    assert set(await kinds(store, 1, 2, 3, 4, 5, 6, 99)) == {(1, 2, 3, 4), (5,), (6,)}


async def test_destinations_stand_in_the_order_of_users_and_channels(store: SqlStore) -> None:
    for n in (1, 2, 3):
        await a_user(store, f"u{n}", email=f"u{n}@example.org")
    writes = [
        DeviceWrite(user=f"u{n}", token=f"{platform}{n}", platform=platform)
        for n in (3, 1)
        for platform in ("fcm", "apns")
    ]
    await store.people.write_devices(ENV, writes, NOW)
    found = await kinds(store, 1, 2, 3)
    both, one = found[1, 3], found[2,]
    by_one = await store.people.recipients(ENV, [1, 2, 3], SCOPES)
    assert set(both.recipient.destinations) == {Channel.PUSH, Channel.EMAIL}
    assert both.recipient == by_one[1]
    assert one.recipient == by_one[2]
    flat = [n for user in (1, 3) for found in by_one[user].destinations.values() for n in found]
    assert both.destinations == flat


async def test_who_chose_something_that_counts_is_looked_at_alone(store: SqlStore) -> None:
    for n in range(1, 6):
        await a_user(store, f"u{n}")
    for user, kind, scope in ((2, ScopeKind.USER, 0), (3, ScopeKind.WORKFLOW, 3)):
        row = Setting(user=user, kind=kind, scope=scope, channels={Channel.INBOX: False})
        await store.settings.write(ENV, user, [row], [], NOW)
    other = Setting(user=4, kind=ScopeKind.WORKFLOW, scope=8, channels={Channel.INBOX: False})
    await store.settings.write(ENV, 4, [other], [], NOW)
    await store.people.erase(ENV, "u5", NOW)
    found = await kinds(store, 1, 2, 3, 4, 5)
    assert set(found) == {(1,), (4,)}
    assert found[4,].recipient == Recipient(user=4, user_version=1, settings_version=1)


async def test_a_kind_of_one_is_what_the_look_at_one_finds(store: SqlStore) -> None:
    await a_user(store, "u1", locale="pt-BR", timezone="Europe/Lisbon", phone="+351210000000")
    ((_, alike),) = (await kinds(store, 1)).items()
    found = (await store.people.recipients(ENV, [1], SCOPES))[1]
    assert alike.recipient == msgspec.structs.replace(found, roles=())
    assert await store.people.alike(ENV, [], SCOPES) == []
