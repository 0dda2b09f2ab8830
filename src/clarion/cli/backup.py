"""`clarion backup`: a copy of the store beside a running server."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from clarion.cli.failing import MISUSED, CommandError
from clarion.cli.options import AsJson
from clarion.cli.surroundings import existing_file, settings_here
from clarion.cli.terminal import progress, say, say_json, sized
from clarion.config import Settings, without_password


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write the copy.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Copy the store as it is now, beside a running server. The copy is checked before it counts.

    For PostgreSQL, says which command to use.
    """
    settings = settings_here()
    if settings.sqlite_path is None:
        raise CommandError(_for_postgres(settings, file), MISUSED)
    source = existing_file(settings)
    _refuse_target(source, file, force=force)
    from clarion.store.sqlite.backup import back_up

    began = time.monotonic()
    with progress() as bar:
        task = bar.add_task("pages copied", total=None)
        size = back_up(
            source, file, lambda done, pages: bar.update(task, completed=done, total=pages)
        )
    seconds = time.monotonic() - began
    if as_json:
        say_json(
            {
                "store": settings.store,
                "file": str(file),
                "bytes": size,
                "seconds": round(seconds, 3),
            }
        )
    else:
        say(f"{file}: {sized(size)}, whole and checked, in {seconds:.1f} s")
        say(f"`clarion restore {file}` makes it the store again.")


def _refuse_target(source: Path, file: Path, *, force: bool) -> None:
    if file.is_dir():
        raise CommandError(f"{file} is a folder; name a file in it", MISUSED)
    if not file.parent.is_dir():
        raise CommandError(f"there is no folder {file.parent}; make it first", MISUSED)
    if file.exists() and file.samefile(source):
        raise CommandError(f"{file} is the store itself; name another file", MISUSED)
    if file.exists() and not force:
        raise CommandError(f"{file} is there already; name another, or add --force", MISUSED)


def _for_postgres(settings: Settings, file: Path) -> str:
    address = without_password(settings.store)
    return (
        "this store is in PostgreSQL, whose own tools copy it beside running servers:\n"
        f"  pg_dump --format=custom --file={file} --dbname='{address}'\n"
        "(the password from ~/.pgpass or PGPASSWORD; pg_basebackup with archived WAL loses less); "
        "docs/how-to/backup.md tells how to restore"
    )
