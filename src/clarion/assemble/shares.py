"""Which of several processes does what: urgent lanes apart from the others, and both apart from
HTTP where there are enough processes."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from clarion.assemble.roles import Role
from clarion.core.workflow import Lane

URGENT = frozenset({Lane.CRITICAL, Lane.TRANSACTIONAL})
OF_HTTP = frozenset({Role.API, Role.GATEWAY})
MOST_PROCESSES = 64
_APART_FROM = 4
"""From so many processes on HTTP has processes of its own, one in four of all."""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What one process is for. `answers`: it takes requests at the common address."""

    roles: frozenset[Role]
    lanes: tuple[Lane, ...] = ()
    answers: bool = False

    @property
    def is_bulk(self) -> bool:
        """Whether it serves lanes, and no urgent one, and nobody waits for its answers."""
        return is_bulk(self.roles, self.lanes)


def is_bulk(roles: Iterable[Role], lanes: Iterable[Lane]) -> bool:
    """Whether a process of these roles and lanes may step back behind all others."""
    served = frozenset(lanes)
    return Role.WORKER in roles and not served & URGENT and not OF_HTTP & frozenset(roles)


def shares(count: int, roles: frozenset[Role], lanes: Iterable[Lane]) -> list[Share]:
    """What each of `count` processes is for; together all roles and lanes, which are not empty.

    Urgent lanes are apart from the others from two processes on, HTTP from four on. Keepers are
    with the less urgent lanes.
    """
    served = tuple(lanes) if Role.WORKER in roles else ()
    kinds = _kinds(count, roles, served)
    parts = [kind for kind, times in kinds for _ in range(times)]
    if any(part.roles & OF_HTTP for part in parts):
        return [msgspec.structs.replace(p, answers=bool(p.roles & OF_HTTP)) for p in parts]
    return [msgspec.structs.replace(parts[0], answers=True), *parts[1:]]


def _kinds(count: int, roles: frozenset[Role], lanes: tuple[Lane, ...]) -> list[tuple[Share, int]]:
    http, rest = roles & OF_HTTP, roles - OF_HTTP
    urgent = tuple(lane for lane in lanes if lane in URGENT)
    other = tuple(lane for lane in lanes if lane not in URGENT)
    if count == 1 or not rest or not lanes:
        return [(Share(roles=roles, lanes=lanes), count)]
    found: list[tuple[Share, int]] = []
    left = count
    if http and (count >= _APART_FROM or not (urgent and other)):
        found.append((Share(roles=http), times := max(1, count // _APART_FROM)))
        left, http = left - times, frozenset()
    if not (urgent and other):
        return [*found, (Share(roles=http | rest, lanes=lanes), left)]
    times = max(1, count // _APART_FROM)
    found.append((Share(roles=http | {Role.WORKER}, lanes=urgent), times))
    return [*found, (Share(roles=rest, lanes=other), left - times)]
