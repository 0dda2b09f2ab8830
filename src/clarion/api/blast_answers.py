"""What is told of prepared blasts."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.api.answers import PageInfo, when
from clarion.api.estimates import estimate_of
from clarion.api.events import ChannelCounts, NotificationCounts
from clarion.api.services import Services
from clarion.clock import SECOND
from clarion.core.blast import ChannelTally, Queue, Tally, Trouble
from clarion.core.ids import event_name
from clarion.core.workflow import CHANNELS, Lane
from clarion.pipeline.blasts.planned import blast_name, tally_of
from clarion.store.contract.blasts import BlastRow, BlastState
from clarion.store.contract.events import EventCounts, EventRow


class BlastProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far it is prepared: recipients cut so far, and about how much of the audience that is."""

    recipients: int
    percent: float


class AccountShare(msgspec.Struct, frozen=True, kw_only=True):
    """What one account gets of a channel. `rate_per_second` is its quota, null without one; `ahead`
    waited there in the same lane already when the blast was armed."""

    account: str
    lane: str
    deliveries: int
    ahead: int
    rate_per_second: float | None
    seconds: float | None


class BlastChannel(msgspec.Struct, frozen=True, kw_only=True):
    """One channel as it was decided while the audience was cut: who is sent something, to how many
    destinations, who is held or gathered first, who not, by reason. `earliest_finish`: if it is
    fired now (or when it is to be); of a fired one by what waits. Null where no quota bounds it."""

    recipients: int
    destinations: int
    held: int
    gathered: int
    skipped: dict[str, int]
    rate_per_second: float | None
    seconds: float | None
    earliest_finish: str | None
    accounts: list[AccountShare]


class BlastAudience(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody in the cut: `told` on at least one channel as things stood then; `skipped` on all,
    by reason."""

    recipients: int
    told: int
    skipped: dict[str, int]


class BlastTrouble(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something to mend, or to know: in words, and where."""

    detail: str
    workflow: str | None = None
    step: int | None = None
    channel: str | None = None
    locale: str | None = None
    account: str | None = None


class BlastEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The event of a fired blast as it stands. `left` is how many of the audience are not decided
    yet."""

    id: str
    status: str
    counts: NotificationCounts
    deliveries: dict[str, ChannelCounts]
    left: int
    balanced: bool
    estimate: dict[str, str | None] | None


class BlastAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A blast. `state`: `preparing`, `armed`, `refused` (see `problems`), `fired`, `paused`,
    `complete`, `canceled`, `expired`. `expires_in_seconds` counts from firing. `note`: why it was
    not fired when it was to be. `tests`: how many were sent."""

    id: str
    name: str
    type: str
    state: str
    workflows: list[str]
    lanes: list[str]
    progress: BlastProgress
    audience: BlastAudience
    channels: dict[str, BlastChannel]
    locales: list[str]
    problems: list[BlastTrouble]
    warnings: list[BlastTrouble]
    note: str | None
    tests: int
    expires_in_seconds: int | None
    created_at: str | None
    armed_at: str | None
    fire_at: str | None
    fired_at: str | None
    paused_at: str | None
    paused_by: str | None
    expires_at: str | None
    expired_at: str | None
    canceled_at: str | None
    ended_at: str | None
    event_id: str | None
    event: BlastEvent | None


class BlastPage(msgspec.Struct, frozen=True):
    """A page of blasts, newest first; what became of their events is left out."""

    data: list[BlastAnswer]
    page_info: PageInfo


class BlastTestAnswer(msgspec.Struct, frozen=True):
    """The event of a test."""

    event_id: str


BLAST_EXAMPLE: dict[str, Any] = {
    "id": "blt_7",
    "name": "summer sale",
    "type": "sale.began",
    "state": "armed",
    "workflows": ["sale"],
    "lanes": ["bulk"],
    "progress": {"recipients": 1000000, "percent": 100.0},
    "audience": {"recipients": 1000000, "told": 981204, "skipped": {"muted": 18796}},
    "channels": {
        "push": {
            "recipients": 931950,
            "destinations": 1204377,
            "held": 0,
            "gathered": 0,
            "skipped": {"no_destination": 49254},
            "rate_per_second": 600.0,
            "seconds": 2006.5,
            "earliest_finish": "2026-01-02T03:37:32.178901Z",
            "accounts": [
                {
                    "account": "fcm-main",
                    "lane": "bulk",
                    "deliveries": 1204377,
                    "ahead": 0,
                    "rate_per_second": 600.0,
                    "seconds": 2006.5,
                }
            ],
        }
    },
    "locales": ["de", "en"],
    "problems": [],
    "warnings": [],
    "note": None,
    "tests": 2,
    "expires_in_seconds": 86400,
    "created_at": "2026-01-02T03:00:05.678901Z",
    "armed_at": "2026-01-02T03:01:05.678901Z",
    "fire_at": None,
    "fired_at": None,
    "paused_at": None,
    "paused_by": None,
    "expires_at": None,
    "expired_at": None,
    "canceled_at": None,
    "ended_at": None,
    "event_id": None,
    "event": None,
}


async def told(services: Services, row: BlastRow) -> BlastAnswer:
    """A blast with how its event stands."""
    if row.event is None:
        return answer_of(row, services.clock.now())
    event = (await services.store.events.rows(row.env, [row.event])).get(row.event)
    if event is None:
        return answer_of(row, services.clock.now())
    return answer_of(row, services.clock.now(), event, await _event(services, row, event))


def answer_of(
    row: BlastRow, now: int, event: EventRow | None = None, stands: BlastEvent | None = None
) -> BlastAnswer:
    """A blast as it is told at an instant."""
    tally = tally_of(row)
    begins = max(row.fire_at or now, now)
    estimate = stands.estimate or {} if stands is not None else None
    return BlastAnswer(
        id=blast_name(row.number), name=row.name, type=row.type, state=_state(row, event, now),
        workflows=tally.workflows, lanes=[Lane(lane).label for lane in tally.lanes],
        progress=BlastProgress(
            recipients=tally.recipients, percent=round(100 * min(tally.share, 1.0), 1)
        ),
        audience=BlastAudience(
            recipients=tally.recipients, told=tally.told, skipped=tally.skipped
        ),
        channels={
            name: _channel(name, channel, tally, begins, estimate)
            for name, channel in sorted(tally.channels.items())
        },
        locales=sorted({key.split("/", 2)[2] for key in tally.tried}),
        problems=[*map(_trouble, tally.problems)], warnings=[*map(_trouble, tally.warnings)],
        note=row.note, tests=row.tests, expires_in_seconds=row.expires_in_seconds,
        created_at=when(row.created_at), armed_at=when(row.armed_at), fire_at=when(row.fire_at),
        fired_at=when(row.fired_at), paused_at=when(row.paused_at), paused_by=row.paused_by,
        expires_at=when(row.expires_at), expired_at=when(row.expired_at),
        canceled_at=when(row.canceled_at or (event.cancelled_at if event else None)),
        ended_at=when(row.ended_at),
        event_id=None if row.event is None else event_name(row.event), event=stands,
    )  # fmt: skip


def _state(row: BlastRow, event: EventRow | None, now: int) -> str:
    if row.canceled_at is not None or (event is not None and event.cancelled_at is not None):
        return "canceled"
    if row.state is BlastState.ARMED and row.expires_at is not None and row.expires_at <= now:
        return "expired"
    if row.state is not BlastState.FIRED:
        return row.state.name.lower()
    if row.expired_at is not None:
        return "expired"
    if row.ended_at is not None:
        return "complete"
    return "paused" if row.paused_at is not None else "fired"


def _channel(
    name: str,
    channel: ChannelTally,
    tally: Tally,
    begins: int,
    estimate: dict[str, str | None] | None,
) -> BlastChannel:
    queues = [queue for queue in tally.queues if queue.channel == name]
    rates = [queue.rate_per_second for queue in queues]
    known = [rate for rate in rates if rate is not None]
    seconds = tally.finish_of(name)
    if estimate is not None:
        finish = estimate.get(name)
    else:
        finish = None if seconds is None else when(begins + int(seconds * SECOND))
    return BlastChannel(
        recipients=channel.recipients,
        destinations=channel.destinations,
        held=channel.held,
        gathered=channel.gathered,
        skipped=channel.skipped,
        rate_per_second=sum(known) if known and len(known) == len(rates) else None,
        seconds=seconds,
        earliest_finish=finish,
        accounts=[*map(_account, queues)],
    )


def _account(queue: Queue) -> AccountShare:
    return AccountShare(
        account=queue.account,
        lane=Lane(queue.lane).label,
        deliveries=queue.deliveries,
        ahead=queue.ahead,
        rate_per_second=queue.rate_per_second,
        seconds=queue.seconds,
    )


def _trouble(trouble: Trouble) -> BlastTrouble:
    return msgspec.convert(trouble, BlastTrouble, from_attributes=True)


async def _event(services: Services, row: BlastRow, event: EventRow) -> BlastEvent:
    store = services.store
    counts = await store.events.counts(row.env, event.id)
    total = counts.get(0, EventCounts())
    recipients = total.open + total.held + total.sent + total.dead + total.skipped
    done = not (event.expanding or total.open or total.held)
    ahead = await store.deliveries.ahead(row.env, event.id) if total.open else []
    status = "complete" if done else "expanding" if recipients else "accepted"
    return BlastEvent(
        id=event_name(event.id),
        status="canceled" if event.cancelled_at is not None else status,
        counts=NotificationCounts(
            recipients=recipients, sent=total.sent, skipped=total.skipped, held=total.held,
            open=total.open, dead=total.dead, undecided=0,
        ),
        deliveries={
            CHANNELS[kind - 1].value: ChannelCounts(sent=c.sent, open=c.open, dead=c.dead)
            for kind, c in sorted(counts.items())
            if kind
        },
        left=max(tally_of(row).recipients - recipients, 0) if event.expanding else 0,
        balanced=done,
        estimate=estimate_of(ahead, (await services.pace()).accounts, services.clock.now()),
    )  # fmt: skip
