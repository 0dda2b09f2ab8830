import sys
from pathlib import Path
from types import ModuleType

import pytest

from bench.__main__ import main
from bench.catalog import BENCHES, Bench, runs
from bench.report import Report, SkippedError, decoded
from tests.bench.builders import a_report


@pytest.fixture
def trial(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A benchmark `trial` on two stores, whose `run` a test sets."""
    module = ModuleType("bench.trial")
    monkeypatch.setitem(sys.modules, "bench.trial", module)
    bench = Bench(name="trial", what="a trial", stores=("sqlite", "postgres"))
    monkeypatch.setitem(BENCHES, "trial", bench)
    return module


def test_a_run_is_written_with_machine_time_and_store(trial: ModuleType, tmp_path: Path) -> None:
    async def run(short: bool, store: str) -> Report:
        return Report(bench="trial", settings={"store": store}, figures={"short": float(short)})

    vars(trial)["run"] = run
    path = tmp_path / "new" / "trial.json"
    assert main(["run", "trial", "--short", "--store", "postgres", "--json", str(path)]) == 0
    report = decoded(path.read_bytes())
    assert (report.store, report.short, report.figures) == ("postgres", True, {"short": 1.0})
    assert report.machine is not None
    assert report.at


def test_a_benchmark_that_fails_leaves_a_result_that_says_why(
    trial: ModuleType, tmp_path: Path
) -> None:
    async def run(short: bool) -> Report:
        raise RuntimeError("the ledger does not balance")

    vars(trial)["run"] = run
    path = tmp_path / "trial.json"
    assert main(["run", "trial", "--json", str(path)]) == 1
    report = decoded(path.read_bytes())
    assert (report.status, report.why) == ("failed", "RuntimeError: the ledger does not balance")


def test_a_benchmark_that_cannot_run_here_is_skipped(trial: ModuleType, tmp_path: Path) -> None:
    async def run(short: bool) -> Report:
        raise SkippedError("no node: install Node 22")

    vars(trial)["run"] = run
    path = tmp_path / "trial.json"
    assert main(["run", "trial", "--json", str(path)]) == 3
    report = decoded(path.read_bytes())
    assert (report.status, report.why) == ("skipped", "no node: install Node 22")


def test_a_store_that_a_benchmark_does_not_know_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["run", "decide", "--store", "postgres"]) == 2
    assert "`decide` runs on sqlite only" in capsys.readouterr().err


def test_two_files_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = []
    for name, rate in (("a", 100.0), ("b", 250.0)):
        paths.append(tmp_path / f"{name}.json")
        paths[-1].write_bytes(a_report("ingest", figures={"rate": rate}).encoded())
    assert main(["compare", *map(str, paths)]) == 0
    assert "2.50" in capsys.readouterr().out


def test_every_run_has_a_name_of_its_own() -> None:
    names = [run.name for run in runs()]
    assert len(set(names)) == len(names)
