from __future__ import annotations

import io

import pytest
from rich.console import Console, RenderableType

from clarion.cli.demo.closing import told_table, totals_table, watching
from clarion.cli.demo.played import Answered, Played
from clarion.cli.demo.restraint import Night
from clarion.cli.demo.screen import LiveScreen
from clarion.cli.demo.stage import LaneLook
from clarion.cli.demo.story import acts
from clarion.cli.terminal import MOST_WIDTH, fitting

NIGHT = Night(zone="Asia/Tokyo", wall="23:14")
BECAUSE = "emil has nothing set against it, so the push and the inbox item were sent to the end."
COUNTS = {"recipients": 2003, "sent": 2003, "skipped": 0}
DELIVERIES = {name: {"sent": 2003, "open": 0, "dead": 1} for name in ("inbox", "push", "email")}
STORY = [
    Played(
        title="A team that looks after machines",
        stands={"order": {"counts": COUNTS, "deliveries": DELIVERIES}},
        answers=[
            Answered(
                label="code for Mia", user="fan-0001", verdict="partly_told", because=BECAUSE,
                event_id="evt_1", as_told=True,
            )
        ],
        took_ms=100, waited_ms={}, misses=[],
    )
]  # fmt: skip


def _lines(thing: RenderableType, columns: int) -> list[str]:
    out = Console(file=io.StringIO(), width=columns, highlight=False)
    with out.capture() as capture:
        out.print(thing)
    return capture.get().splitlines()


@pytest.mark.parametrize("columns", [80, 100, 200])
def test_the_tables_fit_the_terminal_and_lose_no_word(columns: int) -> None:
    width = fitting(Console(width=columns))
    told, totals = (
        _lines(told_table(STORY, width), columns),
        _lines(totals_table(STORY, width), columns),
    )
    assert max(map(len, told + totals)) <= min(columns, MOST_WIDTH)
    words = " ".join(told).split()
    assert all(word in words for word in BECAUSE.split())
    assert totals[1].split()[-2:] == ["e-mail", "failed"]
    assert totals[2].split()[-1] == "3"


@pytest.mark.parametrize("columns", [80, 100])
def test_the_lanes_fit_the_terminal(columns: int) -> None:
    out = Console(file=io.StringIO(), width=columns, force_terminal=True, color_system=None)
    screen = LiveScreen(out)
    screen.begins(1, acts(NIGHT)[0])
    screen.looks(
        [LaneLook(lane="critical", waiting=1, sending=2, tasks=3, oldest_seconds=4.5, taken=5)]
    )
    screen.tells("1,001 told: the server was killed (kill -9).")
    screen.close()
    written = out.file
    assert isinstance(written, io.StringIO)
    assert "oldest" in written.getvalue()
    assert "4.5 s" in written.getvalue()
    assert "the server was killed (kill -9)." in written.getvalue()


def test_a_server_that_counts_from_zero_again_is_not_slower_than_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("clarion.cli.demo.screen.RATE_SECONDS", 1e-9)
    out = Console(file=io.StringIO(), width=80, force_terminal=True, color_system=None)
    screen = LiveScreen(out)
    for taken in (5000, 7):
        look = LaneLook(lane="bulk", waiting=0, sending=0, tasks=0, oldest_seconds=0.0, taken=taken)
        screen.looks([look])
    picture = _lines(screen._picture(), 80)
    screen.close()
    (row,) = [line.split() for line in picture if "bulk" in line]
    assert row == ["bulk", "-", "-", "7", "-", "-"]


def test_on_a_low_terminal_the_latest_acts_are_shown_and_the_one_that_plays() -> None:
    out = Console(
        file=io.StringIO(), width=80, height=24, force_terminal=True, color_system=None,
        legacy_windows=False,
    )  # fmt: skip
    screen = LiveScreen(out)
    for number in range(12):
        played = Played(
            title=f"Act {number:02}", stands={}, answers=[], took_ms=1, waited_ms={}, misses=[],
            note="A sentence.",
        )  # fmt: skip
        screen.ends(played)
    screen.begins(13, acts(NIGHT)[0])
    picture = _lines(screen._picture(), 80)
    screen.close()
    assert len(picture) <= 24
    assert any("Act 11" in line for line in picture)
    assert not any("Act 00" in line for line in picture)
    assert any("Act 13 of" in line for line in picture)


def test_the_link_stands_alone_in_its_line_and_holds_no_key() -> None:
    link = "http://127.0.0.1:8400/#/sign-in?to=/capture&code=abc"
    _, address, key = watching(link, "ck_demo_1")
    assert address.removeprefix("  [bold]").removesuffix("[/bold]") == link
    assert "ck_demo_1" in key
