from __future__ import annotations

import pytest

from clarion import __version__
from clarion.cli import main as program
from tests.cli.shell import Run


def test_the_version_is_said_plainly_or_as_json(clarion: Run) -> None:
    assert clarion("version").out == f"clarion {__version__}\n"
    assert clarion("version", "--json").json == {"version": __version__}


def test_a_misspelt_command_is_one_line_with_a_suggestion(clarion: Run) -> None:
    said = clarion("snd")
    assert said.code == 2
    assert said.err.count("\n") == 1
    assert "Did you mean 'send'?" in said.err


def test_a_missing_argument_names_the_help_of_its_command(clarion: Run) -> None:
    said = clarion("why", "evt_1")
    assert said.code == 2
    assert "'USER'" in said.err
    assert "clarion why --help" in said.err


def test_no_command_at_all_shows_the_help(clarion: Run) -> None:
    said = clarion()
    assert said.code == 2
    assert "Commands" in said.out + said.err


def test_an_unknown_setting_is_one_line_with_a_suggestion(clarion: Run) -> None:
    said = clarion("audit", CLARION_STOR="x")
    assert said.code == 2
    assert said.err.startswith("clarion: environment: CLARION_STOR is not a setting")
    assert "CLARION_STORE" in said.err
    assert "Traceback" not in said.err


def test_what_nobody_foresaw_is_one_line_unless_debugging(
    clarion: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(program, "app", broken)
    said = clarion("version")
    assert said.code == 1
    assert said.err.count("\n") == 1
    assert "ZeroDivisionError" in said.err
    with pytest.raises(ZeroDivisionError):
        clarion("version", "--debug")
