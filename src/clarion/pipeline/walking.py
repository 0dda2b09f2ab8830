"""The walk of a simulation: users in the order of their numbers, what is recorded of each in the
order of time; those that are alike are decided once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from clarion.clock import SECOND, Clock
from clarion.core.decision import Result
from clarion.core.difference import (
    Difference,
    Line,
    Tally,
    difference_of,
    outcome_document,
    reasons_of,
)
from clarion.core.ids import instant_of
from clarion.core.recipient import FOREVER, Setting
from clarion.core.replay import Replay, replayed
from clarion.core.replay_case import Case
from clarion.core.workflow import CHANNEL_NUMBER, Channel
from clarion.pipeline.changes import Change, is_timed
from clarion.pipeline.past import Head, PastReader, Seen, read_record
from clarion.store.contract import Store
from clarion.store.contract.simulations import Recorded, SimulatedExample

FIRST_USERS = 100
MOST_USERS = 2_000
PAGE_ROWS = 5_000
KEPT = 100_000
BREATH_SECONDS = 0.003
"""Other work of the process goes on after so long."""

EXAMPLES_OF_A_KIND = 50
_encode = msgspec.json.Encoder().encode

Likeness = tuple[Any, ...]


class _Timed(msgspec.Struct, frozen=True):
    """In place of a difference: it depends on when."""


class _Apart(msgspec.Struct, frozen=True):
    """In place of a difference: each is replayed on its own."""


TIMED, APART = _Timed(), _Apart()


class _Row(msgspec.Struct, kw_only=True):
    """A notification on its way through a page."""

    row: Recorded
    head: Head
    counted: bool
    user_version: int
    likeness: Likeness
    at: str
    difference: Difference | None = None


class Walk:
    """One simulation under way. `cursor` is the last user that is done."""

    def __init__(
        self, env: int, change: Change, reader: PastReader, store: Store, clock: Clock,
        *, cursor: int, tally: Tally, warm_up_seconds: int,
    ) -> None:  # fmt: skip
        self.cursor = cursor
        self.tally = tally
        self.looked_at = 0
        self._env = env
        self._slice = change.asked.slice
        self._recount = change.asked.recount
        self.reader = reader
        self._store = store
        self._clock = clock
        self._users = sorted(self._slice.users)
        self._at_once = FIRST_USERS
        self._from = _bound(self._slice.since - warm_up_seconds * SECOND)
        self._since, self._until = _bound(self._slice.since), _bound(self._slice.until)
        self._alike: dict[Likeness, Difference | _Timed | _Apart] = {}
        self._alike_then: dict[Likeness, Difference] = {}
        self._gathering: dict[tuple[int, str], bool] = {}
        self._breathed_seconds = clock.monotonic_seconds()

    async def page(self) -> tuple[bool, list[SimulatedExample]]:
        """Walk the next users; whether there were any, and examples met."""
        users = await self._next_users()
        limit = self._slice.limit
        if not users or (limit is not None and self.tally.decisions >= limit):
            return False, []
        store = self._store.simulations
        rows = await store.recorded(self._env, users, self._from, self._until, PAGE_ROWS)
        self.reader.forget_users()
        examples: list[SimulatedExample] = []
        if len(rows) == PAGE_ROWS:
            users = [user for user in users if user <= rows[-1].user]
            if rows[0].user == rows[-1].user:
                await self._one_user(rows, examples)
                self.cursor = rows[0].user
                self._at_once = 1
                return True, examples
            last = rows[-1].user
            rows = [row for row in rows if row.user != last]
            users.remove(last)
        await self._whole_users(rows, examples)
        self.cursor = users[-1]
        wanted = len(users) * PAGE_ROWS // (2 * len(rows)) if rows else MOST_USERS
        self._at_once = max(1, min(wanted, MOST_USERS, self._at_once * 4))
        return True, examples

    async def _next_users(self) -> list[int]:
        if self._users:
            return [user for user in self._users if user > self.cursor][: self._at_once]
        return await self._store.simulations.users(self._env, self.cursor, self._at_once)

    async def _whole_users(self, rows: list[Recorded], examples: list[SimulatedExample]) -> None:
        replays: dict[int, _UserReplay] = {}
        placed = await self._place(rows, replays)
        for replay in replays.values():
            replay.replay.end()
        self._sum_up(placed, replays, examples)

    async def _one_user(self, rows: list[Recorded], examples: list[SimulatedExample]) -> None:
        """Somebody with more than a page: the counters live on from page to page."""
        user = rows[0].user
        replays: dict[int, _UserReplay] = {}
        while rows:
            placed = await self._place(rows, replays)
            last = (rows[-1].event, rows[-1].workflow)
            more = len(rows) == PAGE_ROWS
            rows = []
            if more:
                rows = await self._store.simulations.recorded_of(
                    self._env, user, last, self._until, PAGE_ROWS
                )
            if not rows and user in replays:
                replays[user].replay.end()
            self._sum_up(placed, replays, examples)

    async def _place(self, rows: list[Recorded], replays: dict[int, _UserReplay]) -> list[_Row]:
        """Rows with their differences; what has to do with others goes to the user's replay."""
        heads = await self.reader.heads(rows)
        parsed = [(row, *_split(row.decided)) for row in rows]
        chosen = await self._choices(parsed)
        placed: list[_Row] = []
        gathering: list[_Row] = []
        lost = 0
        for row, at, user_version, settings_version, rest in parsed:
            head = heads.get((row.event, row.workflow))
            if head is None:
                lost += 1
                continue
            counted = head.counted and row.event >= self._since
            version = rest[: rest.index(",")]
            gathers = self._gathering.get((head.likeness, version))
            if gathers is None:
                gathers = await self.reader.gathers(head, int(version))
                self._gathering[head.likeness, version] = gathers
            if not (counted or gathers):
                continue
            choices = chosen.get((row.user, int(settings_version)), 0)
            likeness = (
                head.likeness, row.user == head.event.actor, choices,
                head.event.actor if choices else 0, rest,
                _expired(head.expires_old, at), _expired(head.expires_new, at),
                row.event if head.flows.words else b"", row.user if head.flows.own_words else 0,
            )  # fmt: skip
            one = _Row(row=row, head=head, counted=counted, user_version=int(user_version),
                       likeness=likeness, at=at)  # fmt: skip
            (gathering if gathers else placed).append(one)
            await self._breathe()
        self.looked_at += len(rows)
        self.tally.note({"events": lost} if lost else {}, {})
        await self._decide_alike(placed)
        await self._replay(gathering, replays)
        return placed

    async def _choices(
        self, parsed: list[tuple[Recorded, str, str, str, str]]
    ) -> dict[tuple[int, int], int | Likeness]:
        """By user and version something that is equal where the choices are."""
        versions = {(one[0].user, int(one[3])) for one in parsed if one[3] != "0"}
        found = await self._store.simulations.settings_at(self._env, sorted(versions))
        return {key: tuple([_choice(row) for row in rows]) for key, rows in found.items()}

    async def _decide_alike(self, rows: list[_Row]) -> None:
        """One of each kind is replayed; the others are told the same."""
        kinds: dict[Likeness, list[_Row]] = {}
        for one in rows:
            kinds.setdefault(one.likeness, []).append(one)
        if len(self._alike) > KEPT:
            self._alike.clear()
        unknown = [some[0] for kind, some in kinds.items() if kind not in self._alike]
        for one, case in zip(unknown, await self._cases(unknown), strict=True):
            self._alike[one.likeness] = await self._judge(one, case)
        timed: list[_Row] = []
        apart: list[_Row] = []
        for kind, some in kinds.items():
            known = self._alike[kind]
            if isinstance(known, Difference):
                for one in some:
                    one.difference = known
            else:
                (timed if known is TIMED else apart).extend(some)
        await self._decide_timed(timed)
        for start in range(0, len(apart), 500):
            some = apart[start : start + 500]
            for one, case in zip(some, await self._cases(some), strict=True):
                one.difference = self._difference(case)
                await self._breathe()

    async def _decide_timed(self, rows: list[_Row]) -> None:
        """Those of one instant and zone are alike."""
        if not rows:
            return
        versions = {(one.row.user, one.user_version) for one in rows}
        zones = await self._store.simulations.zones_at(self._env, sorted(versions))
        if len(self._alike_then) > KEPT:
            self._alike_then.clear()
        kinds: dict[Likeness, list[_Row]] = {}
        for one in rows:
            zone = zones.get((one.row.user, one.user_version), (None, False))
            kind = (one.likeness, one.at, zone, one.head.expires_old, one.head.expires_new)
            kinds.setdefault(kind, []).append(one)
        unknown = [(kind, some[0]) for kind, some in kinds.items() if kind not in self._alike_then]
        for start in range(0, len(unknown), 500):
            some_kinds = unknown[start : start + 500]
            cases = await self._cases([one for _, one in some_kinds])
            for (kind, _), case in zip(some_kinds, cases, strict=True):
                self._alike_then[kind] = self._difference(case)
                await self._breathe()
        for kind, some in kinds.items():
            for one in some:
                one.difference = self._alike_then[kind]

    async def _judge(self, one: _Row, case: Case) -> Difference | _Timed | _Apart:
        """What is the same for all that are like this one."""
        await self._breathe()
        apart = case.later or case.gathered or case.fixed or _waits(case)
        if apart or case.first.consents is not None:
            return APART
        facts = case.first.facts
        timed = (
            one.head.flows.timed
            or is_timed(facts.recipient.settings)
            or is_timed(facts.defaults)
            or is_timed(case.first.defaults)
            or facts.recipient.active_until > 0
            or not self.reader.is_steady(one.head.event.about or facts.recipient.topic)
        )
        return TIMED if timed else self._difference(case)

    async def _replay(self, rows: list[_Row], replays: dict[int, _UserReplay]) -> None:
        for start in range(0, len(rows), 500):
            some = rows[start : start + 500]
            for one, case in zip(some, await self._cases(some), strict=True):
                user = one.row.user
                if user not in replays:
                    replays[user] = _UserReplay(recount=self._recount)
                replays[user].replay.feed(case, instant_of(one.row.event))
                await self._breathe()

    async def _cases(self, rows: list[_Row]) -> list[Case]:
        seen = [
            Seen(row=one.row, head=one.head, kept=read_record(one.row.decided),
                 counted=one.counted)
            for one in rows
        ]  # fmt: skip
        return await self.reader.cases(seen)

    def _difference(self, case: Case) -> Difference:
        before, after, replay = replayed(case, FOREVER)
        return difference_of(before, after, replay.missing, replay.simulated)

    def _sum_up(
        self, placed: list[_Row], replays: dict[int, _UserReplay],
        examples: list[SimulatedExample],
    ) -> None:  # fmt: skip
        """Count what was found, user by user."""
        found: dict[int, list[tuple[bytes, int, Difference]]] = {}
        for one in placed:
            if one.difference is not None:
                place = (one.row.event, one.row.workflow, one.difference)
                found.setdefault(one.row.user, []).append(place)
        for user, replay in replays.items():
            found.setdefault(user, []).extend(replay.taken())
        counts: Counter[int] = Counter()
        kinds: dict[int, Difference] = {}
        shown = Counter(dict(self.tally.by_reason))
        limit, decisions = self._slice.limit, self.tally.decisions
        for user in sorted(found):
            if limit is not None and decisions >= limit:
                break
            if user in replays:
                replays[user].tell(self.tally)
            decisions += len(found[user])
            for event, workflow, difference in found[user]:
                counts[id(difference)] += 1
                kinds[id(difference)] = difference
                for line in difference.changed:
                    shown[reasons_of(line)] += 1
                    if event and shown[reasons_of(line)] <= EXAMPLES_OF_A_KIND:
                        self.tally.examples += 1
                        examples.append(_example(self.tally.examples, event, workflow, user, line))
            self.tally.users_gaining += any(one.gains for _, _, one in found[user])
            self.tally.users_losing += any(one.loses for _, _, one in found[user])
        self.tally.add((kinds[kind], count) for kind, count in counts.items())

    async def _breathe(self) -> None:
        """Let others have their turn."""
        now_seconds = self._clock.monotonic_seconds()
        if now_seconds - self._breathed_seconds > BREATH_SECONDS:
            await asyncio.sleep(0)
            self._breathed_seconds = self._clock.monotonic_seconds()


class _UserReplay:
    """The replay of one user and what came of it so far."""

    def __init__(self, *, recount: bool) -> None:
        self._found: list[tuple[bytes, int, Difference]] = []
        self.replay = Replay(self._take, FOREVER, recount=recount)

    def tell(self, tally: Tally) -> None:
        """Say what was not taken as recorded since the last call."""
        tally.note(self.replay.missing, self.replay.simulated)
        self.replay.missing.clear()
        self.replay.simulated.clear()

    def taken(self) -> Iterable[tuple[bytes, int, Difference]]:
        """What is new since the last call."""
        found, self._found = self._found, []
        return found

    def _take(self, case: Case, before: Any, after: Any) -> None:
        if case.counted:
            self._found.append((case.event, case.workflow, difference_of(before, after)))


def _split(decided: str) -> tuple[str, str, str, str]:
    """Instant, version of the user, version of the settings, and the rest of an encoded record,
    which begins with the version of the defaults."""
    _, at, user_version, settings_version, rest = decided.split(",", 4)
    return at, user_version, settings_version, rest


def _expired(expires_at: int | None, at: str) -> bool:
    return expires_at is not None and expires_at <= int(at)


def _waits(case: Case) -> bool:
    return any(answer.result in (Result.HOLD, Result.DIGEST) for answer in case.first.steps)


def _choice(row: Setting) -> Likeness:
    """A row of settings as something that can be compared; which topic or person it is about
    matters."""
    return (
        int(row.kind), row.scope, row.level, row.mute_until, row.suppress,
        tuple(sorted(row.channels.items())), row.quiet, row.pause_until, row.cadence,
    )  # fmt: skip


def _bound(instant: int) -> bytes:
    """The least id of an event of an instant."""
    return (max(instant, 0) // 1000).to_bytes(6, "big")


def _example(n: int, event: bytes, workflow: int, user: int, line: Line) -> SimulatedExample:
    before, after = line.before, line.after
    body = {"before": outcome_document(before), "after": outcome_document(after)}
    return SimulatedExample(
        n=n, event=event, workflow=workflow, user=user,
        channel=CHANNEL_NUMBER[Channel(line.channel)], before=before.result, after=after.result,
        reason_before=before.reason, reason_after=after.reason, body=_encode(body).decode(),
    )  # fmt: skip
