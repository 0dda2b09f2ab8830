"""Blasts as they are asked for: begun, tested, fired by one flip, paused, resumed, cancelled."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence

import msgspec

from clarion.bus.contract import Bus
from clarion.clock import Clock, to_rfc3339
from clarion.core.blast import expiry_at
from clarion.core.duration import parse_duration
from clarion.core.event import IncomingEvent
from clarion.core.ids import new_event_id
from clarion.core.workflow import Lane
from clarion.errors import (
    InvalidError,
    MismatchError,
    NotFoundError,
    StandingError,
)
from clarion.pipeline.blasts.planned import (
    blast_name,
    fired,
    plan_of,
    plan_text,
    tally_of,
    tested,
)
from clarion.pipeline.blasts.preparing import late_seconds
from clarion.pipeline.catalogs import CatalogService
from clarion.pipeline.composing import Composed, Composer
from clarion.pipeline.drafts import TAG_LIMIT, Draft, check_name, draft
from clarion.pipeline.hearsay import inboxes_of
from clarion.store.contract import Store
from clarion.store.contract.blasts import BlastRow, BlastState, BlastWrite
from clarion.store.contract.events import EventWrite
from clarion.store.contract.names import NameKind

TEST_USERS = 100
PARK_ROWS = 2_000
"""Ready rows that one transaction puts out of sight, or takes back."""

PARKS_AT_ONCE = 50
LATE = "late"

_canonical = msgspec.json.Encoder(order="sorted").encode
_ASKED = msgspec.json.Decoder(IncomingEvent)


class Blasts:
    """What the API and the command line ask of blasts."""

    def __init__(
        self,
        store: Store,
        composer: Composer,
        catalogs: CatalogService,
        bus: Bus,
        clock: Clock,
        chance: Callable[[int], bytes],
    ) -> None:
        self._store = store
        self._composer = composer
        self._catalogs = catalogs
        self._bus = bus
        self._clock = clock
        self._chance = chance

    async def begin(
        self, env: int, incoming: IncomingEvent, *, name: str, key: str | None
    ) -> tuple[BlastRow, bool]:
        """A blast that is being prepared, and whether it was asked for before. InvalidError with a
        pointer when it never can be; MismatchError when its key came with another body."""
        now = self._clock.now()
        keys = _keys(incoming, name, key)
        known = await self._known(env, keys)
        if known is not None:
            return known, True
        relative = incoming.expires_in
        seconds = None if relative is None else parse_duration(relative, "/expires_in")
        bare = msgspec.structs.replace(incoming, id=None, expires_in=None)
        found = draft(bare, request_key=None, now=now)
        if len(incoming.tags) >= TAG_LIMIT:
            raise InvalidError(f"give at most {TAG_LIMIT - 1} tags; one is its own", "/tags")
        if found.expires_at is not None and found.expires_at <= now:
            raise InvalidError("it has expired already; give a later instant", "/expires_at")
        plan = await self._planned(env, found, now)
        asked = msgspec.structs.replace(bare, recipients=None)
        write = BlastWrite(
            env=env, name=name, type=incoming.type, keys=keys, plan=plan_text(plan),
            asked=_canonical(asked).decode(), expires_at=found.expires_at,
            expires_in_seconds=seconds,
        )  # fmt: skip
        begun = await self._store.blasts.begin(write, now)
        if begun.mismatch:
            raise _mismatch()
        self._bus.ring("keeper:preparer")
        return await self._row(env, begun.number), begun.replayed

    async def fire(
        self, env: int, number: int, *, at: int | None = None, force: bool = False
    ) -> BlastRow:
        """Fire an armed one now, or `at` an instant to come. Repeating answers the same event.
        StandingError, in words, when it cannot be fired as it stands; InvalidError `late` when it
        would be done after its expiry and is not forced."""
        row = await self._row(env, number)
        if row.state is BlastState.FIRED:
            return row
        now = self._clock.now()
        later = at if at is not None and at > now else None
        _check_armed(row, later or now)
        if not force:
            _check_in_time(row, later or now)
        if later is not None:
            await self._store.blasts.schedule(env, number, later, force, now)
            self._bus.ring("keeper:blasts")
            return await self._row(env, number)
        return await self.flip(row)

    async def flip(self, row: BlastRow) -> BlastRow:
        """The flip itself, whoever is first; StandingError when somebody took it back meanwhile."""
        plan = plan_of((await self._store.blasts.plan(row.env, row.number))[1])
        now = self._clock.now()
        event = fired(row, plan, now, self._chance(10))
        over = await self._over_at(event, now)
        after = await self._store.blasts.fire(row.env, row.number, event, over, now)
        if after is None:
            raise NotFoundError(f"there is no blast {blast_name(row.number)}")
        if after.state is not BlastState.FIRED:
            _check_armed(after, now)
        self._ring(row)
        return after

    async def test(self, env: int, number: int, users: Sequence[str]) -> bytes:
        """Send it to these users only, now, as an event of its own; its id."""
        row = await self._row(env, number)
        if not 1 <= len(users) <= TEST_USERS:
            raise InvalidError(f"name 1 to {TEST_USERS} users", "/users")
        for place, user in enumerate(users):
            check_name(user, f"/users/{place}")
        known = await self._store.names.numbers(env, NameKind.USER, [*users])
        unknown = [place for place, user in enumerate(users) if user not in known]
        if unknown:
            raise InvalidError("there is no such user; write them first", f"/users/{unknown[0]}")
        now = self._clock.now()
        asked = _ASKED.decode((await self._store.blasts.plan(env, number))[0])
        seconds = row.expires_in_seconds
        asked = msgspec.structs.replace(
            asked, recipients=[*users], expires_at=None, cancellation_key=None, ordering_key=None,
            expires_in=None if seconds is None else f"PT{seconds}S",
        )  # fmt: skip
        found = tested(draft(asked, request_key=None, now=now), number)
        composed = await self._composed(env, found, now, walk=False)
        if composed.write is None or not composed.workflows:
            raise InvalidError("no workflow listens to it any more")
        (accepted,) = await self._store.events.accept_many([composed.write], now)
        await self._store.blasts.count_test(env, number)
        for name in composed.rings:
            self._bus.ring(name)
        self._bus.tell(inboxes_of(env), composed.told)
        return accepted.event

    async def pause(self, env: int, number: int, by: str) -> BlastRow:
        """Let it stand still; an armed one loses the instant at which it was to be fired."""
        row = await self._row(env, number)
        now = self._clock.now()
        if row.state is BlastState.ARMED and row.fire_at is not None:
            await self._store.blasts.schedule(env, number, None, False, now)
        elif row.state is not BlastState.FIRED:
            raise StandingError(f"{_named(row)} was not fired, so there is nothing to pause")
        else:
            _check_running(row, "paused")
            await self._store.blasts.pause(env, number, by, now)
            await self._park(env, number)
        return await self._row(env, number)

    async def resume(self, env: int, number: int) -> BlastRow:
        """Let it go on; repeating changes nothing."""
        row = await self._row(env, number)
        if row.state is not BlastState.FIRED:
            raise StandingError(f"{_named(row)} was not fired, so there is nothing to resume")
        _check_running(row, "resumed")
        await self._store.blasts.resume(env, number, self._clock.now())
        await self._park(env, number)
        self._ring(row)
        return await self._row(env, number)

    async def cancel(self, env: int, number: int) -> BlastRow:
        """Whoever is not told yet stays untold; repeating changes nothing."""
        row = await self._row(env, number)
        await self._store.blasts.cancel(env, number, self._clock.now())
        self._ring(row)
        return await self._row(env, number)

    async def delete(self, env: int, number: int) -> None:
        """Remove one that was not fired."""
        row = await self._row(env, number)
        if not await self._store.blasts.delete(env, number):
            raise StandingError(
                f"{_named(row)} was fired and is a part of what happened; cancel it to end it"
            )

    async def carry_on(self, row: BlastRow) -> int:
        """Put rows out of sight, or take them back, as it stands (keeper); how many."""
        moved = await self._store.blasts.park(row.env, row.number, PARK_ROWS, self._clock.now())
        if moved and row.paused_at is None:
            self._ring(row)
        return moved

    async def _park(self, env: int, number: int) -> None:
        """A bounded part of it at once; the keeper goes on."""
        for _ in range(PARKS_AT_ONCE):
            if not await self._store.blasts.park(env, number, PARK_ROWS, self._clock.now()):
                return

    async def _planned(self, env: int, found: Draft, now: int) -> EventWrite:
        composed = await self._composed(env, found, now, walk=True)
        if composed.write is None or not composed.workflows:
            raise InvalidError(
                f"no workflow listens to {found.incoming.type}, so nobody would be told", "/type"
            )
        if not composed.write.tasks:
            raise InvalidError("it names no recipients, and no workflow has an audience", "")
        return composed.write

    async def _composed(self, env: int, found: Draft, now: int, *, walk: bool) -> Composed:
        id_ = new_event_id(now, self._chance(10))
        (composed,) = await self._composer.compose(env, [(id_, found)], now, walk=walk, whole=walk)
        if composed.problem is not None:
            raise composed.problem
        return composed

    async def _over_at(self, event: EventWrite, now: int) -> int | None:
        """When nobody is told any more; None when a workflow has no expiry."""
        pins = [pinned[:4] for pinned in event.workflows]
        compiled = await self._catalogs.pinned(event.env, pins)
        ends = [
            expiry_at(now, event.expires_at, compiled[pin].workflow.expires_in_seconds)
            for pin in pins
        ]
        known = [end for end in ends if end is not None]
        return max(known) if known and len(known) == len(ends) else None

    async def _known(self, env: int, keys: tuple[tuple[str, bytes], ...]) -> BlastRow | None:
        used = await self._store.blasts.by_keys(env, [key for key, _ in keys])
        for key, fingerprint in keys:
            if key in used:
                number, before = used[key]
                if before != fingerprint:
                    raise _mismatch()
                return await self._row(env, number)
        return None

    async def _row(self, env: int, number: int) -> BlastRow:
        row = await self._store.blasts.row(env, number)
        if row is None:
            raise NotFoundError(f"there is no blast {blast_name(number)}")
        return row

    def _ring(self, row: BlastRow) -> None:
        """All that may have work now."""
        self._bus.ring("keeper:blasts")
        for lane in Lane:
            self._bus.ring(f"fanout:{int(lane)}")
        for place in tally_of(row).accounts:
            _, lane_number, account = place.split("/", 2)
            self._bus.ring(f"ready:{account}:{lane_number}")


def _keys(incoming: IncomingEvent, name: str, key: str | None) -> tuple[tuple[str, bytes], ...]:
    fingerprint = hashlib.sha256(_canonical([name, incoming])).digest()
    found = []
    if incoming.id is not None:
        check_name(incoming.id, "/id")
        found.append(("id:" + incoming.id, fingerprint))
    if key is not None:
        found.append(("req:" + key, fingerprint))
    return tuple(found)


def _mismatch() -> MismatchError:
    return MismatchError("this id or Idempotency-Key came before with another blast; use a new one")


def _named(row: BlastRow) -> str:
    return f"the blast {blast_name(row.number)}"


def _check_armed(row: BlastRow, at: int) -> None:
    if row.state is BlastState.PREPARING:
        raise StandingError(f"{_named(row)} is still being prepared; fire it once it is armed")
    if row.state is BlastState.REFUSED:
        problems = tally_of(row).problems
        why = problems[0].detail if problems else "it has a problem"
        raise StandingError(f"{_named(row)} was refused and cannot be fired: {why}")
    if row.state is BlastState.CANCELED:
        raise StandingError(f"{_named(row)} was canceled and cannot be fired")
    if row.expires_at is not None and row.expires_at <= at:
        when = to_rfc3339(row.expires_at)
        raise StandingError(f"{_named(row)} expires at {when} and cannot be fired after that")


def _check_in_time(row: BlastRow, at: int) -> None:
    late = late_seconds(tally_of(row), row.expires_at, at)
    if late > 0:
        raise InvalidError(
            f"{_named(row)} would be done {math.ceil(late)} s after its expiry at the earliest, "
            'and who is left then is not told; fire it with "force": true if that is meant',
            "/force",
            LATE,
        )


def _check_running(row: BlastRow, done: str) -> None:
    if row.canceled_at is not None:
        raise StandingError(f"{_named(row)} was canceled and cannot be {done}")
    if row.ended_at is not None:
        raise StandingError(f"{_named(row)} is complete and cannot be {done}")
    if row.expired_at is not None:
        raise StandingError(f"{_named(row)} has expired and cannot be {done}")
