"""Nothing is kept for longer than the settings say, and nothing is forgotten before."""

from __future__ import annotations

from clarion.core.retention import KINDS, RetentionDays
from clarion.pipeline.keepers.retention import IDLE_SECONDS, Retention
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX, MAIL

DAY_SECONDS = 24 * 3600.0


def kept(days: int, **kinds: int) -> RetentionDays:
    """Everything for so many days, but for some kinds."""
    return RetentionDays(**(dict.fromkeys(KINDS, days) | kinds))


async def run_out(server: Embedded, days: RetentionDays) -> None:
    """Step until there is nothing more to do now."""
    keeper = Retention(server.server.store, server.clock, days)
    while await keeper.step(False) < IDLE_SECONDS:
        pass


async def test_what_is_older_than_the_days_kept_is_gone(embedded: Embedded) -> None:
    await embedded.workflow("news", INBOX, MAIL)
    await embedded.user("ada", email="ada@example.org")
    old = await embedded.told("news", "ada", id="one")
    await embedded.advance(20 * DAY_SECONDS)
    new = await embedded.told("news", "ada", id="two")
    await run_out(embedded, kept(30))
    assert (await embedded.counts(old)).sent == 1
    await embedded.advance(20 * DAY_SECONDS)
    await run_out(embedded, kept(30))
    found = await embedded.server.store.events.rows(embedded.env, [old, new])
    assert list(found) == [new]
    assert embedded.select("select count(*) from capture") == [(1,)]
    assert embedded.select("select count(*) from item") == [(1,)]
    again = {"type": "news", "recipients": ["ada"]}
    assert not (await embedded.accept({**again, "id": "one"})).replayed
    assert (await embedded.accept({**again, "id": "two"})).replayed


async def test_without_a_number_of_days_everything_is_kept(embedded: Embedded) -> None:
    await embedded.workflow("news", INBOX)
    await embedded.users("ada")
    event = await embedded.told("news", "ada")
    await embedded.advance(10_000 * DAY_SECONDS)
    await run_out(embedded, kept(0))
    assert (await embedded.counts(event)).sent == 1
