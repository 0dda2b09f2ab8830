"""Numbers on their way between processes."""

from __future__ import annotations

from clarion.bus.ears import AT_ONCE, MOST_UNTOLD, Ears, Untold, packed, unpacked


def test_numbers_are_packed_and_unpacked() -> None:
    numbers = [0, 1, 2**62]
    found = unpacked(packed(numbers))
    assert found is not None
    assert [*found] == numbers


def test_what_is_not_of_our_making_says_that_something_was_missed() -> None:
    assert unpacked(b"") is None
    assert unpacked(b"ring") is None


def test_many_numbers_travel_in_several_messages_each_once() -> None:
    untold = Untold()
    untold.add("inbox:1", range(AT_ONCE + 1))
    untold.add("inbox:1", range(10))
    sizes = [len(message) // 8 for _, message in untold.take()]
    assert sizes == [AT_ONCE, 1]
    assert not untold


def test_too_many_numbers_become_a_hint_to_look_at_everything() -> None:
    untold = Untold()
    untold.add("inbox:1", range(MOST_UNTOLD + 1))
    untold.add("inbox:1", [1])
    assert [*untold.take()] == [("inbox:1", b"")]


async def test_an_ear_that_missed_something_says_so_once() -> None:
    ears = Ears()
    ear = ears.add("inbox:1", {1})
    ears.told("inbox:1", b"")
    ears.told("inbox:1", packed([1, 2]))
    assert await ear.take() == (frozenset({1}), True)
    ears.tell("inbox:1", [1])
    assert await ear.take() == (frozenset({1}), False)


def test_a_name_that_nobody_hears_is_forgotten() -> None:
    ears = Ears()
    ear = ears.add("inbox:1", {1})
    assert ears.names() == ["inbox:1"]
    del ear
    assert ears.names() == []
