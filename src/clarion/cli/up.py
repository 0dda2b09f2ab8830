"""`clarion up`: everything in one process."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.markup import escape

from clarion.cli.log import logged, say_fresh_key, set_up_logging
from clarion.cli.options import AsJson
from clarion.cli.surroundings import settings_here
from clarion.cli.terminal import say, say_json, say_unwrapped
from clarion.config import without_secret

if TYPE_CHECKING:
    from clarion.cli.serving import Running
    from clarion.config import Settings

SettingsFile = Annotated[
    Path | None, typer.Option("--config", help="Settings, instead of ./clarion.toml.")
]


Port = Annotated[
    int | None,
    typer.Option("--port", min=0, max=65535, help="Listen here, whatever the settings say."),
]


def up(config: SettingsFile = None, port: Port = None, as_json: AsJson = False) -> None:
    """Start everything in one process; data in ./clarion-data. Ctrl-C ends it cleanly."""
    settings = settings_here(config)
    if port is not None:
        listen = msgspec.structs.replace(settings.listen, port=port)
        settings = msgspec.structs.replace(settings, listen=listen)
    set_up_logging(settings)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    from clarion.cli.serving import run_until_done

    raise typer.Exit(run_until_done(_up(settings, as_json, moved=port is not None)))


async def _up(settings: Settings, as_json: bool, *, moved: bool) -> int:
    from clarion.cli.serving import end_on_signal, running

    with end_on_signal() as asked:
        async with running(settings) as now:
            link = await now.sign_in_link() if sys.stdout.isatty() and not as_json else ""
            _greet(now, settings, as_json, link)
            if moved and not as_json:
                say(f"  commands   find it with CLARION_URL={now.url}")
            await asked.wait()
            if not as_json:
                say_stopping(settings)
    return 0


def say_stopping(settings: Settings) -> None:
    """What is said when somebody asked a server to end."""
    text = "Stopping: what is under way is finished first."
    if not logged(settings.log_format, text):
        say(text)


def _greet(now: Running, settings: Settings, as_json: bool, link: str) -> None:
    if as_json:
        space = None if settings.workspace is None else str(settings.workspace)
        document = {"url": now.url, "store": without_secret(settings.store), "workspace": space}
        worker = now.server.core.lease.worker
        say_json({**document, "worker": worker, "admin_key": now.fresh_key})
        return
    if logged(
        settings.log_format, f"Clarion is up at {now.url}; store {without_secret(settings.store)}"
    ):
        say_fresh_key(settings, now.fresh_key)
        return
    say(f"[bold]Clarion[/bold] is up at [bold]{now.url}[/bold]  (Ctrl-C stops it)")
    say(f"  data       {settings.sqlite_path or without_secret(settings.store)}")
    if settings.workspace is not None:
        say(f"  workspace  {settings.workspace}")
    if link:
        say_unwrapped(f"  dashboard  [bold]{escape(link)}[/bold]")
        say("             signs in once, within ten minutes; `clarion keys sign-in` makes more")
    else:
        say(f"  dashboard  {now.url}/  (`clarion keys sign-in` makes a link that signs in)")
    say(f"  API        {now.url}/openapi.json")
    say_fresh_key(settings, now.fresh_key)
