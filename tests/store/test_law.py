from __future__ import annotations

import msgspec
import pytest

from clarion.core.recipient import Consent, Recipient, ScopeKind
from clarion.core.workflow import Channel
from clarion.errors import NotFoundError
from clarion.store.contract.law import ConsentRow, ConsentWrite
from clarion.store.sql.store import SqlStore
from tests.store.builders import ENV, NOW, a_user

SOCIAL, MARKETING = 3, 4


def granted(purpose: int = MARKETING, channel: Channel | None = None) -> ConsentWrite:
    return ConsentWrite(purpose=purpose, channel=channel, granted=True, source="form")


def withdrawn(purpose: int = MARKETING, channel: Channel | None = None) -> ConsentWrite:
    return ConsentWrite(purpose=purpose, channel=channel, granted=False, source="mail")


async def facts(store: SqlStore, user: int, *purposes: int) -> Recipient:
    scopes = [(int(ScopeKind.CATEGORY), purpose) for purpose in purposes]
    return (await store.people.recipients(ENV, [user], scopes))[user]


async def test_a_consent_comes_back_as_written(store: SqlStore) -> None:
    user = await a_user(store, "u1")
    write = ConsentWrite(
        purpose=MARKETING,
        channel=Channel.SMS,
        granted=True,
        source="signup",
        wording="v7",
        locale="de-AT",
        by="203.0.113.7",
        evidence={"form": {"id": 9}},
    )
    assert await store.law.append_consents(ENV, user, [write], NOW) == 1
    row = ConsentRow(version=1, at=NOW, **msgspec.structs.asdict(write))
    assert await store.law.consents(ENV, user) == [row]
    assert await store.law.consent_history(ENV, user, limit=9) == [row]


async def test_the_last_word_holds_and_nothing_is_forgotten(store: SqlStore) -> None:
    user = await a_user(store, "u1")
    await store.law.append_consents(ENV, user, [granted(), granted(SOCIAL, Channel.PUSH)], NOW)
    said = [withdrawn(), granted(), withdrawn()]
    assert await store.law.append_consents(ENV, user, said, NOW + 1) == 5
    current = [(row.purpose, row.granted, row.at) for row in await store.law.consents(ENV, user)]
    assert current == [(SOCIAL, True, NOW), (MARKETING, False, NOW + 1)]
    newest = await store.law.consent_history(ENV, user, limit=3)
    assert [(row.version, row.granted) for row in newest] == [(5, False), (4, True), (3, False)]
    older = await store.law.consent_history(ENV, user, before=3, limit=3)
    assert [(row.version, row.purpose) for row in older] == [(2, SOCIAL), (1, MARKETING)]


async def test_who_does_not_exist_can_say_nothing(store: SqlStore) -> None:
    with pytest.raises(NotFoundError):
        await store.law.append_consents(ENV, 77, [granted()], NOW)
    user = await a_user(store, "u1")
    await store.people.erase(ENV, "u1", NOW)
    with pytest.raises(NotFoundError):
        await store.law.append_consents(ENV, user, [granted()], NOW)
    assert await store.law.consents(ENV, user) == []


async def test_facts_hold_what_was_said_about_the_purposes_asked_for(store: SqlStore) -> None:
    user, other = await a_user(store, "u1"), await a_user(store, "u2")
    said = [granted(), withdrawn(0, Channel.SMS), granted(SOCIAL, Channel.EMAIL)]
    await store.law.append_consents(ENV, user, said, NOW)
    of_all = Consent(0, Channel.SMS, False)
    of_social = Consent(SOCIAL, Channel.EMAIL, True)
    of_marketing = Consent(MARKETING, None, True)
    assert (await facts(store, user)).consents == (of_all,)
    assert (await facts(store, user, MARKETING)).consents == (of_all, of_marketing)
    both = await facts(store, user, MARKETING, SOCIAL)
    assert both.consents == (of_all, of_social, of_marketing)
    assert (await facts(store, other, MARKETING)).consents == ()


async def test_an_erasure_keeps_that_something_was_said_but_not_who_said_it(
    store: SqlStore,
) -> None:
    user = await a_user(store, "u1")
    write = ConsentWrite(
        purpose=MARKETING,
        channel=None,
        granted=True,
        source="call with Ana",
        wording="v7",
        locale="de",
        by="ana@example.org",
        evidence={"ip": "203.0.113.7"},
    )
    await store.law.append_consents(ENV, user, [write, withdrawn()], NOW)
    receipt = await store.people.erase(ENV, "u1", NOW + 1)
    assert receipt is not None
    assert (receipt.removed["consents"], receipt.removed["consent_states"]) == (2, 1)
    assert await store.law.consents(ENV, user) == []
    rows = await store.law.consent_history(ENV, user, limit=9)
    assert rows[1] == ConsentRow(
        version=1, at=NOW, purpose=MARKETING, channel=None, granted=True, wording="v7"
    )
    assert [row.source for row in rows] == ["", ""]
