"""Where a command was started: its settings, and the store and the key that lie beside it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from clarion.cli.failing import MISUSED, CommandError
from clarion.clock import SystemClock
from clarion.config import Settings, load_settings

if TYPE_CHECKING:
    from clarion.store.contract import Store

KEY_FILE = "admin.key"

_OURS = ("CLARION_URL",)
"""Variables of the command line that no server knows."""


def settings_here(file: Path | None = None) -> Settings:
    """The settings a server started here would have; SettingsError with every problem."""
    environ = {name: value for name, value in os.environ.items() if name not in _OURS}
    return load_settings(environ, Path.cwd(), file)


def url_here() -> str:
    """How the server of this folder is reached; CommandError when its settings do not say."""
    listen = settings_here().listen
    if not listen.port:
        raise CommandError(
            "the settings here name port 0, any that is free; name the server that was started "
            "with --url or CLARION_URL",
            MISUSED,
        )
    return listen.url


def key_here() -> str:
    """The admin key that the server of this folder wrote; CommandError when there is none."""
    path = settings_here().data_dir / KEY_FILE
    try:
        return path.read_text("utf-8").strip()
    except FileNotFoundError:
        raise CommandError(
            f"no API key: there is none in {path}; give one with --key or CLARION_API_KEY "
            "(`clarion up` shows the first one, `clarion keys create` makes more)",
            MISUSED,
        ) from None


def keep_key(data_dir: Path, key: str) -> Path:
    """Write the admin key where only this user can read it; the path."""
    path = data_dir / KEY_FILE
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(key + "\n")
    return path


def existing_file(settings: Settings) -> Path:
    """The file of the store; CommandError when there is none yet."""
    path = settings.sqlite_path
    if path is None or not path.exists():
        raise CommandError(
            f"there is no store at {path}; go to the server's folder, name the file with "
            "CLARION_STORE, or start a server with `clarion up`",
            MISUSED,
        )
    return path


@asynccontextmanager
async def store_here(*, fresh: bool = False) -> AsyncIterator[Store]:
    """The store that the settings name, beside a server that may be running.

    CommandError when there is none yet, unless it may be made (`fresh`).
    """
    # Imported late, as are the other large parts: a command that needs none of them starts at once.
    from clarion.assemble import open_beside

    settings = settings_here()
    if not fresh and settings.sqlite_path is not None:
        existing_file(settings)
    store = await open_beside(settings, SystemClock())
    try:
        yield store
    finally:
        await store.close()
