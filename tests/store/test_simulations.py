"""What a simulation looks up of the past beyond what was recorded."""

from __future__ import annotations

from clarion.clock import SECOND
from clarion.core.recipient import Consent
from clarion.core.workflow import Channel
from clarion.store.contract.law import ConsentWrite
from clarion.store.sql.store import SqlStore
from tests.store.builders import ENV, NOW, a_user

SOCIAL, MARKETING = 3, 4
LATER = NOW + 60 * SECOND


async def test_how_many_followed_is_told_as_of_an_instant(store: SqlStore) -> None:
    await store.topics.subscribe(ENV, "t", ["a", "b", "c"], [], NOW)
    await store.topics.subscribe(ENV, "t", ["d"], ["a", "b"], LATER)
    topic = (await store.topics.put(ENV, "t", parent=None, kind="topic", default_level=None,
                                    data={}, now=LATER, broadcast="auto")).number  # fmt: skip
    sizes = {}
    for at in (NOW - 1, NOW, LATER - 1, LATER):
        more = [most for most in range(5) if await store.simulations.had_more(ENV, topic, most, at)]
        sizes[at] = len(more)
    assert sizes == {NOW - 1: 0, NOW: 3, LATER - 1: 3, LATER: 2}


async def test_what_was_said_of_a_purpose_and_of_all_is_told_as_of_an_instant(
    store: SqlStore,
) -> None:
    user = await a_user(store, "u1")
    other = await a_user(store, "u2")
    for at, purpose, channel, granted in (
        (NOW, MARKETING, Channel.EMAIL, True),
        (NOW, SOCIAL, None, True),
        (NOW + 5, 0, None, False),
        (LATER, MARKETING, Channel.EMAIL, False),
    ):
        write = ConsentWrite(purpose=purpose, channel=channel, granted=granted)
        await store.law.append_consents(ENV, user, [write], at)
    asked = [(one, MARKETING, at) for one in (user, other) for at in (NOW - 1, NOW, NOW + 5, LATER)]
    said = Consent(MARKETING, Channel.EMAIL, True)
    nothing = Consent(0, None, False)
    assert await store.simulations.consents_at(ENV, asked) == {
        (user, MARKETING, NOW): (said,),
        (user, MARKETING, NOW + 5): (nothing, said),
        (user, MARKETING, LATER): (nothing, Consent(MARKETING, Channel.EMAIL, False)),
    }
