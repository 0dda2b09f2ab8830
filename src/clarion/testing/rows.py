"""The rows of one event, table by table, with names and words where the store has numbers."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.clock import to_rfc3339
from clarion.core.decision import DecisionRecord, StepDecision
from clarion.core.recipient import Standing
from clarion.core.states import Bucket, DeliveryStatus
from clarion.core.workflow import CHANNELS, Lane
from clarion.store.contract.broadcasts import COUNTED
from clarion.store.contract.names import NameKind
from clarion.testing.looking import Looking

Rows = dict[str, Any]
"""Table -> rows; `event` is one row, `counts` the summed counts by kind."""

TABLES: dict[str, str] = {
    "event_workflow": "workflow",
    "task": "task",
    "broadcast": "workflow",
    "notification": 'workflow, "user"',
    "item": '"user", workflow, step',
    "content": 'workflow, step, locale, "user"',
    "delivery": 'workflow, "user", step, destination',
    "waiting": 'workflow, "user", step',
    "decision": 'workflow, "user", step, n',
    "digest_entry": "digest",
    "attempt": 'workflow, "user", step, destination, n',
    "ready": 'workflow, "user", step, destination',
    "dead_letter": 'workflow, "user", step, destination',
}
"""Tables of an event besides its head, with the order of their rows."""

INSTANTS = frozenset(
    {"accepted_at", "expires_at", "cancelled_at", "created_at", "updated_at", "due", "at"}
    | {"seen_at", "read_at", "archived_at", "retracted_at", "published_at"}
)
NAMED = {
    "user": NameKind.USER,
    "actor": NameKind.USER,
    "about": NameKind.TOPIC,
    "topic": NameKind.TOPIC,
    "tenant": NameKind.TENANT,
    "workflow": NameKind.WORKFLOW,
    "category": NameKind.CATEGORY,
}
LEFT_OUT = frozenset(
    {"env", "event", "seq", "worker", "task", "lo", "hi", "lanes", "mentions", "audience"}
    | {"counted", "activities", "actors", "cut"}
)
"""Keys that the caller knows, and numbers that say nothing."""

FLAGS = frozenset({"alert"})
"""Told also when they are not set."""

ALWAYS = frozenset({"lane", "state", "step", "first"})
"""Zero is a word or an index here."""

NOTHING = (None, 0, "", "[]")

TO_THE_END = 2**31
TASK_STATES = ("waiting", "claimed", "done", "put aside")
READY_STATES = ("ready", "sending")
WAIT_KINDS = ("", "a step", "the window of a digest")


def read_rows(looking: Looking, env: int, event: bytes) -> Rows:
    """What a store holds of an event. What is null, zero or empty is left out."""
    return _Reading(looking, env, event).rows()


class _Reading:
    def __init__(self, looking: Looking, env: int, event: bytes) -> None:
        self._looking = looking
        self._key = (env, event)
        names = looking.select("select kind, number, name from name where env = ?", env)
        self._names = {(kind, number): name for kind, number, name in names}
        addresses = looking.select(
            "select destination, address from destination where env = ?", env
        )
        self._addresses: dict[int, str] = dict(addresses)

    def rows(self) -> Rows:
        found: Rows = {"event": head[0]} if (head := self._table("event", "event")) else {}
        for table, order in TABLES.items():
            rows = self._table(table, order)
            if rows:
                found[table] = rows
        counts = self._counts()
        return {**found, "counts": counts} if counts else found

    def _table(self, table: str, order: str) -> list[dict[str, Any]]:
        fetched = self._looking.select(
            f"select * from {table} where env = ? and event = ? order by {order}",  # noqa: S608
            *self._key,
        )
        if not fetched:
            return []
        columns = self._looking.columns(table)
        return [self._row(table, dict(zip(columns, row, strict=True))) for row in fetched]

    def _row(self, table: str, row: dict[str, Any]) -> dict[str, Any]:
        return {
            name: bool(value) if name in FLAGS else self._told(table, name, value)
            for name, value in row.items()
            if name not in LEFT_OUT and (value not in NOTHING or name in FLAGS | ALWAYS)
        }

    def _told(self, table: str, column: str, value: Any) -> Any:
        if column in INSTANTS:
            return _instant(value)
        if column in NAMED:
            return self._names.get((NAMED[column], value), value)
        match table, column:
            case "task", "scope":
                return self._names.get((NameKind.TOPIC, value), value)
            case "task" | "broadcast", "cursor" if value >= COUNTED:
                return "the end"
            case "task" | "broadcast", "cursor":
                return self._names.get((NameKind.USER, value), value)
            case "task", "state":
                return TASK_STATES[value]
            case "ready", "state":
                return READY_STATES[value]
            case "delivery", "status":
                return DeliveryStatus(value).name.lower()
            case "waiting", "state":
                return TASK_STATES[value]
            case "waiting", "kind":
                return WAIT_KINDS[value]
            case "waiting", "last" if value >= TO_THE_END:
                return "the end"
            case "digest_entry", "digest":
                return self._digest(value)
            case "notification", "bucket":
                return Bucket(value).name.lower()
            case "notification" | "decision", "decided":
                return self._decided(value)
            case _, "destination":
                return self._addresses.get(value, value)
            case _, "channel":
                return CHANNELS[value - 1].value
            case _, "lane":
                return Lane(value).label
            case "content", "body":
                return msgspec.json.decode(value)
        return value

    def _digest(self, digest: bytes) -> str:
        """Whose it is, instead of its random id."""
        ((user,),) = self._looking.select(
            'select "user" from digest where env = ? and digest = ?', self._key[0], digest
        ) or [(0,)]
        return f"of {self._names.get((NameKind.USER, user), user)}"

    def _decided(self, text: str) -> dict[str, Any]:
        record = msgspec.json.decode(text, type=DecisionRecord)
        told: dict[str, Any] = {
            "at": _instant(record.at),
            "standing": Standing(record.standing).name.lower(),
            "user_version": record.user_version,
            "settings_version": record.settings_version,
            "defaults_version": record.defaults_version,
            "topic": self._names.get((NameKind.TOPIC, record.topic)),
            "mention": record.mention,
            "duplicate": record.duplicate,
            "paused": record.paused,
            "cancelled": record.cancelled,
            "whens": record.whens,
            "destinations": record.destinations,
            "waited": list(record.more.waited) if record.more is not None else [],
            "steps": [_step(step) for step in record.steps],
        }
        return {name: value for name, value in told.items() if value}

    def _counts(self) -> dict[str, dict[str, int]]:
        rows = self._looking.select(
            "select kind, sum(open), sum(held), sum(sent), sum(dead), sum(skipped) from ("
            "select * from event_count union all select env, event, kind, open, held, sent, dead,"
            " skipped from event_delta) as counted where env = ? and event = ? group by kind",
            *self._key,
        )
        return {
            self._kind(kind): {
                "undecided" if kind < 0 else bucket.name.lower(): int(count)
                for bucket, count in zip(Bucket, counts, strict=True)
                if count
            }
            for kind, *counts in rows
        }

    def _kind(self, kind: int) -> str:
        if kind < 0:
            return f"broadcast of {self._names.get((NameKind.WORKFLOW, -kind), -kind)}"
        return CHANNELS[kind - 1].value if kind else "notifications"


def _step(step: StepDecision) -> dict[str, Any]:
    told: dict[str, Any] = {
        "step": step.step,
        "result": step.result.label,
        "gate": str(step.gate),
        "reason": step.reason,
    }
    if step.scope:
        told["scope"] = step.scope
    if step.until is not None:
        told["until"] = _instant(step.until)
    if not step.alert:
        told["alert"] = False
    return told


def _instant(at: int) -> str:
    """RFC 3339, without a fraction where there is none."""
    return to_rfc3339(at).replace(".000000", "")
