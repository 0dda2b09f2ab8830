"""What must hold in every world, whatever happened in it. Each check says what it found."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from clarion.clock import SECOND
from clarion.core.decision import DecisionRecord, Result
from clarion.core.delivery import OutcomeClass
from clarion.core.states import DeliveryStatus
from clarion.core.workflow import Channel
from clarion.pipeline.fanout import CRASH_LIMIT
from clarion.store.sqlite.store import SqliteStore
from clarion.testing.simulation.books import Books, Sent, at_once
from clarion.testing.simulation.shows import members_are_told
from clarion.testing.simulation.vendor import Ask
from clarion.testing.simulation.waiting import (
    a_cap_is_never_exceeded,
    a_digest_is_told_once,
    what_waited_was_decided_again,
)

if TYPE_CHECKING:
    from clarion.testing.simulation.world import World

AUDIT_PAGE = 500
CANCEL_SECONDS = 10.0
DEDUPE_SECONDS = 30
CLOCK_SECONDS = 5
DIED = "worker_died"

_record = msgspec.json.Decoder(DecisionRecord).decode

ENDED = frozenset(DeliveryStatus) - {DeliveryStatus.READY, DeliveryStatus.SENDING}
WITH_CAUSE = frozenset({DeliveryStatus.FAILED, DeliveryStatus.DEAD, DeliveryStatus.UNKNOWN})
SETTINGS = frozenset({OutcomeClass.CREDENTIAL, OutcomeClass.CONFIG})
UNCOUNTED = SETTINGS | {OutcomeClass.RETRY_AFTER}


class Violation(msgspec.Struct, frozen=True):
    """An invariant that did not hold, by its name, and what was seen."""

    name: str
    message: str


Check = Callable[[Books], Iterator[str]]
CHECKS: dict[str, Check] = {
    "a digest is told once": a_digest_is_told_once,
    "a cap is never exceeded": a_cap_is_never_exceeded,
    "what waited was decided again": what_waited_was_decided_again,
    "members are told": members_are_told,
}


def check(function: Check) -> Check:
    """Every check is found by its name."""
    CHECKS[function.__name__.replace("_", " ")] = function
    return function


def violations(world: World) -> list[Violation]:
    """Everything that is wrong in a world that has come to its end."""
    if world.stuck is not None:
        return [Violation("the world comes to rest", world.stuck)]
    books = Books(world)
    return [Violation(name, message) for name, found in CHECKS.items() for message in found(books)]


@check
def the_queue_drains(books: Books) -> Iterator[str]:
    """Once all faults are over, all work comes to its end within bounded time."""
    world = books.world
    if not world.drained:
        waiting = [told.ref for told in world.story if told.event is None]
        yield (
            f"{world.open_work()} rows of work are left, and events without an answer: {waiting}"
        )


@check
def only_our_errors_are_answered(books: Books) -> Iterator[str]:
    """Whoever asks a server gets an answer or an error of ours."""
    yield from sorted(set(books.world.errors))


@check
def an_event_is_there_once(books: Books) -> Iterator[str]:
    """What was answered exists, once, under the id that every answer named."""
    for told in books.world.story:
        there = books.of_ref[told.place.env, told.ref]
        if told.refused is not None:
            yield f"event {told.ref} was refused: {told.refused}"
        if len(there) > 1:
            yield f"event {told.ref} is there {len(there)} times"
        for answer in told.answers:
            if [answer] != there:
                yield f"event {told.ref} was answered with {answer.hex()}, there is {there}"


@check
def everybody_is_considered_once(books: Books) -> Iterator[str]:
    """An event's notifications are exactly its audience, for each workflow that listens."""
    world = books.world
    for told in world.story:
        place = told.place
        own = place.types[told.document["type"]]
        names = told.audience if own is None else own
        expected = {books.user.get((place.env, name)) for name in names}
        for event in books.of_ref[place.env, told.ref]:
            whole = world.drained and event not in books.aside
            for (workflow,) in world.disk.select(
                "select workflow from event_workflow where env = ? and event = ?",
                place.env, event,
            ):  # fmt: skip
                rows = world.disk.select(
                    "select user from notification where env = ? and event = ? and workflow = ?",
                    place.env, event, workflow,
                )  # fmt: skip
                found = {user for (user,) in rows}
                if found - expected or (whole and expected - found):
                    yield (
                        f"event {told.ref}, workflow {workflow}: missing "
                        f"{sorted(map(str, expected - found))}, "
                        f"too many {sorted(map(str, found - expected))}"
                    )


@check
def a_task_is_put_aside_for_a_reason(books: Books) -> Iterator[str]:
    """Only what was claimed again and again without coming a page further."""
    for event, crashes in books.aside.items():
        if crashes <= CRASH_LIMIT:
            yield f"a task of event {event.hex()[-8:]} is put aside after {crashes} claims"


@check
def the_ledger_balances(books: Books) -> Iterator[str]:
    """Buckets, counts and inbox counters equal the rows they count."""
    store = SqliteStore(books.world.disk.executor)
    cursor: tuple[int, bytes] | None = (0, b"")
    while cursor is not None:
        page = at_once(store.ledger.audit(None, cursor, AUDIT_PAGE))
        for wrong in page.found:
            yield f"{wrong.what}: counted {wrong.counted}, found {wrong.found}"
        cursor = page.cursor


@check
def a_delivery_comes_to_its_end(books: Books) -> Iterator[str]:
    """After draining nothing is ready or sending, and what failed says why."""
    if not books.world.drained:
        return
    for sent in books.sent:
        if sent.status not in ENDED:
            yield f"{sent.label} has no end"
        if sent.status in WITH_CAUSE and not sent.cause:
            yield f"{sent.label} has no cause"
        if sent.status not in WITH_CAUSE and sent.cause is not None:
            yield f"{sent.label} is a dead letter: {sent.cause}"


@check
def sent_means_taken(books: Books) -> Iterator[str]:
    """A delivery is sent when its vendor has it: the ledger names the request that was taken."""
    by_code = {ask.code: ask for ask in books.world.asks}
    for sent in books.sent:
        if sent.status is DeliveryStatus.SENT and sent.account in books.world.vendors:
            ask = by_code.get(sent.code or "")
            if ask is None or not ask.took or ask.delivery != sent.name:
                yield f"{sent.label} is sent by {sent.code}, which was not taken"


@check
def no_message_twice_without_a_doubt(books: Books) -> Iterator[str]:
    """A second one reaches a vendor only after a request that nobody knows the outcome of."""
    for sent in books.sent:
        taken = [ask for ask in sent.asks if ask.took]
        for before, after in pairwise(taken):
            if not _in_doubt(sent, before):
                yield f"{sent.label}: {after.code} was taken after {before.code}"


@check
def at_most_once_means_it(books: Books) -> Iterator[str]:
    """Where the policy forbids it, nothing follows a doubtful request."""
    for sent in books.sent:
        if not sent.at_most_once:
            continue
        if sum(ask.took for ask in sent.asks) > 1:
            yield f"{sent.label}: taken more than once"
        for before, after in pairwise(sent.asks):
            if _in_doubt(sent, before):
                yield f"{sent.label}: {after.code} was sent after the doubtful {before.code}"


@check
def nothing_leaves_after_the_end(books: Books) -> Iterator[str]:
    """No request begins for a delivery that has ended; `unknown` may still become `sent`."""
    for sent in books.sent:
        ends = [c.at for c in sent.changes if c.status in ENDED - {DeliveryStatus.UNKNOWN}]
        for ask in sent.asks:
            if ends and ask.at > ends[0] and not _was_away(ask, ends[0]):
                yield f"{sent.label}: {ask.code} began after its end"


@check
def nothing_leaves_after_its_expiry(books: Books) -> Iterator[str]:
    """As the sending process's clock tells."""
    for sent in books.sent:
        for ask in sent.asks:
            if sent.expires_at is not None and ask.local >= sent.expires_at:
                late = (ask.local - sent.expires_at) / SECOND
                yield f"{sent.label}: {ask.code} left {late:.3f} s after its expiry"


@check
def nothing_leaves_after_a_cancellation(books: Books) -> Iterator[str]:
    """But for what was in hand when it came."""
    cancelled = {told.event: told.cancelled_at for told in books.world.story if told.cancelled_at}
    for sent in books.sent:
        at = cancelled.get(sent.event)
        for ask in sent.asks:
            if at is not None and ask.at > at + CANCEL_SECONDS * SECOND and not _was_away(ask, at):
                yield f"{sent.label}: {ask.code} began {(ask.at - at) / SECOND:.1f} s later"


@check
def nothing_leaves_while_it_stands_still(books: Books) -> Iterator[str]:
    """Of a blast that is paused, but for what was in hand when the pause came."""
    for told in books.world.story:
        for since, until in told.still:
            for sent in books.sent:
                if sent.event != told.event or not told.event:
                    continue
                for ask in sent.asks:
                    late = since + CANCEL_SECONDS * SECOND < ask.at < until
                    if late and not _was_away(ask, since):
                        yield f"{sent.label}: {ask.code} began while {told.ref} stood still"


@check
def an_outcome_is_kept(books: Books) -> Iterator[str]:
    """What a vendor answered is in the ledger, unless the process ended or stood still first."""
    for sent in books.sent:
        for ask in sent.asks:
            if ask.answered_at is not None and ask.code not in sent.recorded:
                if ask.process.dead or _was_away(ask, ask.at):
                    continue
                yield f"{sent.label}: {ask.answered} of {ask.code} was lost by {ask.process}"


@check
def tries_are_bounded(books: Books) -> Iterator[str]:
    """No more tries than the category allows, but for those that a crash made doubtful, and those
    in which the vendor said "later"."""
    for sent in books.sent:
        died = sum(change.code == DIED for change in sent.changes)
        put_off = sum(ask.answered is OutcomeClass.RETRY_AFTER for ask in sent.asks)
        if sent.attempts > sent.category.attempts + died + put_off:
            yield f"{sent.label}: {sent.attempts} tries of {sent.category.attempts}"
        counted = [
            ask for ask in sent.asks if ask.code in sent.recorded and ask.answered not in UNCOUNTED
        ]
        if len(counted) > sent.category.attempts:
            codes = ", ".join(ask.code for ask in counted)
            yield f"{sent.label}: {codes} are more than {sent.category.attempts} tries"


@check
def nothing_goes_back(books: Books) -> Iterator[str]:
    """An end is an end, a cursor only moves on, a fence only grows."""
    for sent in books.sent:
        for change in sent.changes:
            may = change.was == DeliveryStatus.UNKNOWN and change.status == DeliveryStatus.SENT
            if change.was in ENDED and change.status != change.was and not may:
                was, status = DeliveryStatus(change.was), DeliveryStatus(change.status)
                yield f"{sent.label}: {was.name.lower()} became {status.name.lower()}"
    for _, task, was, cursor, old_state, state, old_fence, fence in books.world.watch.tasks():
        if cursor < was:
            yield f"task {task}: the cursor went from {was} back to {cursor}"
        if fence < old_fence or (old_state == 2 and state != 2):
            yield f"task {task}: state {old_state} became {state}, fence {old_fence} {fence}"
    for _, seq, _, _, old_fence, fence, *_ in books.world.watch.ready():
        if fence < old_fence:
            yield f"ready row {seq}: the fence went from {old_fence} back to {fence}"


@check
def environments_stay_apart(books: Books) -> Iterator[str]:
    """An account gets messages of its own environments, for addresses of these."""
    names = {place.env: place.name for place in books.world.places}
    allowed = {a.name: a.environments for a in books.world.settings.accounts}
    for ask in books.strays:
        yield f"{ask.code} is for {ask.delivery}, which nobody has decided"
    for sent in books.sent:
        name = names[sent.env]
        for ask in sent.asks:
            if name not in allowed[ask.account]:
                yield f"{sent.label} of {name} went to account {ask.account}"
            if sent.channel in (Channel.EMAIL, Channel.PUSH) and name not in ask.address:
                yield f"{sent.label} of {name} went to {ask.address}"


@check
def a_dedupe_key_tells_once(books: Books) -> Iterator[str]:
    """One key, one user, one window: one notification that is not a skip. The window begins when
    the key is reserved, which is after the event was accepted."""
    world = books.world
    told: defaultdict[tuple[int, int, int, str], list[tuple[int, int]]] = defaultdict(list)
    for place in world.places:
        for accepted_at, workflow, user, decided, group in world.disk.select(
            "select e.accepted_at, n.workflow, n.user, n.decided, json_extract(p.data, '$.group') "
            "from notification as n join event as e on e.env = n.env and e.event = n.event "
            "join event_payload as p on p.env = n.env and p.event = n.event "
            "where n.env = ? and e.type in (select value from json_each(?))",
            place.env, json.dumps(sorted(place.deduped)),
        ):  # fmt: skip
            kept = _record(decided)
            if any(step.result is Result.SEND for step in kept.steps):
                told[place.env, workflow, user, group].append((kept.at, accepted_at))
    for (env, workflow, user, group), moments in told.items():
        moments.sort()
        for (_, before), (after, _) in pairwise(moments):
            if after - before < (DEDUPE_SECONDS - CLOCK_SECONDS) * SECOND:
                yield (
                    f"user {user} of {env} was told {group!r} by workflow {workflow} again after "
                    f"{(after - before) / SECOND:.1f} s"
                )


def _in_doubt(sent: Sent, ask: Ask) -> bool:
    """Nobody could know its outcome: no answer came, or it was lost with its process."""
    if ask.lost:
        return True
    return ask.code not in sent.recorded and (ask.process.dead or _was_away(ask, ask.at))


def _was_away(ask: Ask, since: int) -> bool:
    """The asking process stood still at some time from `since` on (microseconds)."""
    return any(end < 0 or end >= since for _, end in ask.process.frozen_spans)
