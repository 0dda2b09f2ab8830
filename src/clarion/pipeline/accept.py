"""Accept: events in, durable before the answer. Whoever waits when the stage is free is the next
group."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter, deque
from collections.abc import Callable

from clarion.bus.contract import Bus
from clarion.clock import Clock
from clarion.core.event import IncomingEvent
from clarion.core.ids import new_event_id, place_in_request
from clarion.errors import (
    ClarionError,
    InvalidError,
    MismatchError,
    OverloadError,
    UnavailableError,
)
from clarion.failpoint import reach
from clarion.pipeline import traces
from clarion.pipeline.composing import Composer
from clarion.pipeline.contract import Accepted
from clarion.pipeline.drafts import Draft, draft
from clarion.pipeline.hearsay import BROADCASTS, inboxes_of
from clarion.pipeline.overload import Overload
from clarion.pipeline.rates import Rates
from clarion.store.contract import Store
from clarion.store.contract.events import Acceptance
from clarion.store.contract.names import NameKind
from clarion.telemetry import duplicates_suppressed, events_ingested, logger
from clarion.tracing import Origin, kept_context, origins, tracer

GROUP_LIMIT = 500
GROUPS_AT_ONCE = 2
FULL_GROUPS_AT_ONCE = 4
"""Small groups are better put together; full ones may queue, so that they share a transaction."""

_log = logger("accept")


NOWHERE = Origin()

OrderKey = tuple[int, str]
"""(environment, ordering key)."""


class _Request:
    __slots__ = ("answer", "came_at", "draft", "env", "origin")

    def __init__(
        self,
        env: int,
        found: Draft,
        answer: asyncio.Future[Accepted],
        came_at: int,
        origin: Origin = NOWHERE,
    ) -> None:
        self.env = env
        self.draft = found
        self.answer = answer
        self.came_at = came_at
        self.origin = origin

    @property
    def order(self) -> OrderKey | None:
        """The ordering key in its environment."""
        key = self.draft.incoming.ordering_key
        return None if key is None else (self.env, key)


class Acceptor:
    """The accept stage. `chance(n)` gives n random bytes."""

    def __init__(
        self,
        store: Store,
        composer: Composer,
        bus: Bus,
        clock: Clock,
        chance: Callable[[int], bytes],
        rates: Rates | None = None,
        overload: Overload | None = None,
    ) -> None:
        self._store = store
        self._composer = composer
        self._bus = bus
        self._clock = clock
        self._chance = chance
        self._rates = rates or Rates()
        self._overload = overload or Overload(store, clock, self._rates)
        self._waiting: deque[_Request] = deque()
        self._running: set[asyncio.Task[None]] = set()
        self._ordered: dict[OrderKey, asyncio.Task[None]] = {}
        self._closed = False

    async def accept(
        self, env: int, incoming: IncomingEvent, *, raw: bytes, key: str | None = None
    ) -> Accepted:
        """One event; see `pipeline.contract.Accepting`."""
        answers = await self.accept_batch(env, [incoming], raw=raw, key=key)
        return answers[0]

    async def accept_batch(
        self, env: int, batch: list[IncomingEvent], *, raw: bytes, key: str | None = None
    ) -> list[Accepted]:
        """Many events; with a key each event is keyed by it and its place in the batch."""
        if self._closed:
            raise UnavailableError("the server is stopping; send the event again to the next one")
        self._overload.check_store()
        shed = await self._shed(env, batch)
        fingerprint = hashlib.sha256(raw).digest() if key is not None else b""
        answers: list[Accepted | asyncio.Future[Accepted]] = []
        loop, now = asyncio.get_running_loop(), self._clock.now()
        told = origins.get() if tracer.on else ()
        for place, incoming in enumerate(batch):
            own = None if key is None else (place_in_request(key, place), fingerprint)
            if place in shed:
                events_ingested.labels("http", "shed").inc()
                answers.append(Accepted(problem=shed[place]))
                continue
            try:
                found = draft(incoming, request_key=own, now=now)
            except InvalidError as error:
                events_ingested.labels("http", "refused").inc()
                answers.append(Accepted(problem=error))
                continue
            answer: asyncio.Future[Accepted] = loop.create_future()
            origin = told[place] if place < len(told) else NOWHERE
            self._waiting.append(_Request(env, found, answer, now, origin))
            answers.append(answer)
        self._start_groups()
        return await _all(answers)

    async def _shed(self, env: int, batch: list[IncomingEvent]) -> dict[int, OverloadError]:
        """Refusals by place, the most urgent lanes taken first; raised when they are all there
        is. Costs nothing while there is room."""
        waiting = len(self._waiting)
        if not self._overload.strained(waiting + len(batch)):
            return {}
        lanes = [await self._composer.lane_of(env, incoming) for incoming in batch]
        shed: dict[int, OverloadError] = {}
        for place in sorted(range(len(batch)), key=lambda place: lanes[place]):
            refusal = self._overload.refusal(lanes[place], waiting + 1)
            if refusal is None:
                waiting += 1
            else:
                shed[place] = refusal
        if len(shed) == len(batch):
            raise next(iter(shed.values()))
        return shed

    async def close(self) -> None:
        """Refuse what comes from now on and finish what was taken."""
        self._closed = True
        while self._running:
            await asyncio.gather(*self._running, return_exceptions=True)

    def _start_groups(self) -> None:
        while self._waiting:
            full = len(self._waiting) >= GROUP_LIMIT
            if len(self._running) >= (FULL_GROUPS_AT_ONCE if full else GROUPS_AT_ONCE):
                return
            count = min(len(self._waiting), GROUP_LIMIT)
            group = [self._waiting.popleft() for _ in range(count)]
            keys = {request.order for request in group if request.order is not None}
            before = {self._ordered[key] for key in keys if key in self._ordered}
            task = asyncio.create_task(self._run(group, before), name="accept-group")
            self._ordered.update(dict.fromkeys(keys, task))
            self._running.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if self._ordered:
            self._ordered = {key: last for key, last in self._ordered.items() if last is not task}
        self._start_groups()

    async def _run(self, group: list[_Request], before: set[asyncio.Task[None]]) -> None:
        """Write a group, after the groups `before` that hold earlier events of its ordering
        keys."""
        if before:
            await asyncio.wait(before)
        by_env: dict[int, list[_Request]] = {}
        for request in group:
            by_env.setdefault(request.env, []).append(request)
        for env, requests in by_env.items():
            await self._try(env, requests)

    async def _try(self, env: int, requests: list[_Request]) -> None:
        try:
            await self._accept(env, requests)
        except ClarionError as error:
            _answer_all(requests, error)
        except Exception as error:  # noqa: BLE001 - every waiting request gets its answer
            _log.exception("a group of %d events was not accepted", len(requests))
            _answer_all(requests, error)

    async def _accept(self, env: int, requests: list[_Request]) -> None:
        now = self._clock.now()
        chance = self._chance(10 * len(requests))
        ids = [new_event_id(now, chance[place : place + 10]) for place in range(0, len(chance), 10)]
        drafts = [(id_, request.draft) for id_, request in zip(ids, requests, strict=True)]
        if tracer.on:
            for id_, request in zip(ids, requests, strict=True):
                request.draft.trace = traces.begun(id_, request.origin).kept
        try:
            composed = await self._composer.compose(env, drafts, now)
        except ClarionError:
            raise
        except Exception:  # noqa: BLE001 - tried again in smaller groups, then in another way
            # Nothing is written yet: one event that cannot be composed is found by halves, so that
            # the others of its group do not fail with it. Its recipients are decided by tasks then,
            # where the one that fails costs no other.
            if len(requests) == 1:
                composed = await self._composer.compose(env, drafts, now, walk=True)
            else:
                middle = len(requests) // 2
                await self._try(env, requests[:middle])
                await self._try(env, requests[middle:])
                return
        writes = [found.write for found in composed if found.write is not None]
        reach("accept.before_commit")
        acceptances = await self._store.events.accept_many(writes, now) if writes else []
        reach("accept.after_commit")
        listened = await self._listened(env, [a.event for a in acceptances if a.replayed])
        answers = iter(acceptances)
        rung: set[str] = set()
        told: list[int] = []
        broadcasts = False
        results: Counter[str] = Counter()
        items: Counter[int] = Counter()
        for request, found in zip(requests, composed, strict=True):
            if found.write is None:
                results["refused"] += 1
                answer = Accepted(problem=found.problem)
            else:
                acceptance = next(answers)
                if not acceptance.replayed and not acceptance.mismatch:
                    rung |= found.rings
                    told += found.told
                    broadcasts = broadcasts or bool(found.write.broadcasts)
                    for lane, count in found.items.items():
                        items[lane] += count
                    if tracer.on:
                        self._trace(acceptance.event, request)
                results[_result(acceptance)] += 1
                keys = listened.get(acceptance.event, found.workflows)
                answer = _accepted(acceptance, keys)
            if not request.answer.done():  # who asked may be gone
                request.answer.set_result(answer)
        self._wake(env, rung, told, broadcasts)
        for lane, count in items.items():
            self._rates.count(lane, count, now)
        for result, count in results.items():
            events_ingested.labels("http", result).inc(count)

    def _trace(self, event: bytes, request: _Request) -> None:
        context = kept_context(request.draft.trace or "")
        if context is not None:
            span = range(request.came_at, self._clock.now())
            traces.accepted(context, request.origin, event, request.draft.incoming, span)

    def _wake(self, env: int, rung: set[str], told: list[int], broadcasts: bool) -> None:
        """Whoever has something to do by what was committed."""
        for name in rung:
            self._bus.ring(name)
        if told:
            self._bus.tell(inboxes_of(env), told)
        if broadcasts:
            self._bus.tell(BROADCASTS, [env])

    async def _listened(self, env: int, replayed: list[bytes]) -> dict[bytes, tuple[str, ...]]:
        """Keys of the workflows that listened when these events came first. Nothing is known while
        the store cannot be read: what was accepted with them must not fail for it."""
        if not replayed:
            return {}
        try:
            rows = await self._store.events.rows(env, replayed)
            numbers = {number for row in rows.values() for number, *_ in row.workflows}
            names = await self._store.names.names(env, NameKind.WORKFLOW, numbers)
        except UnavailableError:
            return {}
        return {
            event: tuple(names[number] for number, *_ in row.workflows if number in names)
            for event, row in rows.items()
        }


def _accepted(acceptance: Acceptance, workflows: tuple[str, ...]) -> Accepted:
    if acceptance.mismatch:
        return Accepted(
            problem=MismatchError(
                "this id or Idempotency-Key came before with another body; use a new one"
            )
        )
    if acceptance.replayed:
        duplicates_suppressed.labels("accept").inc()
    return Accepted(event=acceptance.event, replayed=acceptance.replayed, workflows=workflows)


def _result(acceptance: Acceptance) -> str:
    if acceptance.mismatch:
        return "mismatch"
    return "replayed" if acceptance.replayed else "accepted"


async def _all(answers: list[Accepted | asyncio.Future[Accepted]]) -> list[Accepted]:
    """The answers; an error is one event's problem unless it met them all."""
    found: list[Accepted] = []
    errors: list[Exception] = []
    for answer in answers:
        try:
            found.append(answer if isinstance(answer, Accepted) else await answer)
        except Exception as error:  # noqa: BLE001 - what was accepted beside it has to be told
            problem = error if isinstance(error, ClarionError) else ClarionError("it failed inside")
            found.append(Accepted(problem=problem))
            errors.append(error)
    if errors and len(errors) == len(answers):
        raise errors[0]
    return found


def _answer_all(requests: list[_Request], error: Exception) -> None:
    for request in requests:
        if not request.answer.done():
            request.answer.set_exception(error)
