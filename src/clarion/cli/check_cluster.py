"""What `clarion check` says about PostgreSQL and NATS."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from clarion.cli.finding import Finding
from clarion.cli.terminal import counted, listed
from clarion.clock import SystemClock
from clarion.config import Settings, without_secret
from clarion.errors import ClarionError

if TYPE_CHECKING:
    from clarion.store.postgres.inspect import Inspection

SHORT_SECONDS = 5.0
RISKS = {
    "fsync": "fsync is off: a crash of its machine may destroy the database; switch it on",
    "full_page_writes": (
        "full_page_writes is off: a crash of its machine may destroy the database; switch it on"
    ),
    "synchronous_commit": (
        "synchronous_commit is off: a crash may lose what was accepted and answered; set it to on"
    ),
}


def postgres(settings: Settings) -> Finding:
    """The database: reached, ours, writable, safe, and on time."""
    from clarion.store.postgres.inspect import inspect

    try:
        found = asyncio.run(inspect(settings.store, SystemClock()))
    except ClarionError as error:
        return Finding(what="store", said=without_secret(settings.store), wrong=(str(error),))
    return Finding(
        what="store", said=_described(found), wrong=_lacking(found), warnings=_risks(found)
    )


def _described(found: Inspection) -> str:
    from clarion.store.postgres.inspect import connections_of_a_process

    room = found.connections // connections_of_a_process()
    schema = "schema up to date"
    if found.missing:
        schema = f"{counted(len(found.missing), 'migration')} to be applied at the next start"
    elif found.newer:
        schema = (
            f"schema {counted(found.newer, 'migration')} newer than this program, which works with "
            "it"
        )
    said = f"PostgreSQL {found.version} at {found.place}, {schema}, "
    said += f"connections for {counted(room, 'process', 'processes')}"
    if found.standbys:
        kind = "synchronous" if found.synchronous else "asynchronous"
        said += f", {counted(found.standbys, 'standby', 'standbys')} ({kind})"
    return said


def _lacking(found: Inspection) -> tuple[str, ...]:
    from clarion.store.postgres.troubles import WRITES_REFUSED

    lacking = []
    if not found.takes_writes:
        lacking.append(f"PostgreSQL at {found.place} {WRITES_REFUSED}")
    if not found.may_create:
        lacking.append(
            f"the user {found.user} may not make tables, and new ones are made every day; let the "
            f"owner say `grant create, usage on schema {found.schema} to {found.user}`"
        )
    return tuple(lacking)


def _risks(found: Inspection) -> tuple[str, ...]:
    from clarion.pipeline.skew import ALLOWED_SECONDS, skew_in_words

    warnings = [RISKS[name] for name in found.off]
    if abs(found.ahead_seconds) > ALLOWED_SECONDS:
        warnings.append(skew_in_words(found.ahead_seconds))
    if found.standbys and not found.synchronous:
        warnings.append(
            "no commit waits for a standby: what was accepted in the last moments before the "
            "primary is lost is lost with it; name the standbys in synchronous_standby_names"
        )
    return tuple(warnings)


def nats(settings: Settings) -> Finding:
    """The bus: reached, lets us in, keeps last rings."""
    from clarion.bus.nats_access import Access
    from clarion.bus.probe import probe

    bus = without_secret(settings.bus)
    try:
        access = Access(
            settings.bus, credentials_file=settings.bus_credentials, ca_file=settings.bus_ca
        )
        lacking = asyncio.run(probe(access))
    except ClarionError as error:
        return Finding(what="bus", said=bus, wrong=(str(error),))
    if lacking:
        warning = f"{lacking} (all works without; new listeners look once too often)"
        return Finding(what="bus", said=bus, warnings=(warning,))
    return Finding(what="bus", said=f"{bus} answers, with JetStream")


def leases(settings: Settings) -> Finding:
    """Whether work of a dead process is taken over soon, and of a slow one not too soon."""
    found = settings.leases
    said = (
        f"{found.critical:g} s for the critical lane, {found.usual:g} s for others, "
        f"a heartbeat every {found.heartbeat:g} s"
    )
    warnings = []
    if found.critical > found.usual:
        warnings.append(
            "critical_lease_seconds is longer than lease_seconds, so urgent messages of a dead "
            "process wait longest; make it the shorter one"
        )
    short = [
        f"{name} ({seconds:g} s)"
        for name, seconds in (
            ("lease_seconds", found.usual), ("critical_lease_seconds", found.critical),
        )
        if seconds < SHORT_SECONDS
    ]  # fmt: skip
    if short:
        warnings.append(
            f"{listed(short)} under {SHORT_SECONDS:g} s: a short pause of a machine or its "
            "database already makes others repeat what it was sending; make it longer"
        )
    return Finding(what="leases", said=said, warnings=tuple(warnings))
