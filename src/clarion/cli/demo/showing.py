"""The demo from the open door to the last line: play, ask, tell, and stay up."""

from __future__ import annotations

import asyncio

import aiohttp

from clarion.cli.audit import audit_ledger, audited_in_words
from clarion.cli.demo.breaking import Fragile, play_breaking
from clarion.cli.demo.closing import next_steps, told_table, totals_table, verdict, watching
from clarion.cli.demo.played import Played
from clarion.cli.demo.player import Player
from clarion.cli.demo.restraint import Night, night_at
from clarion.cli.demo.screen import LiveScreen, PlainScreen, QuietScreen, Screen
from clarion.cli.demo.stage import Stage
from clarion.cli.failing import INTERRUPTED, WRONG
from clarion.cli.serving import Running, end_on_signal, running
from clarion.cli.signing_in import open_in_browser
from clarion.cli.terminal import console, fitting, say, say_json, say_unwrapped
from clarion.clock import SystemClock
from clarion.config import Settings

STORY_PAGE = "/capture"


async def show(settings: Settings, *, once: bool, as_json: bool, opening: bool = False) -> int:
    """Start the server, play the story and say what came of it; the exit code. `opening`: in this
    user's browser, too."""
    with end_on_signal() as asked:
        async with running(settings, "--port") as now:
            telling = asyncio.create_task(_tell(now, once=once, as_json=as_json, opening=opening))
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


async def _tell(now: Running, *, once: bool, as_json: bool, opening: bool) -> int:
    """Play, then say what came of it; the exit code."""
    key = now.fresh_key or ""
    fragile = Fragile(now.server.settings.data_dir / "fragile")
    starting = asyncio.create_task(fragile.start())
    if not once and not as_json:
        say_unwrapped("", *watching(await now.sign_in_link(STORY_PAGE), key))
        if opening:
            # A link of its own: that in the terminal stays good for whoever closed the page.
            open_in_browser(await now.sign_in_link(STORY_PAGE))
    try:
        story = await _play(
            now.url, key, fragile, starting, night_at(SystemClock().now()), as_json=as_json
        )
    finally:
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await fragile.kill()
    audited = await audit_ledger(now.server.store.ledger, lambda _: None)
    sound = not audited.found and not any(played.misses for played in story)
    if as_json:
        say_json({"as_told": sound, "balanced": not audited.found, "url": now.url, "acts": story})
    else:
        width = fitting(console())
        say("", told_table(story, width), "", totals_table(story, width), "")
        say(*verdict(story, audited_in_words(audited)))
        if not once:
            link = await now.sign_in_link(STORY_PAGE)
            say_unwrapped("", *next_steps(now.url, key, link, story))
    return 0 if sound else WRONG


async def _play(
    url: str,
    key: str,
    fragile: Fragile,
    starting: asyncio.Task[None],
    night: Night,
    *,
    as_json: bool,
) -> list[Played]:
    out = console()
    watched = out.is_terminal and not as_json
    screen: Screen = QuietScreen() if as_json else LiveScreen(out) if watched else PlainScreen(out)
    headers = {"Authorization": f"Bearer {key}"}
    async with aiohttp.ClientSession(url, headers=headers) as session:
        player = Player(Stage(session), screen, 1.0 if watched else 0.0, night)
        try:
            await player.set_stage()
            story = await player.play()
            await starting
            return [*story, await play_breaking(fragile, screen)]
        finally:
            screen.close()
