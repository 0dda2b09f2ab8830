"""A store with a million notifications, most of them written straight into its file: told through
the API they would take longer than everything else that is tested here."""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from pathlib import Path

from tests.acceptance.house import House

USERS = 1_000
EVENTS = 1_000
APART_MICROSECONDS = 60_000_000
TABLES = ("event", "event_workflow", "notification")


async def fill(house: House) -> None:
    """One event to a thousand users through the API of the house, which is running, and then, while
    it is down, 999 older ones with the same outcome."""
    await house.workflow(
        "order-shipped",
        {"channel": "inbox", "template": {"title": "Order {{ data.order }} is on its way"}},
        {"channel": "email", "template": {"subject": "Order {{ data.order }}", "body": "It left."}},
    )
    people = [{"id": f"u{n:04}", "email": f"u{n:04}@example.org"} for n in range(USERS)]
    for person in people[::7]:
        person["email"] = f"dead-{person['id']}@example.org"
    await house.people(people, "shoppers")
    for person in people[::5]:
        path = f"/v1/users/{person['id']}/preferences"
        await house.want("PATCH", path, {"workflows": {"order-shipped": {"email": "off"}}})
    event = {"type": "order-shipped", "data": {"order": "1000"}}
    sent = await house.want("POST", "/v1/events", event | {"recipients": [{"topic": "shoppers"}]})
    await house.complete(sent["event_id"])
    await house.idle()
    await house.stop()
    _copy(house.file, bytes.fromhex(sent["event_id"].removeprefix("evt_")))
    await house.start()


def _copy(file: Path, event: bytes) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("pragma synchronous=off")
        connection.execute("pragma cache_size=-400000")
        connection.execute("begin immediate")
        connection.execute("create temp table other (event blob primary key, at integer)")
        rows = [_older(event, n) for n in range(1, EVENTS)]
        connection.executemany("insert into other values (?, ?)", rows)
        for table in TABLES:
            columns = [row[1] for row in connection.execute(f"pragma table_info({table})")]
            taken = ", ".join(_taken(column) for column in columns)
            connection.execute(
                f"insert into {table} ({', '.join(columns)}) select {taken} from other as o "
                f"cross join {table} as t where t.event = ? order by o.event",
                (event,),
            )
        connection.execute("commit")
        connection.execute("pragma wal_checkpoint(truncate)")


def _taken(column: str) -> str:
    return {"event": "o.event", "accepted_at": "o.at"}.get(column, f"t.{column}")


def _older(event: bytes, n: int) -> tuple[bytes, int]:
    """The id of an event that was accepted so many minutes before, and its instant."""
    (milliseconds,) = struct.unpack(">Q", b"\0\0" + event[:6])
    at = milliseconds * 1000 - n * APART_MICROSECONDS
    return struct.pack(">Q", at // 1000)[2:] + event[6:], at
