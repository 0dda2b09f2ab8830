from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from clarion.cli.main import main
from clarion.testing.servers.postgres import Postgres
from tests.cli.shell import House, Run, Said, ended, start_house


@pytest.fixture
def clarion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Run a command in an empty folder, without settings, with as many files as it likes."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("CLARION_"):
            monkeypatch.delenv(name)
    monkeypatch.setattr("clarion.cli.check.most_files", lambda: None)

    def run(*arguments: str, **env: str) -> Said:
        with monkeypatch.context() as patch:
            for name, value in env.items():
                patch.setenv(name, value)
            capsys.readouterr()
            code = main(list(arguments))
            said = capsys.readouterr()
            return Said(code, said.out, said.err)

    return run


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One server for all commands that speak HTTP."""
    running = start_house(tmp_path_factory.mktemp("house"))
    yield running
    running.process.terminate()
    assert ended(running.process).code == 0


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL that the tests of commands share."""
    with Postgres() as server:
        yield server


@pytest.fixture
def dsn(postgres: Postgres) -> str:
    """An empty database of the test's own."""
    return asyncio.run(postgres.create_database())


@pytest.fixture
def remote(clarion: Run, house: House) -> Run:
    """Run a command against the server."""

    def run(*arguments: str) -> Said:
        return clarion(*arguments, CLARION_URL=house.url, CLARION_API_KEY=house.key)

    return run
