"""`clarion demo`: a server of its own, a story that plays, and what came of it."""

from __future__ import annotations

import os
import sys
import tempfile
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

import typer

from clarion.cli.demo.story import SCENES
from clarion.cli.log import set_up_logging
from clarion.cli.options import AsJson
from clarion.cli.signing_in import desktop_here
from clarion.cli.terminal import say
from clarion.config import Listen, Settings

PORT = 8400
HOST = "127.0.0.1"


def demo(
    once: Annotated[
        bool, typer.Option("--once", help="End after the story; 0 when all came out as told.")
    ] = False,
    port: Annotated[
        int | None,
        typer.Option("--port", min=0, max=65535, help="8400; with --once, a free one."),
    ] = None,
    no_open: Annotated[
        bool, typer.Option("--no-open", help="Do not open the browser, only say the address.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Start a server with a sample workspace and play a story. Nothing leaves this machine."""
    if not as_json:
        say(f"[bold]Clarion[/bold] demo: {SCENES} scenes. Nothing leaves this machine.")
    from clarion.cli.demo.showing import show
    from clarion.cli.serving import run_until_done

    chosen = port if port is not None else 0 if once else PORT
    with (
        tempfile.TemporaryDirectory(prefix="clarion-demo-") as folder,
        as_file(files("clarion").joinpath("demo_workspace")) as workspace,
    ):
        settings = Settings(
            store=f"sqlite:///{folder}/clarion.db",
            sqlite_path=Path(folder) / "clarion.db",
            data_dir=Path(folder),
            listen=Listen(HOST, chosen),
            workspace=workspace,
            log_level="warning",
        )
        set_up_logging(settings)
        watched = not (once or as_json or no_open) and sys.stdout.isatty()
        opening = watched and desktop_here(os.environ)
        code = run_until_done(show(settings, once=once, as_json=as_json, opening=opening))
    raise typer.Exit(code)
