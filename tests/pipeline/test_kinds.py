"""People who are the same are decided and written together, and nobody could tell."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.core.recipient import Recipient
from clarion.core.workflow import Channel
from clarion.pipeline.flow import Flow
from clarion.pipeline.kinds import Kind, kinds_of
from clarion.store.contract.people import Alike
from clarion.store.contract.work import DeliveryWrite, PageWrite, Task
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX, PUSH

MAIL = {"channel": "email", "template": {"subject": "News", "body": "There is news."}}
WORDS = {"channel": "inbox", "template": {"en": {"title": "News"}, "de": {"title": "Neues"}}}
EVERYBODY = {"all": True}
COLUMNS = {
    "notification": "user, tenant, bucket, open, waiting, sent, dead, decided",
    "item": "user, tenant, step, locale, personal, alert, expires_at",
    "content": "step, locale, user, body",
    "delivery": "user, step, channel, destination, account, lane, expires_at",
    "waiting": "user, step, n, first, last, kind, gates",
}


def a_kind(users: list[int], each: int) -> Kind:
    theirs = [user * 10 + n for user in users for n in range(each)]
    first = Recipient(user=users[0], destinations={Channel.PUSH: tuple(theirs[:each])})
    return Kind(first, users, theirs)


def told(kind: Kind) -> list[tuple[int, tuple[int, ...]]]:
    return [(one.user, one.destinations[Channel.PUSH]) for one in kind.recipients()]


@given(st.lists(st.integers(1, 50), min_size=1, unique=True), st.integers(0, 3), st.integers(0, 55))
def test_a_part_of_a_kind_keeps_everybodys_destinations(
    numbers: list[int], each: int, place: int
) -> None:
    users = sorted(numbers)
    kind = a_kind(users, each)
    parts = [kind.part(0, place), kind.part(place, 100)]
    found = [line for part in parts if part is not None for line in told(part)]
    assert found == told(kind)
    assert found == [(u, tuple(u * 10 + n for n in range(each))) for u in users]
    rest = kind.without(place)
    assert (told(rest) if rest else []) == [line for line in found if line[0] != place]


def test_a_delivery_goes_to_the_same_place_of_each() -> None:
    kind = a_kind([4, 7, 9], 2)
    one = DeliveryWrite(1, "ee", 1, 4, 0, 2, 41, "fcm", 1, 0, 5, 5, None, None, 1)
    found = list(kind.deliveries(one))
    assert found[0] == one
    assert [(d.user, d.destination, d.silent) for d in found] == [
        (4, 41, 1),
        (7, 71, 1),
        (9, 91, 1),
    ]
    hook = msgspec.structs.replace(one, destination=0)
    assert [d.destination for d in kind.deliveries(hook)] == [0, 0, 0]


def test_the_actor_is_of_no_kind_and_stands_for_nobody() -> None:
    alike = Alike(recipient=Recipient(user=3), users=[3, 5], destinations=[])
    (kind,) = kinds_of([alike], actor=3, topic=8)
    assert (kind.first.user, kind.first.topic, kind.users) == (5, 8, [5])
    assert kinds_of([Alike(recipient=Recipient(user=3), users=[3], destinations=[])], 3, 0) == []


async def a_mixed_crowd(server: Embedded) -> None:
    """Some are the same, some are not."""
    await server.default(channels={"email": "on"})
    for n in range(36):
        fields: dict[str, Any] = {"locale": ("de", "en", None)[n % 3]}
        if n % 4 == 0:
            fields["email"] = f"u{n}@example.org"
        if n % 5 == 0:
            fields["timezone"] = "Asia/Tokyo"
        await server.user(f"u{n:02}", **fields)
        for device in range(n % 3):
            await server.device(f"u{n:02}", f"{n}-{device}", ("fcm", "apns")[device])
    for n in (1, 10, 20):
        await server.prefer(f"u{n:02}", channels={"push": "off"})
    await server.prefer("u30", workflows={"news": {"channels": {"inbox": "off"}}})
    await server.prefer("u31", workflows={"other": {"channels": {"inbox": "off"}}})
    await server.prefer("u32", actors={"u00": {"mute_until": "2999-01-01T00:00:00Z"}})
    await server.server.store.people.erase(server.env, "u33", server.clock.now())


def rows_of(server: Embedded, event: bytes) -> dict[str, list[Any]]:
    rows = {
        table: server.select(
            f"select {columns} from {table} where event = ? order by 1, 2, 3, 4".replace(
                "user", '"user"'
            ),
            event,
        )
        for table, columns in COLUMNS.items()
    }
    rows["notification"] = [
        (*rest, msgspec.json.decode(decided)[2:]) for *rest, decided in rows["notification"]
    ]
    return rows


@pytest.fixture
def written_together(anywhere: Embedded, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many of each page were written together."""
    work = anywhere.server.store.work
    write_page, found = work.write_page, list[int]()

    async def seeing(task: Task, page: PageWrite, cursor: int, done: bool, now: int) -> None:
        found.append(sum(len(group.users) for group in page.alike))
        await write_page(task, page, cursor, done, now)

    monkeypatch.setattr(work, "write_page", seeing)
    return found


@pytest.mark.parametrize(
    ("steps", "together"),
    [
        ([WORDS, PUSH, MAIL], 29),
        ([WORDS], 29),
        ([{"delay": "PT1H"}, WORDS], 0),
        ([WORDS, INBOX, PUSH], 0),
    ],
    ids=["all channels", "inbox", "behind a delay", "two items"],
)
async def test_rows_are_the_same_as_if_everybody_were_decided_alone(
    anywhere: Embedded,
    written_together: list[int],
    monkeypatch: pytest.MonkeyPatch,
    steps: list[dict[str, Any]],
    together: int,
) -> None:
    await a_mixed_crowd(anywhere)
    await anywhere.workflow("news", *steps)
    event = await anywhere.send("news", EVERYBODY, actor="u00")
    await anywhere.quiet()
    assert sum(written_together) == together
    by_kind = rows_of(anywhere, event)

    monkeypatch.setattr(Flow, "impersonal", False)
    written_together.clear()
    again = await anywhere.send("news", EVERYBODY, actor="u00")
    await anywhere.quiet()
    assert sum(written_together) == 0
    assert by_kind == rows_of(anywhere, again)
    assert len(by_kind["notification"]) >= 35


async def test_counters_and_numbers_go_on_beside_those_of_others(
    anywhere: Embedded, written_together: list[int]
) -> None:
    await anywhere.users(*(f"u{n}" for n in range(6)))
    await anywhere.workflow("news", WORDS)
    await anywhere.told("news", "u2", "u4")
    await anywhere.told("news", EVERYBODY)
    await anywhere.told("news", EVERYBODY)
    assert written_together == [6, 6]
    found = anywhere.select('select "user", max(seq), count(*) from item group by 1 order by 1')
    assert found == [(n, *((3, 3) if n in (3, 5) else (2, 2))) for n in range(1, 7)]
    counters = anywhere.select(
        'select seq, unread, unseen, total from inbox_counter order by "user"'
    )
    assert counters == [(3,) * 4 if n in (3, 5) else (2,) * 4 for n in range(1, 7)]


async def test_who_was_told_by_another_task_is_left_out(
    anywhere: Embedded, written_together: list[int]
) -> None:
    names = [f"u{n}" for n in range(6)]
    await anywhere.users(*names)
    await anywhere.topic("a", *names[:4])
    await anywhere.topic("b", *names[2:])
    await anywhere.workflow("news", WORDS)
    event = await anywhere.told("news", {"topic": "a"}, {"topic": "b"})
    assert (await anywhere.counts(event)).sent == 6
    assert anywhere.select("select max(seq) from item") == [(1,)]
