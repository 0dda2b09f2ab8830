"""`clarion demo`: a server of its own, a story that plays, and what came of it."""

from __future__ import annotations

import asyncio
import tempfile
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import aiohttp
import typer

from clarion.cli.audit import audit_ledger, audited_in_words
from clarion.cli.demo.closing import next_steps, told_table, totals_table, verdict
from clarion.cli.demo.player import Player
from clarion.cli.demo.screen import LiveScreen, PlainScreen, QuietScreen
from clarion.cli.demo.stage import Stage
from clarion.cli.demo.story import ACTS
from clarion.cli.failing import INTERRUPTED, WRONG
from clarion.cli.log import set_up_logging
from clarion.cli.options import AsJson
from clarion.cli.terminal import console, say, say_json, say_unwrapped
from clarion.config import Listen, Settings

if TYPE_CHECKING:
    from clarion.cli.demo.played import Played
    from clarion.cli.demo.screen import Screen
    from clarion.cli.serving import Running

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
    as_json: AsJson = False,
) -> None:
    """Start a server with a sample workspace and play a story. Nothing leaves this machine."""
    if not as_json:
        say(f"[bold]Clarion[/bold] demo: {len(ACTS)} scenes. Nothing leaves this machine.")
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
        code = run_until_done(_demo(settings, once=once, as_json=as_json))
    raise typer.Exit(code)


async def _demo(settings: Settings, *, once: bool, as_json: bool) -> int:
    from clarion.cli.serving import end_on_signal, running

    with end_on_signal() as asked:
        async with running(settings, "--port") as now:
            telling = asyncio.create_task(_tell(now, once=once, as_json=as_json))
            stopping = asyncio.create_task(asked.wait())
            await asyncio.wait({telling, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not telling.done():
                telling.cancel()
                await asyncio.gather(telling, return_exceptions=True)
                return INTERRUPTED
            code = telling.result()
            if not once:
                await stopping
            stopping.cancel()
            return code


async def _tell(now: Running, *, once: bool, as_json: bool) -> int:
    """Play, then say what came of it; the exit code."""
    key = now.fresh_key or ""
    story = await _play(now.url, key, as_json=as_json)
    audited = await audit_ledger(now.server.store.ledger, lambda _: None)
    sound = not audited.found and not any(played.misses for played in story)
    if as_json:
        say_json({"as_told": sound, "balanced": not audited.found, "url": now.url, "acts": story})
    else:
        say("", told_table(story), "", totals_table(story), "")
        say(*verdict(story, audited_in_words(audited)))
        if not once:
            say_unwrapped("", *next_steps(now.url, key, story))
    return 0 if sound else WRONG


async def _play(url: str, key: str, *, as_json: bool) -> list[Played]:
    out = console()
    watched = out.is_terminal and not as_json
    screen: Screen = QuietScreen() if as_json else LiveScreen(out) if watched else PlainScreen(out)
    headers = {"Authorization": f"Bearer {key}"}
    async with aiohttp.ClientSession(url, headers=headers) as session:
        player = Player(Stage(session), screen, pace=1.0 if watched else 0.0)
        try:
            await player.set_stage()
            return await player.play(ACTS)
        finally:
            screen.close()
