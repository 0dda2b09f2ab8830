"""`clarion serve --processes`: what each process does, and the parent that starts them."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from clarion.assemble import Role, Share, Sibling, Siblings, is_bulk, shares
from clarion.cli.doors import open_door, url_of
from clarion.cli.failing import ending_of
from clarion.cli.log import logged, say_fresh_key
from clarion.cli.serving import Beside, end_on_signal, run_until_done, running
from clarion.cli.supervising import Child, Greeting, Supervisor
from clarion.cli.terminal import complain, say, say_json
from clarion.config import Settings, without_secret
from clarion.core.workflow import Lane
from clarion.telemetry import logger

_log = logger("cli")
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[Sibling]).decode


def serve_in_processes(
    settings: Settings,
    count: int,
    roles: frozenset[Role],
    lanes: Iterable[Lane],
    *,
    migrate: bool = True,
    as_json: bool = False,
) -> int:
    """Run `count` processes until a signal ends them; the exit code. All answer at one address."""
    parts = shares(count, roles, lanes)
    _load_all(settings)
    door = open_door(settings.listen)
    folder = Path(tempfile.mkdtemp(prefix="clarion-"))
    children = [
        Child(number, _name(number, part), _shown(number, part))
        for number, part in enumerate(parts, 1)
    ]

    def body(number: int, link: socket.socket) -> int:
        own = parts[number - 1]
        siblings = Siblings(folder, number, count)
        if not own.answers:
            door.close()
        beside = Beside(siblings, door if own.answers else None)
        return _live(settings, own, beside, link, migrate=migrate)

    def greet(up: list[Child]) -> None:
        (_say_as_json if as_json else _say)(settings, url_of(settings.listen, door), parts, up)

    gc.collect()
    gc.freeze()
    try:
        return Supervisor(children, body, settings.drain_seconds).run(greet)
    finally:
        door.close()
        shutil.rmtree(folder, ignore_errors=True)


def step_back(settings: Settings, roles: Iterable[Role], lanes: Iterable[Lane]) -> None:
    """Let a process that serves bulk alone have the processor after all others, and the disk too
    where the system derives that from it (Linux)."""
    if is_bulk(roles, lanes) and settings.bulk_nice:
        os.nice(settings.bulk_nice)


def _load_all(settings: Settings) -> None:
    """Once for all processes: what is imported late elsewhere."""
    import clarion.store.postgres.store
    from clarion.assemble.places import INPROC

    if settings.bus != INPROC:
        import clarion.bus.jetstream  # noqa: F401 - for what it loads


def _live(
    settings: Settings, share: Share, beside: Beside, link: socket.socket, *, migrate: bool
) -> int:
    """The life of one process, from after the fork on; its exit code."""
    # The terminal and some supervisors signal all of us; it is the parent that tells us to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    _be_called(beside.siblings.own)
    step_back(settings, share.roles, share.lanes)
    try:
        return run_until_done(_work(settings, share, beside, link, migrate=migrate))
    except Exception as error:  # noqa: BLE001 - nobody is above this one
        _log.debug("process %d fails", beside.siblings.own, exc_info=True)
        text, code = ending_of(error)
        complain(text)
        return code


async def _work(
    settings: Settings, share: Share, beside: Beside, link: socket.socket, *, migrate: bool
) -> int:
    reader, writer = await asyncio.open_unix_connection(sock=link)
    with end_on_signal(insistent=False) as asked:
        listening = asyncio.create_task(_listen(reader, beside.siblings, asked), name="parent")
        async with running(
            settings, roles=share.roles, lanes=share.lanes, migrate=migrate, beside=beside
        ) as now:
            greeting = Greeting(worker=now.server.core.lease.worker, admin_key=now.fresh_key)
            writer.write(_encode(greeting) + b"\n")
            await asked.wait()
        if listening.done():
            beside.siblings.leave()
        listening.cancel()
    writer.close()
    return 0


async def _listen(reader: asyncio.StreamReader, siblings: Siblings, asked: asyncio.Event) -> None:
    """Learn what the parent tells. When the parent is gone, so are we, as if it had told us to
    end."""
    with suppress(OSError):
        while line := await reader.readline():
            with suppress(msgspec.MsgspecError):
                siblings.learn(_decode(line))
    if not asked.is_set():
        _log.error("the parent is gone; process %d ends", siblings.own)
        asked.set()


def _be_called(number: int) -> None:
    """The name that `top` shows, where a process may choose it."""
    with suppress(OSError):
        Path("/proc/self/comm").write_text(f"clarion-{number}")


def _name(number: int, share: Share) -> str:
    return f"process {number} ({_words(share)})"


def _words(share: Share) -> str:
    lanes = f": {', '.join(lane.label for lane in share.lanes)}" if share.lanes else ""
    return f"{', '.join(sorted(role.value for role in share.roles))}{lanes}"


def _shown(number: int, share: Share) -> Sibling:
    return Sibling(
        process=number,
        state="starting",
        roles=tuple(sorted(role.value for role in share.roles)),
        lanes=tuple(lane.label for lane in share.lanes),
    )


def _say_as_json(settings: Settings, url: str, parts: list[Share], up: list[Child]) -> None:
    rows: list[dict[str, Any]] = [
        {
            "process": child.number,
            "pid": child.pid,
            "worker": child.greeting.worker if child.greeting else 0,
            "roles": sorted(role.value for role in share.roles),
            "lanes": [lane.label for lane in share.lanes],
        }
        for child, share in zip(up, parts, strict=True)
    ]
    say_json(
        {
            "url": url,
            "store": without_secret(settings.store),
            "bus": without_secret(settings.bus),
            "roles": sorted({role for row in rows for role in row["roles"]}),
            "lanes": [lane.label for lane in Lane if any(lane in part.lanes for part in parts)],
            "worker": rows[0]["worker"],
            "processes": rows,
            "admin_key": _fresh_key(up),
        }
    )


def _say(settings: Settings, url: str, parts: list[Share], up: list[Child]) -> None:
    store, bus = without_secret(settings.store), without_secret(settings.bus)
    line = f"Clarion serves at {url} in {len(up)} processes; store {store}, bus {bus}"
    if not logged(settings.log_format, line):
        say(f"[bold]Clarion[/bold] serves at [bold]{url}[/bold] in {len(up)} processes")
        say(f"  store  {store}")
        say(f"  bus    {bus}")
        for child, share in zip(up, parts, strict=True):
            say(f"  {child.number:>5}  {_words(share)}  (pid {child.pid})")
    say_fresh_key(settings, _fresh_key(up))


def _fresh_key(up: list[Child]) -> str | None:
    return next((child.greeting.admin_key for child in up if child.greeting), None)
