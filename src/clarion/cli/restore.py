"""`clarion restore`: a backup becomes the store, and what it cannot know is settled."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from clarion.cli.failing import MISUSED, CommandError
from clarion.cli.options import AsJson
from clarion.cli.surroundings import settings_here
from clarion.cli.terminal import counted, progress, say, say_json
from clarion.clock import SystemClock
from clarion.config import Settings, without_secret
from clarion.core.workflow import InDoubt

if TYPE_CHECKING:
    from clarion.assemble import Settled


def restore(
    file: Annotated[
        Path | None,
        typer.Argument(help="A backup. For PostgreSQL leave it out, after its own restore."),
    ] = None,
    in_doubt: Annotated[
        InDoubt,
        typer.Option(
            "--in-doubt",
            help="Messages that waited at the backup and may have been sent since: as their "
            "category's on_unknown says, send all (again), or none.",
        ),
    ] = InDoubt.POLICY,
    as_json: AsJson = False,
) -> None:
    """Make a backup the store again; no server may run on it. What was there is kept aside.

    Everything after the backup is gone. Messages that waited when it was taken are in doubt.
    """
    settings = settings_here()
    if settings.sqlite_path is None:
        if file is not None:
            raise CommandError(_for_postgres(file), MISUSED)
        settled, kept = asyncio.run(_settled(settings, in_doubt)), None
    else:
        settled, kept = _restored(settings, settings.sqlite_path, file, in_doubt)
    if as_json:
        answer: dict[str, Any] = {
            "store": without_secret(settings.store),
            "kept": None if kept is None else str(kept),
            "in_doubt": in_doubt.value,
            **msgspec.to_builtins(settled),
        }
        say_json(answer)
    else:
        _tell(settings, kept, settled, in_doubt)


def _restored(
    settings: Settings, path: Path, file: Path | None, choice: InDoubt
) -> tuple[Settled, Path | None]:
    if file is None or not file.is_file():
        raise CommandError(f"there is no backup at {file}; name its file", MISUSED)
    if path.exists() and path.samefile(file):
        raise CommandError(f"{file} is the store itself; name a backup of it", MISUSED)
    from clarion.store.sqlite.restore import put_in_place, restoring

    with progress() as bar:
        task = bar.add_task("pages copied", total=None)

        def step(done: int, pages: int) -> None:
            bar.update(task, completed=done, total=pages)

        with restoring(file, path, step, SystemClock().now()) as prepared:
            there = msgspec.structs.replace(
                settings, store=f"sqlite:///{prepared}", sqlite_path=prepared
            )
            settled = asyncio.run(_settled(there, choice))
            return settled, put_in_place(prepared, path)


async def _settled(settings: Settings, choice: InDoubt) -> Settled:
    from clarion.assemble import settle_restored

    return await settle_restored(settings, SystemClock(), choice)


def _tell(settings: Settings, kept: Path | None, settled: Settled, choice: InDoubt) -> None:
    say(f"{without_secret(settings.store)} is restored; start the server.")
    if kept is not None:
        say(f"  before     kept as {kept}")
    say(
        f"  in doubt   {counted(settled.again + settled.unknown, 'message')} may have been sent "
        f"since the backup: {settled.again:,} will be sent (again), {settled.unknown:,} ended as "
        "unknown"
    )
    if settled.unfinished:
        became = "canceled" if choice is InDoubt.DROP else "told to the rest of their audience"
        were = "was" if settled.unfinished == 1 else "were"
        say(
            f"  unfinished {counted(settled.unfinished, 'event')} {were} being fanned out; {became}"
        )
    say("  gone       whatever was accepted, changed or erased after the backup")


def _for_postgres(file: Path) -> str:
    return (
        "this store is in PostgreSQL; with every process stopped, restore it with its own tools:\n"
        f"  pg_restore --clean --if-exists --dbname=DATABASE {file}\n"
        "then let `clarion restore` (without a file) settle what is in doubt"
    )
