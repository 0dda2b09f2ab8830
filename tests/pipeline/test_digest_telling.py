"""Why, for what is told together with other events."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.core.ids import event_key, notification_key
from clarion.errors import NotFoundError
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import MAIL, PUSH

WINDOW = 600
GATHERS = (
    "The workflow news gathers several such events into one message, so the push and the e-mail"
    " were kept for the next digest"
)


@pytest.fixture
async def gathering(wired: Embedded) -> Embedded:
    """A server whose workflow gathers for ten minutes, then pushes and mails to Ada in Berlin."""
    steps = [{"digest": {"window": "PT10M", "key": "data.doc"}}, {"send": PUSH}, {"send": MAIL}]
    await wired.workflow("news", steps=steps)
    await wired.user("ada", email="ada@example.org", timezone="Europe/Berlin")
    await wired.device("ada", "phone")
    return wired


async def gathered(server: Embedded, count: int) -> list[bytes]:
    """Ids of events that wait in one digest."""
    events = []
    for _ in range(count):
        events.append(await server.send("news", "ada", data={"doc": "doc:9"}))
        await server.quiet()
    return events


async def closed(server: Embedded, event: bytes) -> dict[str, Any]:
    """The answer once the digest was told."""
    await server.advance(WINDOW)
    await server.settled(event)
    return await server.why(event, "ada")


def digest_of(why: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = why["channels"][0]["digest"]
    return found


async def test_what_is_gathered_waits_with_the_others(gathering: Embedded) -> None:
    first, *_, last = await gathered(gathering, 3)
    why = await gathering.why(first, "ada")
    assert why["verdict"] == "waiting"
    assert why["because"] == f"{GATHERS}, due at 13:10 on 1 January (Europe/Berlin)."
    entry = why["channels"][0]
    assert (entry["channel"], entry["wait"], entry["result"]) == (None, "digest", "digest")
    digest = digest_of(why)
    assert (digest["key"], digest["count"], digest["told_by"]) == ("doc:9", 3, None)
    assert digest["closes_at"] == "2026-01-01T12:10:00.000000Z"
    (wait,) = why["waits"]
    assert (wait["digest"], wait["due"]) == (digest["id"], digest["closes_at"])
    assert wait["next"] == (
        "ada will be told by push and by e-mail, together with 2 others gathered so far, after"
        " 13:10 on Thursday (Europe/Berlin), if nothing stands against it then."
    )
    assert digest_of(await gathering.why(last, "ada")) == digest
    await closed(gathering, first)


async def test_one_alone_waits_for_whatever_joins_it(gathering: Embedded) -> None:
    (event,) = await gathered(gathering, 1)
    why = await gathering.why(event, "ada")
    assert ", together with whatever joins it until then, after " in why["waits"][0]["next"]
    why = await closed(gathering, event)
    assert "It was told by itself at 13:10 on 1 January" in why["because"]


async def test_what_was_told_together_shows_the_messages_of_the_digest(
    gathering: Embedded,
) -> None:
    first, second, _ = await gathered(gathering, 3)
    why = await closed(gathering, first)
    assert why["verdict"] == "told"
    assert why["because"] == (
        f"{GATHERS}. It was told together with 2 others at 13:10 on 1 January (Europe/Berlin)."
        " ada has nothing set against it, so the push and the e-mail were sent."
    )
    digest = digest_of(why)
    assert digest["closed_at"] == "2026-01-01T12:10:00.000000Z"
    assert [(d["channel"], d["status"], d["digest"]) for d in why["deliveries"]] == [
        ("push", "sent", digest["id"]),
        ("email", "sent", digest["id"]),
    ]
    assert {d["told_together_with"] for d in why["deliveries"]} == {2}
    assert [line["what"] for line in why["timeline"]] == [
        *("accepted", "decided", "joined digest", "digest closed", "decided"),
        *("queued", "queued", "sent", "sent"),
    ]
    assert why["waits"] == []
    other = await gathering.why(second, "ada")
    assert (other["verdict"], digest_of(other)) == ("told", digest)


async def test_what_was_taken_back_in_time_is_not_told(gathering: Embedded) -> None:
    first, second = await gathered(gathering, 2)
    now = gathering.clock.now()
    await gathering.server.store.events.cancel(gathering.env, [second], None, now)
    why = await gathering.why(second, "ada")
    assert (why["verdict"], why["because"]) == (
        "not_told",
        "The event news was cancelled, so the push and the e-mail were not sent.",
    )
    assert why["channels"][0]["taken_back_at"] == "2026-01-01T12:00:00.000000Z"
    assert digest_of(await closed(gathering, first))["count"] == 1
    assert (await gathering.why(second, "ada"))["verdict"] == "not_told"


async def test_a_digest_that_was_muted_before_it_closed_told_nobody(gathering: Embedded) -> None:
    first, _ = await gathered(gathering, 2)
    await gathering.prefer("ada", mute_until="forever")
    why = await closed(gathering, first)
    assert why["verdict"] == "not_told"
    assert why["because"].endswith(
        "It was gathered together with 1 other until 13:10 on 1 January (Europe/Berlin). ada muted"
        " all notifications, so nothing was sent."
    )


async def test_a_digest_says_why_by_itself(gathering: Embedded) -> None:
    events = await gathered(gathering, 2)
    key = event_key(digest_of(await gathering.why(events[0], "ada"))["id"])
    still_open = await gathering.why(key, "ada")
    assert (still_open["verdict"], still_open["because"]) == (
        "waiting",
        "The digest has gathered 2 events so far, of which ada will be told after 13:10 on"
        " Thursday (Europe/Berlin), if nothing stands against it then.",
    )
    await closed(gathering, events[0])
    why = await gathering.why(key, "ada")
    assert (why["verdict"], why["because"]) == (
        "told",
        "This digest gathered 2 events for ada. ada has nothing set against it, so the push and"
        " the e-mail were sent.",
    )
    names = sorted((f"evt_{event.hex()}" for event in events), reverse=True)
    for answer in (still_open, why):
        assert [told["event_id"] for told in answer["tells_of"]["events"]] == names
    assert why["tells_of"]["events"][0]["why"] == f"/v1/events/{names[0]}/why?user=ada"
    assert [line["what"] for line in why["timeline"]][:2] == ["digest closed", "decided"]
    assert why["versions"]["same_answer_today"]


async def test_a_digest_of_which_all_was_taken_back_says_so(gathering: Embedded) -> None:
    events = await gathered(gathering, 2)
    key = event_key(digest_of(await gathering.why(events[0], "ada"))["id"])
    now = gathering.clock.now()
    await gathering.server.store.events.cancel(gathering.env, events, None, now)
    assert (await gathering.why(key, "ada"))["because"] == (
        "All that the digest gathered was taken back: ada will be told nothing, unless more joins"
        " it."
    )
    await gathering.advance(WINDOW)
    await gathering.quiet()
    assert (await gathering.why(key, "ada"))["because"] == (
        "All that this digest gathered for ada was taken back. The digest was cancelled, so nothing"
        " was sent."
    )


async def test_the_notification_of_a_digest_has_its_story(gathering: Embedded) -> None:
    event, _ = await gathered(gathering, 2)
    told_by = digest_of(await closed(gathering, event))["told_by"]
    story = await gathering.server.explainer.notification(gathering.env, *notification_key(told_by))
    assert (story["id"], story["status"], story["event_type"]) == (
        told_by,
        "sent",
        "clarion.digest",
    )
    assert story["tells_of"]["count"] == 2


async def test_a_digest_is_nobody_elses(gathering: Embedded) -> None:
    await gathering.users("bob")
    (event,) = await gathered(gathering, 1)
    key = event_key(digest_of(await gathering.why(event, "ada"))["id"])
    answers = [await gathering.why(key, "bob")]
    await closed(gathering, event)
    answers.append(await gathering.why(key, "bob"))
    for why in answers:
        assert why["verdict"] == "not_in_audience"
        assert why["because"] == "The digest gathered events for somebody else, not for bob."
        assert why["tells_of"]["events"] == []
    with pytest.raises(NotFoundError, match="no event"):
        await gathering.why(bytes([*key[:-1], key[-1] ^ 1]), "ada")


async def test_what_quiet_hours_gather_is_told_by_that_step_alone(wired: Embedded) -> None:
    await wired.workflow("news", {**PUSH, "quiet": "digest"}, MAIL)
    await wired.user("ada", email="ada@example.org", timezone="Europe/Berlin")
    await wired.device("ada", "phone")
    await wired.prefer("ada", pause_until="2026-01-01T13:00:00Z")
    first, second = [await wired.send("news", "ada") for _ in range(2)]
    await wired.quiet()
    why = await wired.why(first, "ada")
    assert why["because"] == (
        "ada had paused all notifications, so the push was kept for the next digest, due at 14:00"
        " on 1 January (Europe/Berlin), and the e-mail was held until 14:00 on 1 January"
        " (Europe/Berlin)."
    )
    assert why["channels"][0]["digest"]["count"] == 2
    await wired.advance(3_600 + 300)
    await wired.settled(second)
    why = await wired.why(first, "ada")
    assert why["verdict"] == "told"
    assert "It was told together with 1 other" in why["because"]
    assert why["versions"]["same_answer_today"]


async def test_a_digest_that_is_held_itself_says_what_comes_next(gathering: Embedded) -> None:
    first, _ = await gathered(gathering, 2)
    await gathering.prefer("ada", pause_until="2026-01-01T14:00:00Z")
    await gathering.advance(WINDOW)
    await gathering.quiet()
    why = await gathering.why(first, "ada")
    assert why["verdict"] == "waiting"
    assert {wait["next"] for wait in why["waits"]} == {
        "ada will be told by push after 15:00 on Thursday (Europe/Berlin).",
        "ada will be told by e-mail after 15:00 on Thursday (Europe/Berlin).",
    }
    assert {wait["digest"] for wait in why["waits"]} == {digest_of(why)["id"]}
    await gathering.advance(2 * 3_600)
    await gathering.settled(first)
    assert (await gathering.why(first, "ada"))["verdict"] == "told"


async def test_a_digest_names_who_caused_what_it_tells_of(gathering: Embedded) -> None:
    await gathering.users("bo")
    first = await gathering.send("news", "ada", actor="bo", data={"doc": "doc:9"})
    await gathering.quiet()
    key = event_key(digest_of(await gathering.why(first, "ada"))["id"])
    told = (await gathering.why(key, "ada"))["tells_of"]["events"]
    assert [one["actor"] for one in told] == ["bo"]
