from __future__ import annotations

from typing import Any

import pytest

from clarion.core.recipient import Level, Recipient, ScopeKind, Setting, Standing
from clarion.core.workflow import Channel
from clarion.errors import InvalidError
from clarion.store.contract.law import ConsentWrite
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import DeviceWrite, UserWrite, Written
from clarion.store.sql import people
from clarion.store.sql.store import SqlStore
from tests.store.builders import ENV, NOW, a_user


async def write(
    store: SqlStore, id_: str, version: int | None = None, replace: bool = False, **fields: Any
) -> Written:
    change = UserWrite(id=id_, changed=fields, replace=replace, version=version)
    return (await store.people.write_users(ENV, [change], NOW))[0]


async def recipient(
    store: SqlStore, user: int, scopes: list[tuple[int, int]] | None = None
) -> Recipient:
    return (await store.people.recipients(ENV, [user], scopes or []))[user]


async def test_a_user_comes_back_as_written(store: SqlStore) -> None:
    written = await write(
        store,
        "u1",
        version=7,
        locale="de-AT",
        timezone="Europe/Vienna",
        email="a@example.org",
        phone="+431",
        name="Änne",
        roles=["ops", "dev"],
        data={"plan": {"level": 2}},
    )
    assert written == Written(id="u1", number=1, version=1, applied=True, created=True)
    row = (await store.people.users(ENV, ["u1", "nobody"]))["u1"]
    assert (row.locale, row.timezone, row.email, row.phone, row.name) == (
        "de-AT",
        "Europe/Vienna",
        "a@example.org",
        "+431",
        "Änne",
    )
    assert row.roles == ("ops", "dev")
    assert row.data == {"plan": {"level": 2}}
    assert (row.version, row.source_version, row.at) == (1, 7, NOW)
    assert await store.people.users_by_number(ENV, [1, 5]) == {1: row}


async def test_a_patch_keeps_what_it_does_not_name(store: SqlStore) -> None:
    await write(store, "u1", name="A", locale="en", data={"a": 1, "b": {"c": 2, "d": 3}})
    await write(store, "u1", locale=None, data={"a": None, "b": {"c": 9}, "e": [1]})
    row = (await store.people.users(ENV, ["u1"]))["u1"]
    assert (row.name, row.locale) == ("A", None)
    assert row.data == {"b": {"c": 9, "d": 3}, "e": [1]}


async def test_a_put_clears_what_it_does_not_name(store: SqlStore) -> None:
    await write(store, "u1", name="A", roles=["ops"], data={"a": 1}, email="a@example.org")
    await write(store, "u1", replace=True, locale="en")
    row = (await store.people.users(ENV, ["u1"]))["u1"]
    assert (row.name, row.roles, row.data, row.email, row.locale) == (None, (), {}, None, "en")


async def test_an_older_version_changes_nothing(store: SqlStore) -> None:
    await write(store, "u1", version=5, name="new")
    late = await write(store, "u1", version=4, name="old")
    assert (late.applied, late.version) == (False, 1)
    assert (await store.people.users(ENV, ["u1"]))["u1"].name == "new"


async def test_an_equal_version_is_applied_and_repeats_without_a_trace(store: SqlStore) -> None:
    await write(store, "u1", version=5, name="A")
    repeated = await write(store, "u1", version=5, name="A")
    assert (repeated.applied, repeated.version) == (True, 1)
    mended = await write(store, "u1", version=5, name="B")
    assert (mended.applied, mended.version) == (True, 2)


async def test_a_newer_version_holds_even_when_nothing_else_changed(store: SqlStore) -> None:
    await write(store, "u1", version=5, name="A")
    assert (await write(store, "u1", version=8, name="A")).version == 1
    assert not (await write(store, "u1", version=7, name="B")).applied


async def test_writes_of_one_user_in_a_batch_are_applied_in_order(store: SqlStore) -> None:
    writes = [
        UserWrite(id="u1", changed={"name": "A", "email": "a@example.org"}),
        UserWrite(id="u2", changed={"name": "X"}),
        UserWrite(id="u1", changed={"name": "B", "email": "b@example.org"}),
    ]
    answers = await store.people.write_users(ENV, writes, NOW)
    assert [(a.number, a.version, a.created) for a in answers] == [
        (1, 1, True),
        (2, 1, True),
        (1, 2, False),
    ]
    live = [d.address for d in await store.people.destinations(ENV, 1)]
    assert live == ["b@example.org"]
    assert (await store.people.users(ENV, ["u1"]))["u1"].name == "B"


async def test_a_field_users_do_not_have_is_refused(store: SqlStore) -> None:
    with pytest.raises(InvalidError, match="mail"):
        await write(store, "u1", mail="a@example.org")
    assert await store.people.users(ENV, ["u1"]) == {}


async def test_addresses_become_destinations(store: SqlStore) -> None:
    user = await a_user(store, "u1", email="A@Example.org", phone="+431")
    rows = await store.people.destinations(ENV, user)
    assert [(d.channel, d.address, d.disabled_at) for d in rows] == [
        (Channel.EMAIL, "A@Example.org", None),
        (Channel.SMS, "+431", None),
    ]
    facts = await recipient(store, user)
    assert facts.destinations == {Channel.EMAIL: (rows[0].number,), Channel.SMS: (rows[1].number,)}


async def test_a_changed_address_replaces_the_old_and_coming_back_revives_it(
    store: SqlStore,
) -> None:
    user = await a_user(store, "u1", email="a@example.org")
    await write(store, "u1", email="b@example.org")
    first, second = await store.people.destinations(ENV, user)
    assert (first.disabled_at, first.disabled_reason) == (NOW, "replaced")
    assert second.disabled_at is None
    await write(store, "u1", email="A@example.ORG")
    first, second = await store.people.destinations(ENV, user)
    assert (first.disabled_at, first.disabled_reason) == (None, None)
    assert (second.disabled_reason, first.address) == ("replaced", "A@example.ORG")
    await write(store, "u1", email=None)
    assert (await recipient(store, user)).destinations == {}


async def test_an_address_that_was_refused_stays_off_when_it_comes_back(store: SqlStore) -> None:
    user = await a_user(store, "u1", email="a@example.org")
    number = (await store.people.destinations(ENV, user))[0].number
    await disable(store, number, "bounced")
    await write(store, "u1", email="b@example.org")
    await write(store, "u1", email="a@example.org")
    rows = {d.number: d for d in await store.people.destinations(ENV, user)}
    assert rows[number].disabled_reason == "bounced"
    assert (await recipient(store, user)).destinations == {}


async def disable(store: SqlStore, number: int, reason: str) -> None:
    await store._executor.write(
        lambda tx: tx.composed(
            "update destination set disabled_at = ?, disabled_reason = ? where destination = ?",
            [NOW, reason, number],
        ),
        0,
    )


async def test_a_token_belongs_to_one_user_at_a_time(store: SqlStore) -> None:
    (old,) = await store.people.write_devices(
        ENV, [DeviceWrite(user="u1", token="T", platform="fcm", app="picker")], NOW
    )
    (new,) = await store.people.write_devices(
        ENV, [DeviceWrite(user="u2", token="T", platform="fcm")], NOW + 1
    )
    assert (await recipient(store, 1)).destinations == {}
    assert (await recipient(store, 2)).destinations == {Channel.PUSH: (new,)}
    assert (await recipient(store, 2)).platforms == {new: "fcm"}
    rows = await store.people.destinations_by_number(ENV, [old, new, 99])
    assert (rows[old].user, rows[old].disabled_reason, rows[new].user) == (1, "moved", 2)
    back = await store.people.write_devices(
        ENV, [DeviceWrite(user="u1", token="T", platform="fcm")], NOW + 2
    )
    assert back == [old]
    assert (await recipient(store, 2)).destinations == {}


async def test_of_two_writes_of_a_token_the_later_holds(store: SqlStore) -> None:
    first, second, other = await store.people.write_devices(
        ENV,
        [
            DeviceWrite(user="u1", token="T", platform="fcm"),
            DeviceWrite(user="u2", token="T", platform="fcm"),
            DeviceWrite(user="u1", token="t", platform="fcm", keys={"auth": "x"}),
        ],
        NOW,
    )
    assert (await recipient(store, 1)).destinations == {Channel.PUSH: (other,)}
    assert (await recipient(store, 2)).destinations == {Channel.PUSH: (second,)}
    assert first != second
    assert (await store.people.destinations(ENV, 1))[0].keys == {"auth": "x"}


async def test_registering_again_confirms_and_revives_a_token(store: SqlStore) -> None:
    device = DeviceWrite(user="u1", token="T", platform="apns")
    (number,) = await store.people.write_devices(ENV, [device], NOW)
    await disable(store, number, "Unregistered")
    assert await store.people.write_devices(ENV, [device], NOW + 5) == [number]
    row = (await store.people.destinations_by_number(ENV, [number]))[number]
    assert (row.confirmed_at, row.disabled_at, row.disabled_reason) == (NOW + 5, None, None)


async def test_a_device_is_removed_by_its_own_user_only(store: SqlStore) -> None:
    await store.people.write_devices(ENV, [DeviceWrite(user="u1", token="T", platform="fcm")], NOW)
    assert not await store.people.remove_device(ENV, "u2", "T", NOW)
    assert not await store.people.remove_device(ENV, "u1", "t", NOW)
    assert await store.people.remove_device(ENV, "u1", "T", NOW)
    assert not await store.people.remove_device(ENV, "u1", "T", NOW)
    assert await store.people.destinations(ENV, 1) == []


async def test_an_endpoint_is_made_once_and_belongs_to_nobody(store: SqlStore) -> None:
    made = await store.people.endpoint(ENV, Channel.PUSH, "fcm_topic", "news", NOW)
    assert await store.people.endpoint(ENV, Channel.PUSH, "fcm_topic", "news", NOW + 1) == made
    assert await store.people.endpoint(ENV, Channel.PUSH, "fcm_topic", "other", NOW) != made
    row = (await store.people.destinations_by_number(ENV, [made]))[made]
    assert (row.user, row.address, row.confirmed_at) == (0, "news", NOW)


async def test_members_of_a_tenant_come_and_go(store: SqlStore) -> None:
    await a_user(store, "u1")
    for _ in range(2):
        await store.people.join(ENV, "acme", "u1", True, NOW)
    await store.people.join(ENV, "zeta", "u1", True, NOW)
    assert (await store.people.users(ENV, ["u1"]))["u1"].tenants == ("acme", "zeta")
    await store.people.join(ENV, "acme", "u1", False, NOW + 1)
    assert (await store.people.users(ENV, ["u1"]))["u1"].tenants == ("zeta",)
    await store.people.join(ENV, "acme", "u1", True, NOW)
    assert (await store.people.users(ENV, ["u1"]))["u1"].tenants == ("acme", "zeta")


async def test_recipients_hold_the_facts_and_the_settings_asked_for(store: SqlStore) -> None:
    user = await a_user(store, "u1", locale="de", timezone="Europe/Vienna", roles=["ops"])
    wanted = Setting(user, ScopeKind.TOPIC, 4, level=Level.MENTIONS)
    rows = [wanted, Setting(user, ScopeKind.TOPIC, 5, level=Level.NONE)]
    version = await store.settings.write(ENV, user, rows, [], NOW)
    found = await recipient(store, user, [(ScopeKind.TOPIC, 4), (ScopeKind.USER, 0)])
    assert found == Recipient(
        user=user,
        user_version=1,
        settings_version=version,
        locale="de",
        zone="Europe/Vienna",
        roles=("ops",),
        settings=(wanted,),
    )


async def test_recipients_are_known_unknown_erased_or_nobody(store: SqlStore) -> None:
    await a_user(store, "u1")
    await a_user(store, "u2")
    await store.people.erase(ENV, "u2", NOW)
    found = await store.people.recipients(ENV, [1, 2, 3, 0], [])
    assert {number: facts.standing for number, facts in found.items()} == {
        1: Standing.KNOWN,
        2: Standing.ERASED,
        3: Standing.UNKNOWN,
        0: Standing.NOBODY,
    }


async def test_a_recipient_is_seen_as_of_two_versions(store: SqlStore) -> None:
    user = await a_user(store, "u1", locale="en", roles=["ops"])
    before = Setting(user, ScopeKind.USER, 0, channels={Channel.PUSH: False})
    first = await store.settings.write(ENV, user, [before], [], NOW)
    await write(store, "u1", locale="de", roles=[])
    await store.settings.write(ENV, user, [], [(ScopeKind.USER, 0)], NOW)
    then = await store.people.recipient_at(ENV, user, 1, first)
    assert (then.locale, then.roles, then.settings) == ("en", ("ops",), (before,))
    since = await store.people.recipient_at(ENV, user, 2, first + 1)
    assert (since.locale, since.roles, since.settings) == ("de", (), ())
    unknown = await store.people.recipient_at(ENV, 9, 0, 0)
    assert unknown.standing is Standing.UNKNOWN


async def test_who_was_erased_is_erased_in_every_version(store: SqlStore) -> None:
    user = await a_user(store, "u1", locale="en")
    await store.people.erase(ENV, "u1", NOW)
    assert (await store.people.recipient_at(ENV, user, 1, 0)).standing is Standing.ERASED


async def test_defaults_hold_workflows_categories_and_the_topics_asked_for(
    store: SqlStore,
) -> None:
    workflow = Setting(0, ScopeKind.WORKFLOW, 3, level=Level.NONE)
    category = Setting(0, ScopeKind.CATEGORY, 4, channels={Channel.EMAIL: False})
    near, far = (Setting(0, ScopeKind.TOPIC, number, mute_until=NOW) for number in (8, 9))
    user = await a_user(store, "u1")
    of_a_user = Setting(user, ScopeKind.TOPIC, 8, level=Level.ALL)
    await store.settings.write(ENV, 0, [workflow, category, near, far], [], NOW)
    await store.settings.write(ENV, user, [of_a_user], [], NOW)
    expected = (1, (near, workflow, category))
    assert await store.people.defaults(ENV, 0, topics=[8, 77]) == expected
    await store.settings.write(
        ENV, 0, [], [(row.kind, row.scope) for row in (workflow, category, near)], NOW
    )
    assert await store.people.defaults(ENV, 0, topics=[8, 77]) == (2, ())
    assert await store.people.defaults(ENV, 0, 1, topics=[8, 77]) == expected


async def test_defaults_are_those_of_the_environment_and_one_tenant(store: SqlStore) -> None:
    tenants = await store.names.mint(ENV, NameKind.TENANT, ["acme", "zeta"])
    environment = Setting(0, ScopeKind.ENVIRONMENT, 0, channels={Channel.SMS: False})
    acme = Setting(0, ScopeKind.TENANT, tenants["acme"], channels={Channel.SMS: True})
    zeta = Setting(0, ScopeKind.TENANT, tenants["zeta"], channels={Channel.PUSH: False})
    assert await store.people.defaults(ENV, tenants["acme"]) == (0, ())
    await store.settings.write(ENV, 0, [environment], [], NOW)
    await store.settings.write(ENV, 0, [acme, zeta], [], NOW)
    assert await store.people.defaults(ENV, tenants["acme"]) == (2, (acme, environment))
    assert await store.people.defaults(ENV, 0) == (2, (environment,))
    await store.settings.write(ENV, 0, [], [(ScopeKind.TENANT, tenants["acme"])], NOW)
    assert await store.people.defaults(ENV, tenants["acme"]) == (3, (environment,))
    assert await store.people.defaults(ENV, tenants["acme"], 2) == (2, (acme, environment))
    assert await store.people.defaults(ENV, tenants["acme"], 1) == (1, (environment,))


async def test_many_writes_are_cut_into_pieces_and_answered_in_order(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "CHUNK", 2)
    writes = [UserWrite(id=f"u{n % 4}", changed={"name": f"{n}"}) for n in range(5)]
    answers = await store.people.write_users(ENV, writes, NOW)
    assert [(a.id, a.number, a.version) for a in answers] == [
        ("u0", 1, 1),
        ("u1", 2, 1),
        ("u2", 3, 1),
        ("u3", 4, 1),
        ("u0", 1, 2),
    ]
    devices = [DeviceWrite(user=f"u{n}", token=f"T{n}", platform="fcm") for n in range(3)]
    assert await store.people.write_devices(ENV, devices, NOW) == [1, 2, 3]


async def test_who_chose_or_consented_since_an_instant_is_told_apart(store: SqlStore) -> None:
    chose, said, nothing = [await a_user(store, id_) for id_ in ("u1", "u2", "u3")]
    mute = Setting(user=0, kind=ScopeKind.USER, scope=0, mute_until=NOW + 9)
    await store.settings.write(ENV, chose, [mute], [], NOW + 5)
    consent = ConsentWrite(purpose=1, channel=None, granted=False)
    await store.law.append_consents(ENV, said, [consent], NOW + 5)
    for at, changed in ((NOW, {chose, said}), (NOW + 5, {chose, said}), (NOW + 6, set())):
        since = dict.fromkeys((chose, said, nothing), at)
        assert await store.people.changed_since(ENV, since) == changed
    mixed = {chose: NOW + 6, said: NOW}
    assert await store.people.changed_since(ENV, mixed) == {said}
    assert await store.people.changed_since(ENV + 1, mixed) == set()
    found = await store.people.users_by_number(ENV, [chose, said, nothing])
    versions = [(row.settings_version, row.consents_version) for row in found.values()]
    assert sorted(versions) == [(0, 0), (0, 1), (1, 0)]


async def test_a_confirmed_address_is_on_again_and_no_other(store: SqlStore) -> None:
    user = await a_user(store, "u1", email="a@example.org", phone="+431")
    for row in await store.people.destinations(ENV, user):
        await disable(store, row.number, "bounced")
    place = (ENV, user, Channel.EMAIL)
    assert await store.people.confirm_address(*place, "A@example.org", NOW + 5)
    email, phone = await store.people.destinations(ENV, user)
    assert (email.disabled_at, email.disabled_reason, email.confirmed_at) == (None, None, NOW + 5)
    assert phone.disabled_reason == "bounced"
    assert not await store.people.confirm_address(*place, "other@example.org", NOW + 6)
