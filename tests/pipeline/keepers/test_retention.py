"""Nothing is kept for longer than the settings say, and nothing is forgotten before."""

from __future__ import annotations

import pytest

from clarion.core.retention import KINDS, RetentionDays
from clarion.errors import UnavailableError
from clarion.pipeline.keepers.retention import IDLE_SECONDS, Retention, walks_of
from clarion.store.contract.dead_letters import DeadLetterFilter
from clarion.store.contract.names import NameKind
from clarion.testing.embedded import Embedded
from clarion.testing.fakes.fcm import FakeFcm
from tests.pipeline.builders import INBOX, MAIL, one_phone

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


async def test_words_go_after_a_month_but_those_of_the_inbox_stay(embedded: Embedded) -> None:
    await embedded.workflow("news", INBOX, MAIL)
    await embedded.user("ada", email="ada@example.org")
    event = await embedded.told("news", "ada", data={"group": "a"})
    await embedded.advance(31 * DAY_SECONDS)
    await run_out(embedded, RetentionDays())
    row = await embedded.event(event)
    assert (row.data, row.data_kept) == ({}, False)
    assert embedded.select("select step from content") == [(0,)]
    assert embedded.select("select count(*) from capture") == [(0,)]
    why = await embedded.why(event, "ada")
    assert (why["verdict"], why["decision_kept"]) == ("told", True)
    assert why["versions"]["same_answer_today"]


async def test_items_go_by_themselves_and_leave_the_counters(embedded: Embedded) -> None:
    await embedded.workflow("news", INBOX)
    user = await embedded.user("ada")
    event = await embedded.told("news", "ada")
    await embedded.advance(8 * DAY_SECONDS)
    await run_out(embedded, kept(90, inbox_days=7, content_days=7))
    assert (await embedded.server.store.inbox.counts(embedded.env, user, 0)).total == 0
    assert embedded.select("select count(*) from content") == [(0,)]
    assert (await embedded.counts(event)).sent == 1


async def test_why_says_plainly_that_the_decision_is_over(embedded: Embedded) -> None:
    await embedded.workflow("news", MAIL)
    await embedded.user("ada", email="ada@example.org")
    event = await embedded.told("news", "ada")
    before = await embedded.why(event, "ada")
    await embedded.advance(8 * DAY_SECONDS)
    await run_out(embedded, kept(90, decisions_days=7))
    after = await embedded.why(event, "ada")
    assert after["decision_kept"] is False
    assert "kept no longer" in after["because"]
    assert after["deliveries"] == before["deliveries"]
    assert after["decided_at"] == before["decided_at"]
    assert all(channel["reason"] for channel in after["channels"]) or after["channels"] == []
    story = await embedded.server.explainer.notification(
        embedded.env, event, 1, (await embedded.number(NameKind.USER, "ada"))
    )
    assert story["status"] == "sent"
    assert "accepted" in {entry["what"] for entry in story["timeline"]}


async def test_an_environment_that_keeps_less_is_done_row_by_row(embedded: Embedded) -> None:
    await embedded.workflow("news", INBOX)
    await embedded.user("ada")
    event = await embedded.told("news", "ada")
    await embedded.server.store.retention.override(embedded.env, {"notifications_days": 5})
    await embedded.advance(6 * DAY_SECONDS)
    await run_out(embedded, RetentionDays())
    assert await embedded.server.store.events.rows(embedded.env, [event]) == {}
    assert embedded.select("select count(*) from item") == [(0,)]
    assert embedded.select("select count(*) from forgotten_event") == [(0,)]


async def test_what_cannot_be_said_any_more_is_not_redriven(wired: Embedded, fcm: FakeFcm) -> None:
    await one_phone(wired)
    fcm.fail("phone", 400, "INVALID_ARGUMENT")
    event = await wired.told("news", "ada", data={"code": "1"})
    before, _ = await wired.server.store.dead_letters.survey(
        wired.env, DeadLetterFilter(), None, wired.clock.now()
    )
    assert (before.expired, before.ready) == (0, 1)
    assert (await wired.counts(event)).dead == 1
    await wired.advance(31 * DAY_SECONDS)
    await run_out(wired, RetentionDays())
    found, _ = await wired.server.store.dead_letters.survey(
        wired.env, DeadLetterFilter(), None, wired.clock.now()
    )
    assert (found.expired, found.ready) == (1, 0)


@pytest.mark.parametrize(
    ("days", "walks"),
    [
        (RetentionDays(), [("payloads", 30), ("contents", 30)]),
        (RetentionDays(inbox_days=20), [("payloads", 30), ("words", 30)]),
        (
            RetentionDays(attempts_days=9, decisions_days=8, content_days=7, inbox_days=60),
            [
                ("payloads", 7),
                ("contents", 7),
                ("words", 60),
                ("attempts", 9),
                ("decisions", 8),
                ("records", 8),
            ],
        ),
        (kept(90), []),
        (kept(0), []),
        (kept(0, content_days=30), [("payloads", 30), ("contents", 30)]),
    ],
)
def test_only_what_goes_before_its_notification_is_walked(
    days: RetentionDays, walks: list[tuple[str, int]]
) -> None:
    assert [(walk.value, own) for walk, own in walks_of(days)] == walks


async def test_a_pass_that_failed_begins_anew(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = Retention(embedded.server.store, embedded.clock, RetentionDays())

    async def broken() -> dict[int, dict[str, int]]:
        raise UnavailableError("the store is gone")

    with monkeypatch.context() as patch:
        patch.setattr(embedded.server.store.retention, "overrides", broken)
        with pytest.raises(UnavailableError):
            await keeper.step(False)
    assert await keeper.step(False) < IDLE_SECONDS
