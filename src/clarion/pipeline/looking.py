"""Users look at their inboxes: broadcasts that are new to these are decided, and written as the
rows that any other notification comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from clarion.bus.contract import Bus
from clarion.errors import UnavailableError
from clarion.pipeline.hearsay import inboxes_of, told_of
from clarion.pipeline.hindsight import Hindsight
from clarion.store.contract import Store
from clarion.store.contract.broadcasts import Found, LookWrite
from clarion.telemetry import logger

AT_ONCE = 100
"""Broadcasts of one user that one transaction writes."""

TOGETHER = 500
"""Decisions that one transaction writes, of several users."""

USERS = 500
"""Users who are looked up by one statement, ..."""
WITHIN = 20_000
"""... unless they are further behind than so many broadcasts, all together."""

PASSED_BY = 50
"""So many new broadcasts that are not the user's are looked at again with the next look, which
costs less than to write down that they were passed by."""

TRIES = 5

_log = logger("looking")


class Looker:
    """Brings inboxes up to date."""

    def __init__(self, store: Store, hindsight: Hindsight, bus: Bus) -> None:
        self._store = store
        self._hindsight = hindsight
        self._bus = bus

    async def look(self, env: int, user: int, tenant: int) -> None:
        """Bring an inbox up to date. While the store cannot be written the inbox stays as it is;
        the next look decides the same."""
        await self.look_all(env, [user], tenant)

    async def look_all(self, env: int, users: Sequence[int], tenant: int) -> None:
        """Bring the inboxes of users up to date."""
        try:
            for start in range(0, len(users), USERS):
                await self._look(env, sorted(set(users[start : start + USERS])), tenant)
        except UnavailableError:
            _log.debug("broadcasts are decided later, as the store cannot be written")
        except Exception:  # noqa: BLE001 - what is there can be read
            _log.exception("the broadcasts of inboxes were not decided")

    async def _look(self, env: int, users: list[int], tenant: int) -> None:
        """Until all are decided, or their inboxes change too often meanwhile."""
        missed: Counter[int] = Counter()
        while users:
            newest, behind = await self._store.broadcasts.behind(env, users, tenant)
            again: set[int] = set()
            while behind:
                page = _page(behind, newest)
                reached, moved = await self._step(env, tenant, page, newest)
                again |= moved
                behind = {
                    user: reached.get(user, marker)
                    for user, marker in behind.items()
                    if user not in moved and reached.get(user, marker) < newest
                }
            missed.update(again)
            users = sorted(user for user in again if missed[user] < TRIES)
            if len(users) < len(again):
                _log.warning("inboxes changed too often meanwhile; they are decided later")

    async def _step(
        self, env: int, tenant: int, markers: dict[int, int], newest: int
    ) -> tuple[dict[int, int], set[int]]:
        """Decide the next broadcasts of these; how far each is decided then, and whose inbox
        changed meanwhile."""
        found = await self._store.broadcasts.after(env, tenant, markers, newest, AT_ONCE)
        moved: set[int] = set()
        for part in _parts(found, markers):
            by_number: dict[int, list[int]] = {}
            for user in part:
                for seq in found.members.get(user, ()):
                    by_number.setdefault(seq, []).append(user)
            page = await self._hindsight.decided(
                env, [(found.broadcasts[seq], mine) for seq, mine in by_number.items()]
            )
            places = {user: (markers[user], found.reached[user]) for user in part}
            look = LookWrite(env=env, tenant=tenant, markers=places, page=page)
            late = await self._store.broadcasts.write(look)
            told = {*told_of(page)} - late
            if told:
                self._bus.tell(inboxes_of(env), sorted(told))
            moved |= late
        return found.reached, moved


def _page(behind: Mapping[int, int], newest: int) -> dict[int, int]:
    """Those who are looked up next: at least one, not too far behind together."""
    page: dict[int, int] = {}
    left = WITHIN
    for user, marker in behind.items():
        left -= newest - marker
        if page and left < 0:
            break
        page[user] = marker
    return page


def _parts(found: Found, markers: Mapping[int, int]) -> Iterator[list[int]]:
    """Users whose decisions are written together. Who gets nothing and is not far behind is left
    out."""
    part: list[int] = []
    count = 0
    for user, marker in markers.items():
        mine = len(found.members.get(user, ()))
        if not mine and found.reached[user] - marker < PASSED_BY:
            continue
        if part and count + mine > TOGETHER:
            yield part
            part, count = [], 0
        part.append(user)
        count += mine
    if part:
        yield part
