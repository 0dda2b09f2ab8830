"""Preparing: the audience is cut, each recipient is decided dry, and the finish is computed."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from clarion.clock import SECOND
from clarion.core.blast import ChannelTally, Tally
from clarion.core.quota import Quota
from clarion.pipeline.blasts import preparing
from clarion.pipeline.blasts.planned import tally_of
from clarion.pipeline.blasts.preparing import LEASE_SECONDS
from clarion.store.contract.blasts import BlastRow, BlastState
from clarion.testing.embedded import Embedded, push_account
from clarion.testing.fakes.fcm import FakeFcm
from tests.pipeline.blasts.crowds import (
    CLUB,
    a_crowd,
    begun,
    event_of,
    fired,
    prepared,
    reaching,
    row_of,
)
from tests.pipeline.builders import INBOX, MAIL, PUSH
from tests.pipeline.conftest import balanced_to_the_end

TABLES = ("notification", "delivery", "ready", "item", "dedupe", "cap", "event", "task", "waiting")


def cut_of(server: Embedded, blast: int) -> int:
    """How many users the cut holds."""
    sql = "select coalesce(sum(count), 0) from blast_cut where blast = ?"
    return int(server.select(sql, blast)[0][0])


async def test_preparing_writes_nothing_to_the_ledger(anywhere: Embedded) -> None:
    rule = {"limit": 1, "window": "P1D"}
    await a_crowd(
        anywhere, 7, INBOX, {**PUSH, "cap": rule}, dedupe={"key": "data.x", "window": "P1D"}
    )
    row = await prepared(anywhere, data={"x": "1"}, **CLUB)
    assert row.state is BlastState.ARMED
    assert cut_of(anywhere, row.number) == 7
    written = {table: anywhere.select(f"select count(*) from {table}") for table in TABLES}
    assert written == {table: [(0,)] for table in TABLES}


async def test_everybody_is_counted_by_channel_and_by_reason(anywhere: Embedded) -> None:
    await a_crowd(anywhere, 5, INBOX, PUSH, MAIL)
    await anywhere.user("u0", email="u0@example.org")
    await anywhere.prefer("u1", channels={"push": "off"})
    await anywhere.device("u2", "another-phone")
    await anywhere.user("u4", email="u4@example.org")
    await anywhere.prefer("u3", topics={"club": {"level": "none"}})
    row = await prepared(anywhere, **CLUB)
    tally = tally_of(row)
    assert (tally.recipients, tally.told) == (5, 4)
    assert tally.channels["push"] == ChannelTally(
        recipients=3, destinations=4, skipped={"channel_off": 1}
    )
    assert tally.channels["email"].skipped == {"no_destination": 2}
    assert tally.skipped == {"level_none": 1}


async def test_who_is_skipped_stays_in_the_cut_and_is_explained_once_it_is_fired(
    embedded: Embedded,
) -> None:
    await a_crowd(embedded, 3, PUSH)
    await embedded.prefer("u1", channels={"push": "off"})
    row = await prepared(embedded, **CLUB)
    assert cut_of(embedded, row.number) == 3
    event = event_of(await embedded.server.blasts.fire(embedded.env, row.number))
    await embedded.settled(event)
    assert (await embedded.counts(event)).skipped == 1
    assert await embedded.reasons(event, "u1") == {"push": "channel_off"}


async def test_an_audience_of_several_sections_holds_nobody_twice(
    anywhere: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "PAGE_RECIPIENTS", 3)
    await a_crowd(anywhere, 10)
    await anywhere.topic("fans", "u0", "u2", "u4", "u6", "u8")
    recipients = ["u1", "u2", "u9", {"topic": "fans"}, {"topic": "club", "except": ["u5"]}]
    row = await prepared(anywhere, recipients=recipients)
    sections = [section.recipients for section in tally_of(row).sections]
    assert sections == [3, 4, 2]
    assert cut_of(anywhere, row.number) == 9
    event = event_of(await anywhere.server.blasts.fire(anywhere.env, row.number))
    await anywhere.settled(event)
    assert (await anywhere.counts(event)).sent == 9
    assert (await anywhere.why(event, "u5"))["verdict"] == "not_in_audience"


async def test_a_large_audience_is_walked_in_ranges(
    anywhere: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "PAGE_RECIPIENTS", 2)
    monkeypatch.setattr(preparing, "RANGE_RECIPIENTS", 4)
    await a_crowd(anywhere, 11)
    row = await fired(anywhere, recipients=[{"all": True}])
    ranges = anywhere.select("select lo, hi from task order by lo")
    assert len(ranges) == 3
    assert [hi + 1 for _, hi in ranges[:-1]] == [lo for lo, _ in ranges[1:]]
    await anywhere.settled(event_of(row))
    assert (await anywhere.counts(event_of(row))).sent == 11


async def test_a_template_that_fails_for_the_data_is_told_with_its_step(
    embedded: Embedded,
) -> None:
    bad = {"channel": "email", "template": {"subject": "x", "body": "{{ 1 / data.zero }}"}}
    await embedded.workflow("news", INBOX, bad)
    await embedded.user("u0", email="u0@example.org")
    await embedded.topic("club", "u0")
    row = await prepared(embedded, data={"zero": 0}, **CLUB)
    assert row.state is BlastState.REFUSED
    (problem,) = tally_of(row).problems
    assert (problem.workflow, problem.step) == ("news", 1)


async def test_words_that_name_what_the_data_does_not_have_are_refused(embedded: Embedded) -> None:
    words = {"channel": "inbox", "template": {"title": "{{ data.percent }} % off"}}
    await embedded.workflow("news", words)
    await embedded.user("u0")
    await embedded.topic("club", "u0")
    row = await prepared(embedded, data={"percnt": 20}, **CLUB)
    assert row.state is BlastState.REFUSED
    (problem,) = tally_of(row).problems
    assert "`data.percent` is not set; did you mean `percnt`?" in problem.detail


async def test_words_with_a_way_out_are_tried_with_one(embedded: Embedded) -> None:
    words = {"subject": "News", "body": "Leave: {{ unsubscribe_url }} or {{ preferences_url }}"}
    await embedded.workflow("news", {"channel": "email", "template": words})
    await embedded.user("u0", email="u0@example.org")
    await embedded.topic("club", "u0")
    row = await prepared(embedded, **CLUB)
    assert row.state is BlastState.ARMED
    assert not tally_of(row).problems


async def test_words_that_name_what_a_user_does_not_have_are_warned_of(embedded: Embedded) -> None:
    words = {"channel": "inbox", "template": {"title": "Hello {{ user.name }}"}}
    await embedded.workflow("news", words)
    await embedded.user("u0", name="Ada")
    await embedded.user("u1")
    await embedded.topic("club", "u0", "u1")
    row = await prepared(embedded, **CLUB)
    assert row.state is BlastState.ARMED
    (warning,) = tally_of(row).warnings
    assert "miss something for 1 of the 2 users tried" in warning.detail
    assert "`user.name` is not set" in warning.detail


async def test_the_words_of_every_locale_are_tried(embedded: Embedded) -> None:
    words = {"en": {"title": "News"}, "de": {"title": "Neues"}, "fr": {"title": "Du neuf"}}
    await embedded.workflow("news", {"channel": "inbox", "template": words}, locale="en")
    for user, locale in (("a", "de-AT"), ("b", "fr"), ("c", "en-GB")):
        await embedded.user(user, locale=locale)
    await embedded.topic("club", "a", "b", "c")
    row = await prepared(embedded, **CLUB)
    assert sorted(key.split("/")[2] for key in tally_of(row).tried) == ["de", "en", "fr"]


async def test_the_earliest_finish_comes_from_the_quota(tmp_path: Path, fcm: FakeFcm) -> None:
    slow = push_account(fcm, quota=Quota(rate_per_second=0.5, burst=10))
    server = Embedded(tmp_path / "clarion.db", slow)
    await server.start()
    await server.category("spam", lane="bulk")
    await a_crowd(server, 20, PUSH, category="spam")
    row = await prepared(server, expires_in="PT10S", **CLUB)
    tally = tally_of(row)
    (queue,) = tally.queues
    # Two of ten tokens are left to the lanes above: eight leave at once, twelve take their time.
    assert (queue.account, queue.deliveries, queue.seconds) == ("push-main", 20, 24.0)
    assert row.state is BlastState.ARMED
    assert "after its expiry" in tally.warnings[0].detail
    await balanced_to_the_end(server)


async def test_a_quota_of_zero_is_refused_in_words(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = embedded.server.core.accounts.shared
    nothing = Quota(rate_per_second=0, burst=1)
    monkeypatch.setattr(shared, "quota", lambda account: nothing)
    await a_crowd(embedded, 2, PUSH)
    row = await prepared(embedded, **CLUB)
    assert row.state is BlastState.REFUSED
    assert "quota of the account capture is zero" in tally_of(row).problems[0].detail


async def test_an_empty_audience_is_a_warning(embedded: Embedded) -> None:
    await embedded.workflow("news", INBOX)
    await embedded.topic("club")
    row = await prepared(embedded, **CLUB)
    assert row.state is BlastState.ARMED
    assert tally_of(row).warnings[0].detail == "nobody is in the audience"
    event = event_of(await embedded.server.blasts.fire(embedded.env, row.number))
    assert await embedded.complete(event)


async def test_preparing_goes_on_after_a_crash_where_it_stands(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "PAGE_RECIPIENTS", 2)
    await a_crowd(embedded, 9)
    await embedded.hold("keeper:preparer")
    row = await begun(embedded, **CLUB)
    preparer, worker = embedded.server.core.preparer, embedded.server.core.lease.worker
    for _ in range(2):
        assert await preparer.go_on(await row_of(embedded, row.number), worker)
    assert cut_of(embedded, row.number) == 4
    assert tally_of(await row_of(embedded, row.number)).share == pytest.approx(4 / 9)
    await embedded.crash()
    await embedded.restart()
    await embedded.advance(60)
    done = await _armed(embedded, row)
    assert (tally_of(done).recipients, cut_of(embedded, row.number)) == (9, 9)


async def test_what_another_worker_prepares_is_left_alone_until_its_lease_is_over(
    anywhere: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "PAGE_RECIPIENTS", 2)
    await a_crowd(anywhere, 5)
    await anywhere.hold("keeper:preparer")
    row = await begun(anywhere, **CLUB)
    blasts, now = anywhere.server.store.blasts, anywhere.clock.now()
    other = await anywhere.server.store.work.start_worker([], 60 * SECOND, now)
    fence = await blasts.take(row, other, LEASE_SECONDS * SECOND, now)
    mine = anywhere.server.core.lease.worker
    assert await blasts.preparing(mine, 8, now) == []
    later = now + LEASE_SECONDS * SECOND
    assert [one.number for one in await blasts.preparing(mine, 8, later)] == [row.number]
    assert await blasts.take(row, mine, SECOND, later) == (fence or 0) + 1
    old = msgspec.structs.replace(row, fence=fence or 0)
    assert not await blasts.save(old, [], SECOND, later)


async def test_one_whose_catalogue_broke_is_refused_and_holds_up_no_other(
    embedded: Embedded,
) -> None:
    await a_crowd(embedded, 2)
    await embedded.hold("keeper:preparer")
    broken = await begun(embedded, **CLUB)
    embedded.change("update blast_plan set plan = '{}' where blast = ?", broken.number)
    embedded.release("keeper:preparer")
    row = await prepared(embedded, **CLUB)
    assert row.state is BlastState.ARMED
    assert (await _refused(embedded, broken)).problems[0].detail.startswith("it could not be")


async def _refused(server: Embedded, row: BlastRow) -> Tally:
    found = await row_of(server, row.number)
    assert found.state is BlastState.REFUSED
    return tally_of(found)


async def _armed(server: Embedded, row: BlastRow) -> BlastRow:
    return await reaching(server, row.number, lambda row: row.state is BlastState.ARMED)
