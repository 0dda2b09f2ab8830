"""How many recorded decisions a second a simulation makes again, straight on the store, and in how
much memory."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import msgspec

from bench.report import Report, machine
from clarion.clock import SECOND, SystemClock
from clarion.conditions.cel import CelCompiler
from clarion.content.compiler import TemplateCompiler
from clarion.core.decide import decide
from clarion.core.facts import EventFacts, Facts
from clarion.core.ids import new_event_id
from clarion.core.recipient import Recipient, ScopeKind, Setting, Window
from clarion.core.record import record
from clarion.core.workflow import Channel
from clarion.pipeline.catalogs import CatalogService
from clarion.pipeline.changes import Asked, Override, Slice
from clarion.pipeline.compiled import CompiledWorkflow
from clarion.pipeline.directory import Directory
from clarion.pipeline.simulating import Simulator, tally_of
from clarion.store.contract.names import NameKind
from clarion.store.sqlite.store import SqliteStore, open_store

EVENTS_A_USER = 50
PAGE = 500
KINDS = 8
ENV = 1
FIRST = 1_767_268_800_000_000
APART = 600 * SECOND
TEMPLATES = {
    "inbox": {"title": "News"},
    "push": {"title": "News", "body": "There is news."},
    "email": {"subject": "News", "body": "There is news."},
}
QUIET = Setting(
    user=0, kind=ScopeKind.ENVIRONMENT, scope=0, quiet=(Window(tuple(range(7)), 22 * 60, 7 * 60),)
)
CAP = {"limit": 3, "window": "P1D"}


async def run(short: bool) -> Report:
    """Figures by change: decisions a second, and seconds for all of them; `peak_megabytes`."""
    users = 2_000 if short else 20_000
    with tempfile.TemporaryDirectory() as folder:
        clock = SystemClock()
        path = Path(folder) / "clarion.db"
        store = open_store(path, clock.now(), serve=True)
        try:
            catalogs = CatalogService(store, TemplateCompiler(), CelCompiler(), clock)
            compiled = await _prepare(store, catalogs, users)
            _fill(path, compiled, users)
            simulator = Simulator(store, catalogs, Directory(store), clock)
            figures: dict[str, float] = {}
            for name, change in _changes().items():
                figures |= await _timed(simulator, name, change, users * EVENTS_A_USER)
        finally:
            await store.close()
    figures["peak_megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    settings = {"decisions": users * EVENTS_A_USER, "users": users, **machine()}
    return Report(bench="whatif", settings=settings, figures=figures)


def _changes() -> dict[str, dict[str, Any]]:
    return {
        "nothing": {},
        "workflow": {"workflows": {"news": _document("inbox", "push")}},
        "quiet_hours": {"overrides": (Override(setting=QUIET, given=("quiet",)),)},
        "cap": {"categories": {"social": {"cap": CAP}}},
    }


async def _timed(
    simulator: Simulator, name: str, change: dict[str, Any], count: int
) -> dict[str, float]:
    part = Slice(since=FIRST - SECOND, until=FIRST + 1000 * APART)
    began = time.perf_counter()
    row = await simulator.begin(ENV, name, Asked(slice=part, **change))
    while row.finished_at is None:
        row = await simulator.go_on(row)
    took = time.perf_counter() - began
    tally = tally_of(row)
    if tally.decisions != count or row.error or (name == "nothing" and tally.changed):
        raise RuntimeError(f"{name}: {tally.decisions} made again, {tally.changed} changed")
    return {
        f"{name}_decisions_per_second": count / took,
        f"{name}_seconds": took,
        f"{name}_changed": tally.changed,
    }


def _document(*channels: str) -> dict[str, Any]:
    steps = [{"send": {"channel": word, "template": TEMPLATES[word]}} for word in channels]
    return {"category": "social", "steps": steps}


async def _prepare(store: SqliteStore, catalogs: CatalogService, users: int) -> CompiledWorkflow:
    await store.keys.create("default", b"k" * 32, "bench", "admin", FIRST, None)
    await catalogs.put_workflow(ENV, _document("inbox", "push", "email"), "news")
    for start in range(0, users, 1000):
        names = [f"u{n}" for n in range(start, min(start + 1000, users))]
        await store.names.mint(ENV, NameKind.USER, names)
    return (await catalogs.compiled(ENV)).by_key["news"]


def _fill(path: Path, compiled: CompiledWorkflow, users: int) -> None:
    """Each event is for all users; pages of them were decided at one instant, as fan-out does."""
    connection = apsw.Connection(str(path))
    pin = compiled.pin
    with connection:
        connection.executemany(
            "insert into user (env, user, version, settings_version, at, zone)"
            " values (1, ?, 1, ?, 1, ?)",
            (_user(n) for n in range(1, users + 1)),
        )
        connection.executemany(
            "insert into user_history (env, user, version, at, zone, roles, data)"
            " values (1, ?, 1, 1, ?, '[]', '{}')",
            ((n, _user(n)[2]) for n in range(1, users + 1)),
        )
        connection.executemany(
            "insert into setting_history (env, user, version, kind, scope, at, body)"
            " values (1, ?, 1, 5, 0, 1, ?)",
            ((n, '[null,null,[],{"push":false}]') for n in range(1, users + 1) if _chose(n)),
        )
        for n in range(EVENTS_A_USER):
            event, at = _event(n), FIRST + n * APART
            connection.execute(
                "insert into event (env, event, type, tenant, actor, about, silent, accepted_at,"
                " expanding) values (1, ?, 'news', 0, 0, 0, 0, ?, 0)", (event, at),
            )  # fmt: skip
            connection.execute(
                "insert into event_workflow values (1, ?, ?, ?, ?, ?, 2)", (event, *pin)
            )
            connection.executemany(
                "insert into notification values (1, ?, ?, ?, 0, 3, 0, 0, 3, 0, ?)",
                ((event, pin[0], user, decided) for user, decided in _rows(compiled, at, users)),
            )
    connection.close()


def _user(n: int) -> tuple[int, int, str | None]:
    return n, int(_chose(n)), ("Europe/Berlin", "Asia/Tokyo", None)[n % 3]


def _chose(n: int) -> bool:
    """Every fifth user switched push off."""
    return n % 5 == 0


def _event(n: int) -> bytes:
    return new_event_id(FIRST + n * APART, n.to_bytes(10, "big"))


def _rows(compiled: CompiledWorkflow, at: int, users: int) -> Iterator[tuple[int, str]]:
    texts: dict[tuple[int, int, bool], str] = {}
    for user in range(1, users + 1):
        key = (user // PAGE, user % KINDS, _chose(user))
        if key not in texts:
            texts[key] = _decided(compiled, user, at + user // PAGE * 1000)
        yield user, texts[key]


def _decided(compiled: CompiledWorkflow, user: int, now: int) -> str:
    devices = tuple(range(1, 1 + user % KINDS))
    off = Setting(user=user, kind=ScopeKind.USER, scope=0, channels={Channel.PUSH: False})
    recipient = Recipient(
        user=user,
        user_version=1,
        settings_version=int(_chose(user)),
        zone="UTC",
        settings=(off,) if _chose(user) else (),
        destinations={Channel.PUSH: devices, Channel.EMAIL: (99,)},
    )
    facts = Facts(
        event=EventFacts(), flow=compiled.facts(paused=False), recipient=recipient, now=now
    )
    return msgspec.json.encode(record(decide(facts), facts, 0)).decode()
