"""What must hold of work that waits: digests tell once, caps are never exceeded, holds end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from clarion.clock import SECOND
from clarion.core.decision import DecisionRecord, Result
from clarion.core.ids import is_digest
from clarion.pipeline.resume import CRASH_LIMIT
from clarion.testing.simulation.books import Books
from clarion.testing.simulation.scene import CAP_SECONDS

CLOCKS_APART_SECONDS = 5
"""More than the clocks of two processes may differ by."""

_record = msgspec.json.Decoder(DecisionRecord).decode

_DECIDED = """
select n.event, n.workflow, n.user, n.decided, v.name
from notification as n
join name as v on v.env = n.env and v.kind = 4 and v.number = n.workflow
where n.env = ?
union all
select d.event, d.workflow, d.user, d.decided, v.name
from decision as d
join name as v on v.env = d.env and v.kind = 4 and v.number = d.workflow
where d.env = ?
"""


_STILL_WAITS = """
select n.event, n.workflow, n.user, n.waiting
from notification as n
where n.waiting <> 0 and not exists (
    select 1 from waiting as w
    where w.env = n.env and w.user = n.user and w.state = 3 and w.crashes > ? and (
        w.event = n.event or w.event in (
            select e.digest from digest_entry as e where e.env = n.env and e.event = n.event
        )
    )
)
"""


def a_digest_is_told_once(books: Books) -> Iterator[str]:
    """A window that closed has one notification; every event is in one digest a step at most, and
    what was gathered is not sent apart."""
    disk = books.world.disk
    if books.world.drained:
        for (digest,) in disk.select(
            "select d.digest from digest as d where (d.closed_at is null or not exists (select 1 "
            "from notification as n where n.env = d.env and n.event = d.digest)) "
            "and not exists (select 1 from waiting as w where w.env = d.env "
            "and w.event = d.digest and w.state = 3 and w.crashes > ?)",
            CRASH_LIMIT,
        ):
            yield f"digest {digest.hex()[-8:]} was never told"
    for event, digests in disk.select(
        "select e.event, count(*) from digest_entry as e join digest as d on d.env = e.env "
        "and d.digest = e.digest group by e.env, e.event, d.workflow, d.user, d.step "
        "having count(*) > 1"
    ):
        yield f"event {event.hex()[-8:]} is in {digests} digests of one step"
    for event, step in disk.select(
        "select e.event, d.step from digest_entry as e join digest as d on d.env = e.env "
        "and d.digest = e.digest join delivery as x on x.env = e.env and x.event = e.event "
        "and x.workflow = d.workflow and x.user = d.user and x.step >= d.step"
    ):
        yield f"event {event.hex()[-8:]} was gathered at step {step} and sent apart as well"


def a_cap_is_never_exceeded(books: Books) -> Iterator[str]:
    """In any window of its length a capped step is decided to be sent so many times at most. The
    clocks of processes differ by a few seconds, so sends are counted in a shorter window."""
    world = books.world
    window = (CAP_SECONDS - CLOCKS_APART_SECONDS) * SECOND
    for place in world.places:
        limits = dict(place.caps)
        sends: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
        for _, _, user, decided, name in world.disk.select(_DECIDED, place.env, place.env):
            if name not in limits or not decided:
                continue
            kept = _record(decided)
            capped = kept.more.caps if kept.more is not None else {}
            for answer in kept.steps:
                if answer.result is Result.SEND and answer.step in capped:
                    sends[name, user].append(kept.at)
        for (name, user), moments in sends.items():
            moments.sort()
            limit = limits[name]
            for first, beyond in zip(moments, moments[limit:], strict=False):
                if beyond - first < window:
                    yield (
                        f"workflow {name} sent user {user} more than {limit} in "
                        f"{(beyond - first) / SECOND:.1f} s"
                    )


def what_waited_was_decided_again(books: Books) -> Iterator[str]:
    """After draining nothing is held: each hold was followed by a decision of its own."""
    if not books.world.drained:
        return
    for event, workflow, user, waiting in books.world.disk.select(_STILL_WAITS, CRASH_LIMIT):
        kind = "digest" if is_digest(event) else "event"
        yield (
            f"{kind} {event.hex()[-8:]}, workflow {workflow}, user {user} still waits for {waiting}"
        )
