"""Which of several processes does what."""

from __future__ import annotations

import pytest

from clarion.assemble.roles import ALL_ROLES, Role
from clarion.assemble.shares import MOST_PROCESSES, OF_HTTP, URGENT, Share, shares
from clarion.core.workflow import Lane

ALL_LANES = tuple(Lane)
URGENT_LANES = (Lane.CRITICAL, Lane.TRANSACTIONAL)
OTHER_LANES = (Lane.SOCIAL, Lane.BULK)
WORK = frozenset({Role.WORKER, Role.KEEPER})


def test_two_processes_keep_urgent_apart_from_bulk() -> None:
    assert shares(2, ALL_ROLES, ALL_LANES) == [
        Share(roles=OF_HTTP | {Role.WORKER}, lanes=URGENT_LANES, answers=True),
        Share(roles=WORK, lanes=OTHER_LANES),
    ]


def test_four_processes_keep_http_apart_as_well() -> None:
    assert shares(4, ALL_ROLES, ALL_LANES) == [
        Share(roles=OF_HTTP, answers=True),
        Share(roles=frozenset({Role.WORKER}), lanes=URGENT_LANES),
        Share(roles=WORK, lanes=OTHER_LANES),
        Share(roles=WORK, lanes=OTHER_LANES),
    ]


@pytest.mark.parametrize(("count", "kinds"), [(1, [1]), (3, [1, 2]), (8, [2, 2, 4])])
def test_more_processes_are_divided_by_kind(count: int, kinds: list[int]) -> None:
    found = shares(count, ALL_ROLES, ALL_LANES)
    assert [found.count(share) for share in dict.fromkeys(found)] == kinds


def test_workers_of_the_lanes_that_are_named_all_serve_them() -> None:
    found = shares(3, frozenset({Role.WORKER}), (Lane.BULK,))
    assert [share.lanes for share in found] == [(Lane.BULK,)] * 3
    assert [share.answers for share in found] == [True, False, False]


def test_an_api_beside_bulk_alone_has_a_process_of_its_own() -> None:
    api, work = shares(2, frozenset({Role.API, Role.WORKER}), (Lane.BULK,))
    assert api == Share(roles=frozenset({Role.API}), answers=True)
    assert work == Share(roles=frozenset({Role.WORKER}), lanes=(Lane.BULK,))


def test_apis_alone_are_all_alike() -> None:
    assert shares(2, OF_HTTP, ALL_LANES) == [Share(roles=OF_HTTP, answers=True)] * 2


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 8, 17, MOST_PROCESSES])
@pytest.mark.parametrize("lanes", [ALL_LANES, URGENT_LANES, (Lane.BULK,), (Lane.CRITICAL,)])
@pytest.mark.parametrize(
    "roles",
    [ALL_ROLES, WORK, frozenset({Role.API}), frozenset({Role.KEEPER}), ALL_ROLES - {Role.KEEPER}],
)
def test_together_they_do_all_that_was_asked_for_and_somebody_answers(
    count: int, roles: frozenset[Role], lanes: tuple[Lane, ...]
) -> None:
    found = shares(count, roles, lanes)
    assert len(found) == count
    assert frozenset().union(*(share.roles for share in found)) == roles
    served = {lane for share in found for lane in share.lanes}
    assert served == (set(lanes) if Role.WORKER in roles else set())
    answering = {share.roles for share in found if share.answers}
    assert len(answering) == 1
    assert all(share.lanes for share in found if Role.WORKER in share.roles)


def test_only_what_serves_no_urgent_lane_and_no_request_is_bulk() -> None:
    assert [share.is_bulk for share in shares(4, ALL_ROLES, ALL_LANES)] == [
        False, False, True, True,
    ]  # fmt: skip
    assert not Share(roles=ALL_ROLES, lanes=(Lane.BULK,)).is_bulk
    assert not Share(roles=frozenset({Role.KEEPER})).is_bulk
    assert {Lane.CRITICAL, Lane.TRANSACTIONAL} == URGENT
