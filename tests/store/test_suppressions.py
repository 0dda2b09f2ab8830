from __future__ import annotations

import asyncio

import pytest

from clarion.core.recipient import Recipient
from clarion.core.workflow import Channel
from clarion.store.contract.law import Suppression, SuppressionWrite
from clarion.store.contract.people import DeviceWrite
from clarion.store.sql.store import SqlStore
from tests.store.builders import ENV, NOW, a_user

ANA = "ana@example.org"
FRESH = b"f" * 32


async def suppress(
    store: SqlStore,
    address: str = ANA,
    channel: Channel = Channel.EMAIL,
    *,
    reason: str = "complaint",
    until: int | None = None,
    env: int = ENV,
    now: int = NOW,
) -> Suppression:
    write = SuppressionWrite(channel=channel, address=address, reason=reason, until=until)
    (row,) = await store.law.suppress(env, [write], now, FRESH)
    return row


async def facts(store: SqlStore, user: int) -> Recipient:
    return (await store.people.recipients(ENV, [user], []))[user]


async def a_device(store: SqlStore, user: str, token: str, platform: str = "fcm") -> int:
    write = DeviceWrite(user=user, token=token, platform=platform)
    (number,) = await store.people.write_devices(ENV, [write], NOW)
    return number


async def test_a_suppressed_address_is_found_and_not_shown(store: SqlStore) -> None:
    assert await store.law.suppression(ENV, Channel.EMAIL, ANA) is None
    row = await suppress(store)
    assert (row.number, row.channel, row.reason, row.at) == (1, Channel.EMAIL, "complaint", NOW)
    assert len(row.hash_prefix) == 12
    assert await store.law.suppression(ENV, Channel.EMAIL, "ANA@Example.org") == row
    assert await store.law.suppression(ENV, Channel.SMS, ANA) is None
    assert await store.law.suppression(ENV + 1, Channel.EMAIL, ANA) is None


async def test_a_suppressed_destination_is_no_destination(store: SqlStore) -> None:
    user = await a_user(store, "u1", email=ANA, phone="+431")
    other = await a_user(store, "u2", email="bo@example.org")
    before = await facts(store, user)
    await suppress(store)
    after = await facts(store, user)
    assert after.destinations == {Channel.SMS: before.destinations[Channel.SMS]}
    assert before.suppressed == frozenset()
    assert after.suppressed == {Channel.EMAIL}
    assert (await facts(store, other)).suppressed == frozenset()
    (mail, _) = await store.people.destinations(ENV, user)
    assert mail.suppression == 1
    found = await store.people.destinations_by_number(ENV, [mail.number])
    assert found[mail.number].suppression == 1


async def test_everybody_with_the_address_is_spared(store: SqlStore) -> None:
    users = [await a_user(store, name, email=ANA) for name in ("u1", "u2")]
    await suppress(store)
    assert [(await facts(store, user)).suppressed for user in users] == [{Channel.EMAIL}] * 2


@pytest.mark.parametrize(
    ("channel", "held", "suppressed"),
    [
        (Channel.EMAIL, "Ana@Example.ORG", "ana@example.org"),
        (Channel.EMAIL, "ana@example.org.", "ana@example.org"),
        (Channel.EMAIL, "ana@EXAMPLE.org\u200b", "ana@example.org"),
        (Channel.EMAIL, "ana@b\xfccher.example", "ana@xn--bcher-kva.example"),
        (Channel.EMAIL, "mu\u0308ller@example.org", "m\xfcller@example.org"),
        (Channel.EMAIL, '"ana"@example.org', "ana@example.org"),
        (Channel.SMS, "+43 (1) 234-5.6", "+4312345 6"),
        (Channel.SMS, "+43 (0)1 23456", "+43123456"),
        (Channel.SMS, "0043 1 23456", "+43123456"),
    ],
)
async def test_the_same_address_may_be_written_otherwise(
    store: SqlStore, channel: Channel, held: str, suppressed: str
) -> None:
    field = "email" if channel is Channel.EMAIL else "phone"
    before = await a_user(store, "u1", **{field: held})
    await suppress(store, suppressed, channel)
    after = await a_user(store, "u2", **{field: held})
    assert (await facts(store, before)).suppressed == {channel}
    assert (await facts(store, after)).suppressed == {channel}


async def test_one_device_of_two_is_left(store: SqlStore) -> None:
    first = await a_device(store, "u1", "one")
    second = await a_device(store, "u1", "two", "apns")
    await suppress(store, "two", Channel.PUSH)
    found = await facts(store, 1)
    assert found.destinations == {Channel.PUSH: (first,)}
    assert found.platforms == {first: "fcm"}
    assert found.suppressed == frozenset()
    await suppress(store, "one", Channel.PUSH)
    assert (await facts(store, 1)).suppressed == {Channel.PUSH}
    rows = await store.people.destinations_by_number(ENV, [second])
    assert rows[second].disabled_at is None


async def test_a_channel_without_any_live_address_is_not_suppressed(store: SqlStore) -> None:
    user = await a_user(store, "u1", email=ANA)
    await suppress(store)
    await a_user(store, "u1", email=None)
    found = await facts(store, user)
    assert (found.destinations, found.suppressed) == ({}, frozenset())


async def test_a_new_address_is_sent_to_and_the_old_one_never_again(store: SqlStore) -> None:
    user = await a_user(store, "u1", email=ANA)
    await suppress(store)
    await a_user(store, "u1", email="new@example.org")
    assert (await facts(store, user)).suppressed == frozenset()
    await a_user(store, "u1", email=ANA)
    assert (await facts(store, user)).suppressed == {Channel.EMAIL}


async def test_who_gets_the_address_later_is_spared(store: SqlStore) -> None:
    await suppress(store)
    await suppress(store, "token", Channel.PUSH)
    await suppress(store, "news", Channel.PUSH)
    user = await a_user(store, "u1", email=ANA)
    await a_device(store, "u1", "token")
    topic = await store.people.endpoint(ENV, Channel.PUSH, "fcm_topic", "news", NOW)
    assert (await facts(store, user)).suppressed == {Channel.EMAIL, Channel.PUSH}
    assert (await store.people.destinations_by_number(ENV, [topic]))[topic].suppression == 3


async def test_a_token_stays_suppressed_when_it_moves_and_is_registered_again(
    store: SqlStore,
) -> None:
    await a_device(store, "u1", "token")
    await suppress(store, "token", Channel.PUSH)
    for name, number in (("u2", 2), ("u1", 1)):
        await a_device(store, name, "token")
        assert (await facts(store, number)).suppressed == {Channel.PUSH}


async def test_an_erased_address_stays_suppressed_when_it_comes_back(store: SqlStore) -> None:
    await a_user(store, "u1", email=ANA)
    row = await suppress(store)
    receipt = await store.people.erase(ENV, "u1", NOW + 1)
    assert receipt is not None
    assert receipt.kept == {"suppressions": 1}
    assert await store.law.suppression(ENV, Channel.EMAIL, ANA) == row
    again = await a_user(store, "somebody-else", email=ANA)
    assert (await facts(store, again)).suppressed == {Channel.EMAIL}


async def test_an_erasure_without_suppressions_says_so(store: SqlStore) -> None:
    await a_user(store, "u1", email=ANA)
    await suppress(store, "bo@example.org")
    receipt = await store.people.erase(ENV, "u1", NOW + 1)
    assert receipt is not None
    assert receipt.kept == {"suppressions": 0}


@pytest.mark.parametrize("by_number", [True, False])
async def test_what_is_lifted_is_sent_to_again(store: SqlStore, by_number: bool) -> None:
    user = await a_user(store, "u1", email=ANA)
    row = await suppress(store)

    async def lift() -> bool:
        if by_number:
            return await store.law.lift_number(ENV, row.number)
        return await store.law.lift(ENV, Channel.EMAIL, "ANA@example.org")

    assert await lift()
    assert not await lift()
    found = await facts(store, user)
    assert (found.suppressed, list(found.destinations)) == (frozenset(), [Channel.EMAIL])
    assert await store.law.suppression(ENV, Channel.EMAIL, ANA) is None
    assert (await suppress(store)).number == 2
    assert (await facts(store, user)).suppressed == {Channel.EMAIL}


async def test_nothing_is_lifted_where_nothing_was_suppressed(store: SqlStore) -> None:
    assert not await store.law.lift(ENV, Channel.EMAIL, ANA)
    assert not await store.law.lift_number(ENV, 1)
    row = await suppress(store, env=ENV + 1)
    assert not await store.law.lift_number(ENV, row.number)


async def test_of_two_suppressions_the_longer_holds(store: SqlStore) -> None:
    short = await suppress(store, reason="bounced", until=NOW + 5)
    longer = await suppress(store, reason="soft", until=NOW + 9, now=NOW + 1)
    assert (longer.number, longer.reason, longer.until) == (short.number, "soft", NOW + 9)
    assert await suppress(store, reason="bounced", until=NOW + 7) == longer
    for_good = await suppress(store, reason="complaint")
    assert (for_good.reason, for_good.until, for_good.at) == ("complaint", None, NOW)
    assert await suppress(store, reason="bounced", until=NOW + 99) == for_good


async def test_an_address_may_stand_in_a_batch_twice(store: SqlStore) -> None:
    writes = [
        SuppressionWrite(channel=Channel.EMAIL, address=ANA, reason="bounced", until=NOW + 5),
        SuppressionWrite(channel=Channel.SMS, address="+431", reason="stop"),
        SuppressionWrite(channel=Channel.EMAIL, address=ANA.upper(), reason="complaint"),
    ]
    rows = await store.law.suppress(ENV, writes, NOW, FRESH)
    assert [(row.number, row.reason) for row in rows] == [
        (1, "complaint"),
        (2, "stop"),
        (1, "complaint"),
    ]


async def test_what_has_an_end_ends(store: SqlStore) -> None:
    user = await a_user(store, "u1", email=ANA)
    await suppress(store, until=NOW + 5)
    await suppress(store, env=ENV + 1, until=NOW + 5)
    await suppress(store, "bo@example.org")
    assert await store.law.lift_ended(NOW + 4, 9) == 0
    assert (await facts(store, user)).suppressed == {Channel.EMAIL}
    assert await store.law.lift_ended(NOW + 5, 9) == 2
    assert (await facts(store, user)).suppressed == frozenset()
    assert len(await store.law.suppressions(ENV, limit=9)) == 1


async def test_the_list_goes_newest_first_page_by_page(store: SqlStore) -> None:
    for n in range(5):
        channel = Channel.SMS if n % 2 else Channel.EMAIL
        await suppress(store, f"a{n}", channel, reason="stop" if n < 2 else "complaint")
    await suppress(store, env=ENV + 1)

    async def listed(
        channel: Channel | None = None, reason: str | None = None, before: int | None = None
    ) -> list[int]:
        rows = await store.law.suppressions(
            ENV, channel=channel, reason=reason, before=before, limit=3
        )
        return [row.number for row in rows]

    assert await listed() == [5, 4, 3]
    assert await listed(before=3) == [2, 1]
    assert await listed(Channel.SMS) == [4, 2]
    assert await listed(reason="complaint") == [5, 4, 3]
    assert await listed(Channel.EMAIL, "complaint", before=5) == [3]


async def test_the_hash_is_under_the_secret_of_the_store(store: SqlStore) -> None:
    row = await suppress(store)
    assert await store.keys.secret("suppression", b"other") == FRESH
    other = await suppress(store, env=ENV + 1)
    assert other.hash_prefix != row.hash_prefix
    write = SuppressionWrite(channel=Channel.EMAIL, address=ANA, reason="again")
    (again,) = await store.law.suppress(ENV, [write], NOW, b"another secret")
    assert again.number == row.number


async def test_an_address_written_while_it_is_suppressed_is_suppressed(store: SqlStore) -> None:
    names = [f"u{n}" for n in range(8)]
    found = await asyncio.gather(
        *(a_user(store, name, email=ANA) for name in names[:4]),
        suppress(store),
        *(a_user(store, name, email=ANA) for name in names[4:]),
    )
    users = [number for number in found if isinstance(number, int)]
    assert len(users) == 8
    assert [(await facts(store, user)).suppressed for user in users] == [{Channel.EMAIL}] * 8
