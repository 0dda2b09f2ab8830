"""What a world left behind, read once: deliveries with their requests and changes, events,
people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from clarion.core.states import DeliveryStatus
from clarion.core.workflow import CHANNELS, Category, Channel, OnUnknown
from clarion.testing.simulation.vendor import Ask
from clarion.testing.simulation.watch import Change, name_of

if TYPE_CHECKING:
    from clarion.testing.simulation.world import World

T = TypeVar("T")

_DELIVERIES = """
select
    d.env, d.event, d.workflow, d.user, d.step, d.channel, d.destination, d.status, d.attempts,
    d.account, d.expires_at, d.last_code, c.body, l.cause
from delivery as d
join event_workflow as w on w.env = d.env and w.event = d.event and w.workflow = d.workflow
join category_history as c
    on c.env = d.env and c.category = w.category and c.version = w.category_version
left join dead_letter as l
    on l.env = d.env and l.event = d.event and l.workflow = d.workflow and l.user = d.user
    and l.step = d.step and l.channel = d.channel and l.destination = d.destination
    and l.closed_at is null
order by d.env, d.event, d.workflow, d.user, d.step, d.channel, d.destination
"""

_category = msgspec.json.Decoder(Category).decode


class Sent(msgspec.Struct, kw_only=True):
    """One delivery: how it stands, what it went through, and every request made for it. `harmless`:
    its vendor drops or replaces a repeat. `cause` is that of its open dead letter."""

    name: str
    env: int
    event: bytes
    channel: Channel
    status: DeliveryStatus
    attempts: int
    account: str
    expires_at: int | None
    code: str | None
    category: Category
    cause: str | None
    harmless: bool
    asks: list[Ask]
    changes: list[Change]

    @property
    def label(self) -> str:
        """For people: the end of its id, and how it stands."""
        return f"delivery {self.name[-16:]} ({self.channel}, {self.status.name.lower()})"

    @property
    def at_most_once(self) -> bool:
        """Whether a doubtful request may never be repeated."""
        policy = self.category.policy(self.channel)
        return policy is OnUnknown.AT_MOST_ONCE and not self.harmless

    @property
    def recorded(self) -> set[str]:
        """Codes of the requests whose outcome the ledger has kept at any time."""
        return {change.code for change in self.changes if change.code is not None}


class Books:
    """All of a world's rows that the invariants look at."""

    def __init__(self, world: World) -> None:
        self.world = world
        changes = world.watch.deliveries()
        asks: defaultdict[str, list[Ask]] = defaultdict(list)
        for ask in world.asks:
            asks[ask.delivery].append(ask)
        self.sent = [self._sent(row, asks, changes) for row in world.disk.select(_DELIVERIES)]
        known = {sent.name for sent in self.sent}
        self.strays = [ask for ask in world.asks if ask.delivery not in known]
        self.of_ref: defaultdict[tuple[int, str], list[bytes]] = defaultdict(list)
        for env, event, ref in world.disk.select(
            "select env, event, json_extract(data, '$.ref') from event_payload"
        ):
            self.of_ref[env, ref].append(event)
        self.aside: dict[bytes, int] = dict(
            world.disk.select("select event, min(crashes) from task where state = 3 group by event")
        )
        self.user: dict[tuple[int, str], int] = {
            (env, name): number
            for env, name, number in world.disk.select(
                "select env, name, number from name where kind = 1"
            )
        }

    def _sent(
        self, row: tuple[Any, ...], asks: dict[str, list[Ask]], changes: dict[str, list[Change]]
    ) -> Sent:
        name = name_of(row[:7])
        account = row[9]
        vendor = self.world.vendors.get(account)
        can = vendor.capabilities if vendor is not None else None
        return Sent(
            name=name, env=row[0], event=row[1], channel=CHANNELS[row[5] - 1],
            status=DeliveryStatus(row[7]), attempts=row[8], account=account, expires_at=row[10],
            code=row[11], category=_category(row[12]), cause=row[13],
            harmless=can is None or can.idempotent or can.replaces,
            asks=asks.get(name, []), changes=changes.get(name, []),
        )  # fmt: skip


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """The answer of a coroutine that never waits."""
    try:
        work.send(None)
    except StopIteration as done:
        answer: T = done.value
        return answer
    work.close()
    raise RuntimeError("it waits; only what runs inline can be asked at once")
