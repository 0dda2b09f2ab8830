"""A page is written in pieces, as large as the store is fast."""

from __future__ import annotations

from clarion.core.recipient import Recipient
from clarion.pipeline.chunks import CHUNK_RECIPIENTS, MOST_RECIPIENTS, Pace, parts_of
from clarion.pipeline.kinds import Kind
from clarion.pipeline.paging import People


def test_a_fast_store_gets_the_most_and_a_slow_one_less_and_less() -> None:
    pace = Pace(0.01)
    assert pace.size(MOST_RECIPIENTS, 0) == MOST_RECIPIENTS
    sizes = []
    for _ in range(5):
        pace.took(0.02)
        sizes.append(pace.size(MOST_RECIPIENTS, 0))
    assert sizes == [500] * 5
    assert sizes[-1] == CHUNK_RECIPIENTS
    pace.took(0.007)
    assert pace.size(MOST_RECIPIENTS, 0) == CHUNK_RECIPIENTS
    for _ in range(20):
        pace.took(0.001)
    assert pace.size(MOST_RECIPIENTS, 0) == MOST_RECIPIENTS


def test_people_with_rows_of_their_own_count_more() -> None:
    pace = Pace(0.01)
    assert pace.size(0, 500) == 250
    assert 250 < pace.size(250, 250) < 500
    assert pace.size(0, 0) >= 1


def test_parts_hold_everybody_once_in_the_order_of_numbers() -> None:
    kinds = [Kind(Recipient(user=n), list(range(n, 20, 3)), []) for n in (1, 2)]
    alone = [Recipient(user=n) for n in range(3, 20, 3)]
    people = People(kinds=kinds, recipients=alone)
    found = []
    for mine, some in parts_of(range(1, 20), people, 6):
        users = sorted(user for kind in some.kinds for user in kind.users)
        assert sorted([*users, *(one.user for one in some.recipients)]) == mine
        assert some.rows is people.rows
        found.append(mine)
    assert [len(mine) for mine in found] == [6, 6, 6, 1]
    assert [user for mine in found for user in mine] == list(range(1, 20))


def test_nobody_comes_as_nobody() -> None:
    people = People(recipients=[Recipient(user=0)])
    ((mine, some),) = parts_of([0], people, 10)
    assert (mine, some.recipients) == ([0], people.recipients)
