"""When the waits of many end, and what a digest is told by."""

from __future__ import annotations

from typing import Any

from clarion.clock import SECOND
from clarion.pipeline.writing import SPREAD_SECONDS
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import PUSH
from tests.pipeline.test_resume import NIGHT, at

HOUR = 3600 * SECOND


async def held_at_night(server: Embedded, users: int, **fields: Any) -> list[int]:
    """Instants, after the end of the quiet hours of all of them, when each is due."""
    people = [f"u{n}" for n in range(users)]
    for id_ in people:
        await server.user(id_, timezone="UTC")
        await server.device(id_, f"phone-of-{id_}")
        await server.prefer(id_, quiet_hours=NIGHT)
    await server.workflow("news", PUSH)
    await server.advance(at(server, "2026-03-02T23:00:00Z"))
    await server.send("news", *people, **fields)
    await server.quiet()
    morning = server.clock.now() + round(at(server, "2026-03-03T07:00:00Z") * SECOND)
    return [due - morning for (due,) in server.select("select due from waiting order by due")]


async def test_what_many_wait_for_is_spread_behind_its_end(anywhere: Embedded) -> None:
    late = await held_at_night(anywhere, 12)
    assert len(set(late)) == 12
    assert 0 <= late[0] <= late[-1] < SPREAD_SECONDS * SECOND


async def test_but_not_beyond_the_expiry(anywhere: Embedded) -> None:
    late = await held_at_night(anywhere, 12, expires_at="2026-03-03T07:00:05Z")
    assert 0 <= late[0] <= late[-1] < 5 * SECOND


async def test_a_delay_of_ones_own_ends_when_it_ends(embedded: Embedded) -> None:
    await embedded.users("ada")
    await embedded.workflow("news", {"delay": "PT1H"}, PUSH)
    now = embedded.clock.now()
    await embedded.send("news", "ada")
    await embedded.quiet()
    sql = "select due, first, gates from waiting"
    assert embedded.select(sql) == [(now + HOUR, 1, "")]


async def test_what_a_send_step_gathers_is_told_by_that_step_alone(embedded: Embedded) -> None:
    await embedded.user("ada", timezone="UTC")
    await embedded.device("ada", "phone")
    await embedded.prefer("ada", quiet_hours=NIGHT)
    await embedded.workflow("news", {**PUSH, "quiet": "digest"}, PUSH)
    await embedded.advance(at(embedded, "2026-03-02T23:00:00Z"))
    await embedded.send("news", "ada")
    await embedded.quiet()
    sql = "select first, last from waiting where kind = 2"
    assert embedded.select(sql) == [(0, 1)]
