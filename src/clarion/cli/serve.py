"""`clarion serve`: one of several processes on one store."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.markup import escape

from clarion.cli.failing import MISUSED, CommandError
from clarion.cli.log import logged, say_fresh_key, set_up_logging
from clarion.cli.options import AsJson
from clarion.cli.surroundings import settings_here
from clarion.cli.terminal import say, say_json, say_unwrapped
from clarion.cli.up import SettingsFile, say_stopping
from clarion.config import without_secret
from clarion.core.suggestion import did_you_mean
from clarion.core.workflow import Lane

if TYPE_CHECKING:
    from clarion.assemble import Role
    from clarion.config import Settings

Word = TypeVar("Word")

ROLES = "api,worker,gateway,keeper"
AUTO = "auto"
LANES = ",".join(lane.label for lane in Lane)


def serve(
    roles: Annotated[
        str, typer.Option("--roles", help="What this process is for, separated by commas.")
    ] = ROLES,
    lanes: Annotated[
        str, typer.Option("--lanes", help="Lanes that a worker serves, separated by commas.")
    ] = LANES,
    processes: Annotated[
        str,
        typer.Option(
            "--processes",
            help="So many processes, or `auto` for one a core: urgent lanes apart from bulk, "
            "all at one address. Needs PostgreSQL.",
        ),
    ] = "1",
    no_migrate: Annotated[
        bool,
        typer.Option("--no-migrate", help="Refuse a schema that is behind (`clarion migrate`)."),
    ] = False,
    config: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """Start one process of several, or several at once; all share the store and the bus of the
    settings.

    SIGTERM finishes what is under way, gives the rest back and ends. Every process answers /livez,
    /readyz and /metrics at its CLARION_LISTEN; those of --processes answer there together, and one
    that dies is started again.
    """
    from clarion.assemble import Role

    wanted = frozenset(_chosen("--roles", roles, {role.value: role for role in Role}))
    served = _chosen("--lanes", lanes, {lane.label: lane for lane in Lane})
    count = _count(processes)
    settings = settings_here(config)
    _refuse_parts_of_a_file(settings, wanted, served, count)
    set_up_logging(settings)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if count is not None:
        from clarion.cli.processes import serve_in_processes

        raise typer.Exit(
            serve_in_processes(
                settings, count, wanted, served, migrate=not no_migrate, as_json=as_json
            )
        )
    from clarion.cli.processes import step_back
    from clarion.cli.serving import run_until_done

    step_back(settings, wanted, served)
    raise typer.Exit(run_until_done(_serve(settings, wanted, served, as_json, not no_migrate)))


async def _serve(
    settings: Settings, roles: frozenset[Role], lanes: list[Lane], as_json: bool, migrate: bool
) -> int:
    from clarion.cli.serving import end_on_signal, running

    with end_on_signal() as asked:
        async with running(settings, roles=roles, lanes=lanes, migrate=migrate) as now:
            words = sorted(role.value for role in roles)
            labels = [lane.label for lane in lanes] if "worker" in words else []
            if as_json:
                say_json(
                    {
                        "url": now.url,
                        "store": without_secret(settings.store),
                        "bus": without_secret(settings.bus),
                        "roles": words,
                        "lanes": labels,
                        "worker": now.server.core.lease.worker,
                        "admin_key": now.fresh_key,
                    }
                )
            else:
                _greet(settings, now.url, words, labels)
                say_fresh_key(settings, now.fresh_key)
                if now.fresh_key and sys.stdout.isatty():
                    say_unwrapped(f"  dashboard  [bold]{escape(await now.sign_in_link())}[/bold]")
            await asked.wait()
            if not as_json:
                say_stopping(settings)
    return 0


def _greet(settings: Settings, url: str, roles: list[str], lanes: list[str]) -> None:
    store, bus = without_secret(settings.store), without_secret(settings.bus)
    served = f" (lanes {', '.join(lanes)})" if lanes else ""
    line = f"Clarion serves {', '.join(roles)}{served} at {url}; store {store}, bus {bus}"
    if logged(settings.log_format, line):
        return
    say(f"[bold]Clarion[/bold] serves {', '.join(roles)} at [bold]{url}[/bold]")
    say(f"  store  {store}")
    say(f"  bus    {bus}")
    if lanes:
        say(f"  lanes  {', '.join(lanes)}")


def _chosen(option: str, given: str, known: dict[str, Word]) -> list[Word]:
    names = [name.strip() for name in given.split(",") if name.strip()]
    for name in names:
        if name not in known:
            raise CommandError(f"{option} names {name!r}; {did_you_mean(name, known)}", MISUSED)
    if not names:
        raise CommandError(f"{option} names nothing; choose from {', '.join(known)}", MISUSED)
    return [word for name, word in known.items() if name in names]


def _count(given: str) -> int | None:
    """How many processes are to have a parent; None for one without."""
    from clarion.assemble import MOST_PROCESSES

    if given == AUTO:
        return min(os.cpu_count() or 1, MOST_PROCESSES)
    if not given.isdecimal() or not 1 <= int(given) <= MOST_PROCESSES:
        text = f"--processes is {given[:20]!r}; write a number from 1 to {MOST_PROCESSES}, or auto"
        raise CommandError(text, MISUSED)
    return int(given) if int(given) > 1 else None


def _refuse_parts_of_a_file(
    settings: Settings, roles: frozenset[Role], lanes: list[Lane], count: int | None
) -> None:
    """A SQLite file has one server, so what it leaves out nobody does."""
    if settings.sqlite_path is not None and count is not None:
        raise CommandError(
            "a SQLite file is served by one process, as one alone may write it; leave --processes "
            "out, or name a PostgreSQL store with CLARION_STORE",
            MISUSED,
        )
    whole = len(roles) == len(ROLES.split(",")) and len(lanes) == len(Lane)
    if settings.sqlite_path is not None and not whole:
        raise CommandError(
            "a SQLite file is served by one process with every role and lane; leave --roles and "
            "--lanes out (or use `clarion up`), or name a PostgreSQL store with CLARION_STORE",
            MISUSED,
        )
