"""`clarion migrate`: bring the store's file to this program's schema."""

from __future__ import annotations

import asyncio

from clarion.cli.options import AsJson
from clarion.cli.surroundings import settings_here
from clarion.cli.terminal import counted, say, say_json
from clarion.clock import SystemClock
from clarion.config import without_secret


def migrate(as_json: AsJson = False) -> None:
    """Bring the store to this version's schema (`up` and `serve` do it as well)."""
    from clarion.assemble import migrate_store

    settings = settings_here()
    applied = asyncio.run(migrate_store(settings, SystemClock()))
    store = without_secret(settings.store)
    if as_json:
        say_json({"store": store, "applied": applied})
    elif applied:
        say(f"{store}: {counted(len(applied), 'migration')} applied ({', '.join(applied)})")
    else:
        say(f"{store} is up to date")
