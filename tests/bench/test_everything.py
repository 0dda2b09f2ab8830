from pathlib import Path

import pytest

from bench import everything
from bench.catalog import Bench, Run
from bench.report import decoded


def test_one_that_cannot_even_start_is_a_row_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    wrong = Run(Bench(name="nothing", what="unknown to the command line"), "sqlite")
    right = Run(Bench(name="trial", what="ends at once"), "sqlite")
    monkeypatch.setattr(everything, "runs", lambda: [wrong, right])
    monkeypatch.setattr(everything, "command", lambda run, short, path: _script(run, path))
    assert everything.run_all(True, tmp_path, []) == 1
    reports = [
        decoded((tmp_path / "results" / f"{n}.json").read_bytes()) for n in ("nothing", "trial")
    ]
    assert [(one.status, one.why) for one in reports] == [
        ("failed", "its process ended with 7"),
        ("done", ""),
    ]
    assert "1 done, 1 failed, 0 skipped" in capfd.readouterr().out


def test_one_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Run(Bench(name="slow", what="sleeps"), "sqlite")
    monkeypatch.setattr(everything, "runs", lambda: [slow])
    monkeypatch.setattr(everything, "command", lambda run, short, path: ["sleep", "60"])
    monkeypatch.setattr(everything, "SHORT_SECONDS", 0.1)
    assert everything.run_all(True, tmp_path, ["slow"]) == 1
    report = decoded((tmp_path / "results" / "slow.json").read_bytes())
    assert report.why == "it took more than 0 s"


def test_nothing_chosen_is_an_error(tmp_path: Path) -> None:
    assert everything.run_all(True, tmp_path, ["no-such-benchmark"]) == 1


def _script(run: Run, path: Path) -> list[str]:
    if run.bench.name == "nothing":
        return ["sh", "-c", "exit 7"]
    report = '{"bench": "trial", "settings": {}, "figures": {"rate": 1.0}}'
    return ["sh", "-c", f"echo '{report}' > '{path}'"]
