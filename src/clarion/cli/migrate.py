"""`clarion migrate`: bring the store's file to this program's schema."""

from __future__ import annotations

from clarion.cli.options import AsJson
from clarion.cli.surroundings import settings_here
from clarion.cli.terminal import counted, say, say_json
from clarion.clock import SystemClock


def migrate(as_json: AsJson = False) -> None:
    """Bring the store to this version's schema (`up` does it as well)."""
    from clarion.store.sqlite.store import migrate_file

    path = settings_here().sqlite_path
    path.parent.mkdir(parents=True, exist_ok=True)
    applied = migrate_file(path, SystemClock().now())
    if as_json:
        say_json({"store": str(path), "applied": applied})
    elif applied:
        say(f"{path}: {counted(len(applied), 'migration')} applied ({', '.join(applied)})")
    else:
        say(f"{path} is up to date")
