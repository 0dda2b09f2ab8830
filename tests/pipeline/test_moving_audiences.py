"""People come, go and change their minds while a large audience is walked: what holds when their
page is decided counts, and what holds when a message leaves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from clarion.core.states import Bucket
from clarion.store.contract.names import NameKind
from clarion.store.contract.work import PageWrite, Task
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import MAIL, a_note

PAGES = 2
PAGE_ALIKE = 250
COUNT = PAGES * PAGE_ALIKE
FANS = {"topic": "fans"}
LAST = f"u{COUNT - 1:05}"
Action = Callable[[], Awaitable[object]]


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clarion.pipeline.paging.PAGE_ALIKE", PAGE_ALIKE)


async def a_crowd(server: Embedded, count: int = COUNT) -> list[str]:
    names = [f"u{n:05}" for n in range(count)]
    await server.users(*names)
    await server.topic("fans", *names)
    return names


def after_the_first_page(
    server: Embedded, monkeypatch: pytest.MonkeyPatch, action: Action
) -> list[int]:
    """`action` happens once, between the first page that is written and the next; the cursors of
    all pages are added to the answer."""
    work = server.server.store.work
    write_page = work.write_page
    cursors: list[int] = []

    async def acting(task: Task, page: PageWrite, cursor: int, done: bool, now: int) -> None:
        await write_page(task, page, cursor, done, now)
        cursors.append(cursor)
        if len(cursors) == 1:
            server.clock.advance(1)
            await action()

    monkeypatch.setattr(work, "write_page", acting)
    return cursors


async def test_who_joins_ahead_of_the_cursor_is_told(
    anywhere: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_crowd(anywhere)
    await anywhere.users("late")
    await a_note(anywhere)
    after_the_first_page(anywhere, monkeypatch, lambda: anywhere.topic("fans", "late"))
    event = await anywhere.told("note", FANS)
    assert (await anywhere.counts(event)).sent == COUNT + 1
    assert (await anywhere.why(event, "late"))["verdict"] == "told"


async def test_who_leaves_before_the_page_is_not_told_and_why_says_so(
    anywhere: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_crowd(anywhere)
    await a_note(anywhere)
    topics = anywhere.server.store.topics
    after_the_first_page(
        anywhere,
        monkeypatch,
        lambda: topics.subscribe(anywhere.env, "fans", [], [LAST, "u00000"], anywhere.clock.now()),
    )
    event = await anywhere.told("note", FANS)
    assert (await anywhere.counts(event)).sent == COUNT - 1
    why = await anywhere.why(event, LAST)
    assert why["verdict"] == "not_in_audience"
    assert f"the topic fans, which {LAST} left before being reached" in why["because"]
    assert (await anywhere.why(event, "u00000"))["verdict"] == "told"


async def test_a_mute_and_an_erasure_hold_from_the_page_on(
    anywhere: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = await a_crowd(anywhere)
    await a_note(anywhere)

    async def change() -> None:
        await anywhere.prefer(LAST, channels={"inbox": "off"})
        await anywhere.prefer(names[0], channels={"inbox": "off"})
        await anywhere.server.store.people.erase(anywhere.env, names[-2], anywhere.clock.now())

    after_the_first_page(anywhere, monkeypatch, change)
    event = await anywhere.told("note", FANS)
    counts = await anywhere.counts(event)
    assert counts.sent == COUNT - 2
    assert (await anywhere.why(event, LAST))["verdict"] == "not_told"
    assert (await anywhere.why(event, names[0]))["verdict"] == "told"
    assert (await anywhere.why(event, names[-2]))["verdict"] == "not_in_audience"


async def test_a_topic_that_is_deleted_meanwhile_reaches_nobody_more(
    anywhere: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_crowd(anywhere)
    await a_note(anywhere)
    topics = anywhere.server.store.topics
    cursors = after_the_first_page(
        anywhere,
        monkeypatch,
        lambda: topics.delete(anywhere.env, "fans", anywhere.clock.now()),
    )
    event = await anywhere.told("note", FANS)
    told = (await anywhere.counts(event)).sent
    assert 0 < told <= PAGE_ALIKE
    assert (await anywhere.event(event)).expanding == 0
    assert len(cursors) > 1
    why = await anywhere.why(event, LAST)
    assert why["verdict"] == "not_in_audience"
    assert f"the topic fans, which was deleted before {LAST} was reached" in why["because"]
    again = await anywhere.told("note", FANS)
    assert (await anywhere.counts(again)).sent == 0


async def test_a_deleted_topic_ends_for_all_at_once(anywhere: Embedded) -> None:
    """Before its subscriptions have ended page by page."""
    await a_crowd(anywhere, 3)
    await a_note(anywhere)
    await anywhere.hold("fanout")
    event = await anywhere.send("note", FANS)
    anywhere.change("update topic set deleted_at = 1")
    anywhere.release("fanout")
    await anywhere.settled(event)
    assert anywhere.select("select 1 from notification") == []
    assert anywhere.select("select 1 from subscription where until is not null") == []


@pytest.mark.parametrize("count", [0, 1, PAGE_ALIKE, PAGE_ALIKE + 1])
async def test_topics_of_any_size_end(anywhere: Embedded, count: int) -> None:
    await a_crowd(anywhere, count)
    await a_note(anywhere)
    event = await anywhere.told("note", FANS)
    assert (await anywhere.counts(event)).sent == count
    assert (await anywhere.event(event)).expanding == 0


async def test_who_unsubscribes_twice_and_comes_back_is_told_once(anywhere: Embedded) -> None:
    await a_crowd(anywhere, 2)
    await a_note(anywhere)
    topics, env = anywhere.server.store.topics, anywhere.env
    ends = []
    for _ in range(2):
        anywhere.clock.advance(1)
        ends.append(await topics.subscribe(env, "fans", [], ["u00001"], anywhere.clock.now()))
    assert ends == [(0, 1), (0, 0)]
    assert (await anywhere.counts(await anywhere.told("note", FANS))).sent == 1
    anywhere.clock.advance(1)
    assert await topics.subscribe(env, "fans", ["u00001"], [], anywhere.clock.now()) == (1, 0)
    event = await anywhere.told("note", FANS)
    assert (await anywhere.counts(event)).sent == 2
    assert (await anywhere.why(event, "u00001"))["verdict"] == "told"


async def test_what_happens_between_decision_and_send_holds_too(anywhere: Embedded) -> None:
    """Muted: stopped. Erased: not sent. Left the topic: it was for them when it was decided."""
    await anywhere.workflow("news", MAIL)
    for name in ("stays", "mutes", "goes", "leaves"):
        await anywhere.user(name, email=f"{name}@example.org")
    await anywhere.topic("fans", "stays", "mutes", "goes", "leaves")
    await anywhere.hold("ready")
    event = await anywhere.send("news", FANS)
    await anywhere.quiet()
    assert (await anywhere.counts(event)).open == 4
    anywhere.clock.advance(1)
    await anywhere.prefer("mutes", mute_until="forever")
    number = await anywhere.number(NameKind.USER, "goes")
    await anywhere.server.store.people.erase(anywhere.env, "goes", anywhere.clock.now())
    topics = anywhere.server.store.topics
    await topics.subscribe(anywhere.env, "fans", [], ["leaves"], anywhere.clock.now())
    anywhere.release("ready")
    await anywhere.settled(event)
    ends: dict[int, int] = dict(
        anywhere.select('select "user", bucket from notification where event = ?', event)
    )
    by_name = {
        name: ends[await anywhere.number(NameKind.USER, name)]
        for name in ("stays", "mutes", "leaves")
    }
    assert by_name == {
        "stays": Bucket.SENT, "mutes": Bucket.SKIPPED, "leaves": Bucket.SENT,
    }  # fmt: skip
    assert ends[number] == Bucket.SKIPPED
    assert len(anywhere.select("select 1 from capture")) == 2
