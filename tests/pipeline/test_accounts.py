"""How accounts are shown, over all processes."""

from __future__ import annotations

from clarion.core.delivery import Outcome, OutcomeClass
from tests.core.outcomes import DOWN, OK
from tests.pipeline.test_exchange import Pair, pair

__all__ = ["pair"]


async def test_an_account_is_shown_with_what_all_processes_say(pair: Pair) -> None:
    pair.one.saw(OK, OK)
    pair.clock.advance(1)
    pair.two.saw(DOWN)
    pair.two.valve.began(3)
    await pair.meet()
    (shown,) = await pair.one.accounts.documents()
    assert shown["outcomes"] == {"accepted": 2, "retry": 1}
    assert (shown["in_flight"], shown["processes"]) == (1, 2)
    assert shown["last_error"]["at"] == "2026-01-01T12:00:01.000000Z"
    assert (shown["breaker"], shown["ramp_percent"], shown["since"]) == ("closed", 100, None)
    assert (shown["rate_per_second"], shown["burst"]) == (10, 10)


async def test_the_lowest_limit_is_shown_and_until_when_it_rests(pair: Pair) -> None:
    pair.two.saw(Outcome(kind=OutcomeClass.RETRY_AFTER, retry_after_seconds=9))
    await pair.meet()
    (shown,) = await pair.one.accounts.documents()
    assert (shown["in_flight_limit"], shown["in_flight_ceiling"]) == (4, 8)
    assert shown["paused_until"] == "2026-01-01T12:00:09.000000Z"
    pair.clock.advance(9)
    (shown,) = await pair.one.accounts.documents()
    assert shown["paused_until"] is None


async def test_a_process_that_is_silent_for_long_is_left_out(pair: Pair) -> None:
    pair.two.saw(OK)
    await pair.meet()
    pair.clock.advance(61)
    (shown,) = await pair.one.accounts.documents()
    assert shown["outcomes"] == {}
