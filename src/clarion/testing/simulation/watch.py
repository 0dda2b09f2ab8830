"""Keeps what rows were, not only what they are: every change of a delivery, a task and a ready row,
with the instant of the world. Triggers of the onlooker's own connection write it down."""

from __future__ import annotations

from collections import defaultdict

import msgspec

from clarion.core.delivery import DeliveryKey
from clarion.core.ids import delivery_name
from clarion.core.workflow import CHANNELS
from clarion.store.sql.tx import Row
from clarion.testing.simulation.loop import SimulatedLoop
from clarion.testing.simulation.storage import Disk

_TABLES = """
create temp table seen_delivery (
    at integer, env integer, event blob, workflow integer, user integer, step integer,
    channel integer, destination integer, was integer, status integer, attempts integer,
    outcome text, code text
);
create temp table seen_task (
    at integer, task integer, old_cursor integer, cursor integer, old_state integer,
    state integer, old_fence integer, fence integer
);
create temp table seen_ready (
    at integer, seq integer, old_state integer, state integer, old_fence integer, fence integer,
    old_worker integer, worker integer
);
create temp trigger watch_delivery after update on main.delivery begin
    insert into seen_delivery values (
        world_now(), new.env, new.event, new.workflow, new.user, new.step, new.channel,
        new.destination, old.status, new.status, new.attempts, new.last_outcome, new.last_code
    );
end;
create temp trigger watch_task after update on main.task begin
    insert into seen_task values (
        world_now(), new.task, old.cursor, new.cursor, old.state, new.state, old.fence, new.fence
    );
end;
create temp trigger watch_ready after update on main.ready begin
    insert into seen_ready values (
        world_now(), new.seq, old.state, new.state, old.fence, new.fence, old.worker, new.worker
    );
end;
"""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a delivery; `code` names the request whose outcome it keeps."""

    at: int
    was: int
    status: int
    attempts: int
    outcome: str | None
    code: str | None


class Watch:
    """What was seen on one disk."""

    def __init__(self, disk: Disk, loop: SimulatedLoop) -> None:
        self._disk = disk
        disk.connection.create_scalar_function("world_now", lambda *_: loop.now, 0)
        disk.connection.execute(_TABLES)

    def deliveries(self) -> dict[str, list[Change]]:
        """Changes of each delivery that changed, by its public id, oldest first."""
        found: defaultdict[str, list[Change]] = defaultdict(list)
        for at, *key, was, status, attempts, outcome, code in self._disk.select(
            "select * from temp.seen_delivery order by rowid"
        ):
            change = Change(
                at=at, was=was, status=status, attempts=attempts, outcome=outcome, code=code
            )
            found[name_of(key)].append(change)
        return dict(found)

    def tasks(self) -> list[Row]:
        """(at, task, old cursor, cursor, old state, state, old fence, fence), oldest first."""
        return self._disk.select("select * from temp.seen_task order by rowid")

    def ready(self) -> list[Row]:
        """(at, seq, old state, state, old fence, fence, old worker, worker), oldest first."""
        return self._disk.select("select * from temp.seen_ready order by rowid")


def name_of(key: list[object] | tuple[object, ...]) -> str:
    """Public id of (env, event, workflow, user, step, channel number, destination)."""
    env, event, workflow, user, step, channel, destination = key
    return delivery_name(
        DeliveryKey(env, event, workflow, user, step, CHANNELS[channel - 1], destination)  # type: ignore[arg-type,operator]
    )
