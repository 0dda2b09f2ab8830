"""How far bulk holds back, step by step."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from clarion.core.headway import Headway, HeadwayPolicy

POLICY = HeadwayPolicy()


def after(pressures: list[bool], seconds: float = 0.1) -> list[Headway]:
    """Paces from one step to the next."""
    found = [Headway()]
    for n, pressed in enumerate(pressures, 1):
        move = found[-1].pressed if pressed else found[-1].eased
        found.append(move(n * seconds, POLICY))
    return found


def test_it_begins_at_full_speed_and_never_rests() -> None:
    assert not Headway().yielding
    assert Headway().rest_seconds(1.0, POLICY) == 0.0


def test_pressure_cuts_the_share_down_to_the_least() -> None:
    shares = [headway.share for headway in after([True] * 10)]
    assert shares[1] == POLICY.cut
    assert shares[2] == POLICY.cut**2
    assert shares[-1] == POLICY.least


def test_pressure_that_is_told_often_cuts_once_in_a_while() -> None:
    headway = Headway().pressed(1.0, POLICY)
    for told in range(50):
        headway = headway.pressed(1.0 + told * 0.001, POLICY)
    assert headway.share == POLICY.cut
    assert headway.pressed_seconds == 1.049


def test_calm_gives_back_in_small_steps_but_not_at_once() -> None:
    found = after([True, True, *[False] * 6])
    shares = [round(headway.share, 3) for headway in found]
    assert shares == [1.0, 0.9, 0.81, 0.81, 0.81, 0.86, 0.91, 0.96, 1.0]
    assert not found[-1].yielding


def test_a_rest_is_as_long_as_the_share_says_and_bounded() -> None:
    half = Headway(share=0.5)
    assert half.rest_seconds(0.01, POLICY) == 0.01
    assert half.rest_seconds(60.0, POLICY) == POLICY.longest_rest_seconds
    assert half.rest_seconds(-1.0, POLICY) == 0.0


@given(st.lists(st.booleans(), max_size=200), st.floats(0.001, 5.0))
def test_the_share_stays_within_its_bounds_and_moves_by_small_steps(
    pressures: list[bool], seconds: float
) -> None:
    for one, next_ in pairwise(after(pressures, seconds)):
        assert POLICY.least <= next_.share <= 1.0
        assert next_.share <= one.share + POLICY.gain + 1e-9
        assert next_.share >= one.share * POLICY.cut - 1e-9


@given(st.lists(st.booleans(), max_size=50))
def test_enough_calm_brings_back_full_speed(pressures: list[bool]) -> None:
    steps = round((1 - POLICY.least) / POLICY.gain) + 4
    assert after([*pressures, *[False] * steps])[-1].share == 1.0
