"""Inboxes that somebody looks at live. Each is read when it is said to have changed: many by one
statement, once for all its connections."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Set
from itertools import islice

from clarion.api.entries import InboxCounts, counts_of, entry_of
from clarion.api.services import Services
from clarion.bus.contract import Ear
from clarion.core.ids import item_name
from clarion.errors import UnavailableError
from clarion.pipeline.hearsay import inboxes_of
from clarion.realtime.frames import Frame, frame
from clarion.realtime.outlets import Ending, Outlet
from clarion.store.contract.inbox import Counts
from clarion.store.contract.streams import Change, Inbox, Standing
from clarion.telemetry import logger, realtime_lag_seconds

AT_ONCE = 256
"""Inboxes that are read together, ..."""
OF_A_CROWD = 64
"""... of which so many are of a crowd however many others wait."""
MOST_CHANGES = 200
"""Who is further behind is told to read the list again."""
DECIDED_AT_ONCE = 3
"""Pages of users whose new broadcasts are decided at the same time."""
GATHER_SECONDS = 0.005
"""Hints of this time are looked after together."""
FAILED_SECONDS = 1.0

_log = logger("realtime")


class Feed:
    """An inbox with its connections. All of `outlets` were told of everything up to number `seq`;
    those of `joining` wait for their first message."""

    __slots__ = ("counts", "inbox", "joining", "outlets", "seq")

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.seq = 0
        self.counts: Counts | None = None
        self.outlets: list[Outlet] = []
        self.joining: list[Outlet] = []

    def everybody(self) -> list[Outlet]:
        """All connections."""
        return [*self.outlets, *self.joining]


class Feeds:
    """The inboxes of this process's connections."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._clock = services.clock
        self._streams = services.store.streams
        self._feeds: dict[Inbox, Feed] = {}
        self._tenants: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
        self._users: defaultdict[int, set[int]] = defaultdict(set)
        self._ears: dict[int, asyncio.Task[None]] = {}
        self._dirty: dict[Inbox, float] = {}
        self._crowd: dict[Inbox, float] = {}
        self._expected: set[Inbox] = set()
        self._wake = asyncio.Event()
        self._behind: set[Inbox] = set()
        self._looks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(DECIDED_AT_ONCE)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Read what changes from now on."""
        self._task = asyncio.create_task(self._run(), name="realtime:feeds")

    async def stop(self) -> None:
        """Read nothing any more."""
        tasks = [*self._ears.values(), *self._looks]
        if self._task is not None:
            tasks.append(self._task)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._ears.clear()

    def __len__(self) -> int:
        return len(self._feeds)

    @property
    def waiting(self) -> int:
        """Inboxes that wait to be read."""
        return len(self._dirty) + len(self._crowd)

    def of(self, inbox: Inbox) -> list[Outlet]:
        """The connections of an inbox."""
        feed = self._feeds.get(inbox)
        return feed.everybody() if feed else []

    def inboxes(self, env: int) -> list[Inbox]:
        """Inboxes of an environment that have connections."""
        return [
            (env, user, tenant)
            for user in self._users.get(env, ())
            for tenant in self._tenants[env, user]
        ]

    @property
    def watched(self) -> Set[int]:
        """The environments that have connections, as they come and go."""
        return self._users.keys()

    def environments(self) -> list[int]:
        """Environments that have connections."""
        return [*self._users]

    def join(self, outlet: Outlet) -> None:
        """A connection begins; its first message comes when the inbox was read."""
        env, user, tenant = outlet.inbox
        feed = self._feeds.get(outlet.inbox)
        if feed is None:
            feed = self._feeds[outlet.inbox] = Feed(outlet.inbox)
            self._tenants[env, user].add(tenant)
            self._users[env].add(user)
            if env not in self._ears:
                ear = self._services.bus.ear(inboxes_of(env), self._users[env])
                self._ears[env] = asyncio.create_task(self._listen(env, ear))
        feed.joining.append(outlet)
        self.look_at([outlet.inbox])

    def leave(self, outlet: Outlet) -> None:
        """A connection has ended."""
        env, user, tenant = outlet.inbox
        feed = self._feeds.get(outlet.inbox)
        if feed is None:
            return
        for line in (feed.outlets, feed.joining):
            if outlet in line:
                line.remove(outlet)
        if feed.outlets or feed.joining:
            return
        del self._feeds[outlet.inbox]
        self._dirty.pop(outlet.inbox, None)
        self._crowd.pop(outlet.inbox, None)
        self._expected.discard(outlet.inbox)
        self._tenants[env, user].discard(tenant)
        if not self._tenants[env, user]:
            del self._tenants[env, user]
            self._users[env].discard(user)
        if not self._users[env]:
            del self._users[env]
            self._ears.pop(env).cancel()

    def expect(self, inboxes: Iterable[Inbox]) -> None:
        """These are about to change all together. What changes else is not to wait behind them."""
        self._expected.update(inbox for inbox in inboxes if inbox in self._feeds)

    async def decide(self, env: int, users: list[int], tenant: int) -> None:
        """Decide the broadcasts that are new to a page of users, when it is its turn."""
        async with self._room:
            self.expect((env, user, tenant) for user in users)
            await self._services.looking.look_all(env, users, tenant)

    def look_at(self, inboxes: Iterable[Inbox]) -> None:
        """Read these soon."""
        now = self._clock.monotonic_seconds()
        for inbox in inboxes:
            if inbox in self._feeds:
                line = self._crowd if inbox in self._expected else self._dirty
                line.setdefault(inbox, now)
        if self.waiting:
            self._wake.set()

    def sweep(self, turn: int, turns: int) -> None:
        """Read a share of the inboxes, in case nobody said that they changed."""
        self.look_at([inbox for inbox in self._feeds if inbox[1] % turns == turn])

    async def _listen(self, env: int, ear: Ear) -> None:
        while True:
            heard = await ear.take()
            if heard.missed:
                self.look_at(self.inboxes(env))
            else:
                self.look_at(
                    (env, user, tenant)
                    for user in heard.numbers
                    for tenant in self._tenants.get((env, user), ())
                )

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(GATHER_SECONDS)
            some = self._next()
            if not self.waiting:
                self._wake.clear()
            inboxes = [*dict(some)]
            try:
                await self._read(inboxes)
            except Exception as error:  # noqa: BLE001 - they are read again
                if not isinstance(error, UnavailableError):
                    _log.exception("live inboxes could not be read")
                self.look_at(inboxes)
                await asyncio.sleep(FAILED_SECONDS)
                continue
            now = self._clock.monotonic_seconds()
            for _, since in some:
                realtime_lag_seconds.labels().observe(now - since)

    def _next(self) -> list[tuple[Inbox, float]]:
        """Who is read next, and since when it waits: a crowd fills what others leave."""
        most = AT_ONCE - min(OF_A_CROWD, len(self._crowd))
        some = [*islice(self._dirty.items(), most)]
        some += islice(self._crowd.items(), AT_ONCE - len(some))
        for inbox, _ in some:
            self._dirty.pop(inbox, None)
            self._crowd.pop(inbox, None)
            self._expected.discard(inbox)
        return some

    async def _read(self, inboxes: list[Inbox]) -> None:
        """Read some inboxes, and tell their connections."""
        standings = await self._streams.standings(inboxes)
        wanted: dict[Inbox, int] = {}
        held: list[tuple[Feed, list[Outlet], Standing]] = []
        behind: list[Inbox] = []
        for inbox in inboxes:
            feed, standing = self._feeds.get(inbox), standings.get(inbox)
            if feed is None or standing is None:
                continue
            if not standing.there:
                for outlet in feed.everybody():
                    outlet.end(Ending.ERASED)
                continue
            if standing.behind and feed.joining:
                behind.append(inbox)
            held.append((feed, [*feed.joining], standing))
            after = _oldest(feed, standing)
            if after is not None:
                wanted[inbox] = after
        self._catch_up(behind)
        changes = await self._streams.changes(wanted) if wanted else {}
        for feed, joining, standing in held:
            told = await self._frames(standing, changes.get(feed.inbox, []))
            _tell(feed, [one for one in joining if one in feed.joining], standing, told)

    async def _frames(self, standing: Standing, changes: list[Change]) -> list[tuple[int, Frame]]:
        """What there is to tell of changes: pairs of (number of the item, message)."""
        env, user, _ = standing.inbox
        meta = counts_of(standing.counts)
        changes = [change for change in changes if change.seq <= standing.counts.seq]
        now = self._clock.now()
        shown = [change for change in changes if _shows(change, now)]
        told = await self._services.telling.tell(env, user, [one.item for one in shown])
        entries = {one.row.seq: entry_of(one, user) for one in told}
        frames = []
        for change in changes:
            entry = entries.get(change.item.seq)
            if entry is None:
                gone = {"id": item_name(change.item.tenant, change.item.seq), "meta": meta}
                frames.append((change.item.seq, frame("item.removed", gone, change.seq)))
            else:
                data = {"entry": entry, "meta": meta}
                frames.append((change.item.seq, frame("item.updated", data, change.seq)))
        return frames

    def _catch_up(self, inboxes: list[Inbox]) -> None:
        """Broadcasts that are new to inboxes; what comes of them is told like any item."""
        pages: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for inbox in inboxes:
            if inbox not in self._behind:
                self._behind.add(inbox)
                pages[inbox[0], inbox[2]].append(inbox[1])
        for (env, tenant), users in pages.items():
            task = asyncio.create_task(self._decide(env, users, tenant))
            self._looks.add(task)
            task.add_done_callback(self._looks.discard)

    async def _decide(self, env: int, users: list[int], tenant: int) -> None:
        try:
            await self.decide(env, users, tenant)
        finally:
            self._behind.difference_update((env, user, tenant) for user in users)


def _shows(change: Change, now: int) -> bool:
    expires_at = change.item.expires_at
    return change.counted and (expires_at is None or expires_at > now)


def _reaches(after: int, seq: int) -> bool:
    """Whether one can go on from a number: it is known here and not too long ago."""
    return 0 <= after <= seq <= after + MOST_CHANGES


def _oldest(feed: Feed, standing: Standing) -> int | None:
    """From which number on changes are needed; None: there is nothing to read."""
    seq = standing.counts.seq
    numbers = [feed.seq] if feed.outlets else []
    numbers += [outlet.last for outlet in feed.joining if outlet.last is not None]
    numbers = [number for number in numbers if number < seq and _reaches(number, seq)]
    return min(numbers, default=None)


def _tell(
    feed: Feed, joining: list[Outlet], standing: Standing, told: list[tuple[int, Frame]]
) -> None:
    """Bring the connections of an inbox, and those that were joining when it was read, to the
    number it had then."""
    seq, meta = standing.counts.seq, counts_of(standing.counts)
    for outlet in feed.outlets:
        if not _reaches(feed.seq, seq):
            _offer(outlet, [_reset(meta, seq)], meta, seq)
            continue
        frames = _since(told, feed.seq)
        if not frames and feed.counts != standing.counts:
            frames = [frame("counts.updated", {"meta": meta}, seq)]
        if frames:
            _offer(outlet, frames, meta, seq)
    for outlet in joining:
        _offer(outlet, _first(outlet, told, meta, seq), meta, seq)
        feed.joining.remove(outlet)
    feed.outlets += joining
    feed.seq, feed.counts = seq, standing.counts


def _first(
    outlet: Outlet, told: list[tuple[int, Frame]], meta: InboxCounts, seq: int
) -> list[Frame]:
    """The first messages of a connection: where the stream goes on, and what changed since."""
    last = outlet.last
    if last is None:
        return [frame("hello", {"seq": seq, "meta": meta}, seq)]
    if not _reaches(last, seq):
        return [frame("hello", {"seq": seq, "meta": meta}), _reset(meta, seq)]
    return [frame("hello", {"seq": last, "meta": meta}), *_since(told, last)]


def _since(told: list[tuple[int, Frame]], after: int) -> list[Frame]:
    """The messages after a number. An item with a number of its own after that is new to whoever
    knows what was there by then."""
    found = []
    for item, one in told:
        if one.seq is not None and one.seq > after:
            new = item > after and one.type == "item.updated"
            found.append(Frame("item.created", one.data, one.seq) if new else one)
    return found


def _offer(outlet: Outlet, frames: list[Frame], meta: InboxCounts, seq: int) -> None:
    if not outlet.offer(frames):
        outlet.end(Ending.SLOW, [_reset(meta, seq)])


def _reset(meta: InboxCounts, seq: int) -> Frame:
    return frame("feed.reset", {"meta": meta, "seq": seq}, seq)
