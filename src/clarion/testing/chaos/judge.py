"""The verdict: what producers were promised, against what providers took and the store tells."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping
from statistics import median
from typing import Any

import msgspec

from clarion.core.delivery import DeliveryKey
from clarion.core.ids import delivery_name, event_key
from clarion.core.states import DeliveryStatus
from clarion.core.workflow import CHANNELS, Channel
from clarion.testing.chaos.cluster import Cluster
from clarion.testing.chaos.members import Death
from clarion.testing.chaos.producers import AT_MOST_ONCE, Sent
from clarion.testing.chaos.producers import CHANNELS as CHANNELS_OF
from clarion.testing.chaos.records import Records
from clarion.testing.chaos.scene import Followers

EXPLAINED = frozenset({DeliveryStatus.CANCELED, DeliveryStatus.EXPIRED})
"""Ends that are their own cause."""
SHOWN = 5
KEY = 'event, workflow, "user", step, channel, destination'


class Verdict(msgspec.Struct, kw_only=True):
    """`lost`, `doubled` and `unbalanced` have to be 0. `examples` names some of each."""

    events: int = 0
    deliveries: int = 0
    items: int = 0
    lost: int = 0
    doubled: int = 0
    unbalanced: int = 0
    repeated: int = 0
    ambiguous: int = 0
    unknown: int = 0
    quarantined: int = 0
    dead: int = 0
    ambiguous_by_code: dict[str, int] = {}
    examples: list[str] = []
    takeovers_seconds: list[float] = []
    recoveries_seconds: list[float] = []

    @property
    def holds(self) -> bool:
        return not (self.lost or self.doubled or self.unbalanced)

    @property
    def takeover_seconds(self) -> tuple[float, float]:
        """Median and longest; 0 when there was none."""
        found = self.takeovers_seconds
        return (median(found), max(found)) if found else (0.0, 0.0)

    def say(self, text: str) -> None:
        """Keep an example, of many the first."""
        if len(self.examples) < 4 * SHOWN:
            self.examples.append(text)


class _Ledger(msgspec.Struct, kw_only=True):
    """Rows of the store by the event, name of the workflow, name of the user and channel."""

    deliveries: dict[tuple[bytes, str, str, str], DeliveryRow]
    items: Counter[tuple[bytes, str, str]]
    followers: Followers


class DeliveryRow(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery. `doubts`: tries of which nobody could know whether they arrived."""

    key: DeliveryKey
    status: DeliveryStatus
    doubts: int
    cause: str | None

    @property
    def names(self) -> tuple[str, str]:
        """As providers may know it: its id, and the hash that fits into a collapse id."""
        name = delivery_name(self.key)
        return name, hashlib.sha256(name.encode()).hexdigest()


async def judge(
    cluster: Cluster,
    accepted: Mapping[str, Sent],
    followers: Followers,
    book: Mapping[str, Any] | None = None,
) -> Verdict:
    """The verdict on a round whose work has come to rest; `book` is the providers', if None."""
    if cluster.records is None:
        raise RuntimeError("the cluster was never started")
    book = book or await cluster.providers.book()
    verdict = Verdict(events=len(accepted))
    ledger = await _read(cluster.records, followers, verdict)
    times: dict[str, list[float]] = book["accepted"]
    for sent in accepted.values():
        _judge_event(sent, ledger, times, verdict)
    for (_, type_, _, channel), row in ledger.deliveries.items():
        _judge_repeats(type_, channel, row, times, verdict)
    audited = await cluster.audit()
    verdict.unbalanced = len(audited["found"])
    for found in audited["found"][:SHOWN]:
        verdict.say(f"unbalanced: {found}")
    deaths = [death for member in cluster.members.values() for death in member.deaths]
    verdict.takeovers_seconds = await _takeovers(cluster, deaths)
    verdict.recoveries_seconds = _recoveries(cluster, deaths, times)
    return verdict


def _judge_event(
    sent: Sent, ledger: _Ledger, times: Mapping[str, list[float]], verdict: Verdict
) -> None:
    event = event_key(sent.event_id)
    for user in ledger.followers.names if sent.users is None else sent.users:
        for channel in CHANNELS_OF[sent.type]:
            place = f"{sent.event_id} {sent.type} {user} {channel}"
            if channel == Channel.INBOX.value:
                count = ledger.items[event, sent.type, user]
                lost = count == 0 and ledger.followers.is_shown(sent.type, user)
                verdict.lost += lost
                verdict.doubled += max(0, count - 1)
                if lost or count > 1:
                    verdict.say(f"{count} inbox items: {place}")
                continue
            row = ledger.deliveries.get((event, sent.type, user, channel))
            if row is None and sent.users is None and user not in ledger.followers.phones:
                continue
            told = row is not None and any(times.get(name) for name in row.names)
            if not told and not _is_explained(row):
                verdict.lost += 1
                state = "no row" if row is None else f"{row.status.name} {row.cause}"
                verdict.say(f"lost ({state}): {place}")
            elif row is not None and row.status in (DeliveryStatus.READY, DeliveryStatus.SENDING):
                verdict.lost += 1
                verdict.say(f"never ended: {place}")


def _is_explained(row: DeliveryRow | None) -> bool:
    """Whether the store says that and why this was not sent. `sent` without the provider's word
    is no explanation."""
    if row is None or row.status is DeliveryStatus.SENT:
        return False
    return row.cause is not None or row.status in EXPLAINED


def _judge_repeats(
    type_: str, channel: str, row: DeliveryRow, times: Mapping[str, list[float]], verdict: Verdict
) -> None:
    count = sum(len(times.get(name, ())) for name in row.names)
    allowed = 0 if (type_, channel) in AT_MOST_ONCE else row.doubts
    verdict.repeated += max(0, count - 1)
    if count > 1 + allowed:
        verdict.doubled += count - 1 - allowed
        verdict.say(
            f"accepted {count} times with {row.doubts} doubts: {type_} {channel} "
            f"{delivery_name(row.key)} {row.status.name}"
        )


async def _read(records: Records, followers: Followers, verdict: Verdict) -> _Ledger:
    users: dict[int, str] = dict(await records.rows("select number, name from name where kind = 1"))
    workflows: dict[int, str] = dict(
        await records.rows(
            "select n.number, n.name from workflow as w join name as n "
            "on n.env = w.env and n.number = w.workflow where n.kind = 4"
        )
    )
    doubts: Counter[tuple[Any, ...]] = Counter()
    codes: Counter[str] = Counter()
    for *key, code in await records.rows(
        f"select {KEY}, code from attempt where outcome = 'ambiguous'"  # noqa: S608 - names of ours
    ):
        doubts[tuple(key)] += 1
        codes[code] += 1
    verdict.ambiguous, verdict.ambiguous_by_code = codes.total(), dict(codes)
    causes = {
        tuple(key): str(cause)
        for *key, cause in await records.rows(f"select {KEY}, cause from dead_letter")  # noqa: S608 - names of ours
    }
    found: dict[tuple[bytes, str, str, str], DeliveryRow] = {}
    for env, *key, status in await records.rows(f"select env, {KEY}, status from delivery"):  # noqa: S608 - names of ours
        event, workflow, user, step, channel, destination = key
        word = CHANNELS[channel - 1]
        row = DeliveryRow(
            key=DeliveryKey(env, event, workflow, user, step, word, destination),
            status=DeliveryStatus(status), doubts=doubts[tuple(key)], cause=causes.get(tuple(key)),
        )  # fmt: skip
        found[event, workflows[workflow], users[user], word.value] = row
    verdict.deliveries = len(found)
    verdict.unknown = sum(row.status is DeliveryStatus.UNKNOWN for row in found.values())
    verdict.quarantined = sum(cause == "quarantined" for cause in causes.values())
    verdict.dead = sum(row.status is DeliveryStatus.DEAD for row in found.values())
    items: Counter[tuple[bytes, str, str]] = Counter()
    for event, workflow, user in await records.rows('select event, workflow, "user" from item'):
        items[event, workflows[workflow], users[user]] += 1
    verdict.items = items.total()
    return _Ledger(deliveries=found, items=items, followers=followers)


async def _takeovers(cluster: Cluster, deaths: list[Death]) -> list[float]:
    """From a death (or the end of an outage of the store) to when nothing of it was left."""
    if cluster.records is None:
        return []
    rescued: defaultdict[int, float] = defaultdict(float)
    for worker, at in await cluster.records.rows("select worker, rescued_at from worker"):
        rescued[worker] = (at or 0) / 1e6
    found = []
    for death in deaths:
        end = rescued[death.worker]
        if end > death.at:
            found.append(max(0.0, end - _held_back(cluster, death.at, end)))
    return sorted(found)


def _recoveries(
    cluster: Cluster, deaths: list[Death], times: Mapping[str, list[float]]
) -> list[float]:
    """From each death or outage to the next message that a provider took."""
    taken = sorted(at for instants in times.values() for at in instants)
    starts = [death.at for death in deaths] + [end for _, end in cluster.outages]
    found = []
    for start in starts:
        place = bisect_right(taken, start)
        if place < len(taken):
            found.append(max(0.0, taken[place] - _held_back(cluster, start, taken[place])))
    return sorted(found)


def _held_back(cluster: Cluster, start: float, end: float) -> float:
    """When the clock of a take-over starts: nobody can take over while the store is away."""
    ends = [until for since, until in cluster.outages if since < end and until > start]
    return max([start, *ends])
