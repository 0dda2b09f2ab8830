"""Live connections leave files for everything else."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from clarion.cli import open_files
from clarion.cli.open_files import connections_that_fit, too_few_files, within_files
from clarion.config import load_settings


def test_live_connections_leave_files_for_the_rest() -> None:
    assert connections_that_fit(20_000, 20_500) == 20_000
    assert connections_that_fit(20_000, 20_000) == 19_500
    assert connections_that_fit(20_000, 1_024) == 524
    assert connections_that_fit(20_000, 256) == 1
    assert connections_that_fit(20_000, None) == 20_000


def test_fewer_than_was_set_is_told_with_what_to_do() -> None:
    told = too_few_files(20_000, 1_024) or ""
    assert "524" in told
    assert "20500" in told
    assert too_few_files(500, 1_024) is None


def test_a_server_keeps_to_what_fits_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    settings = load_settings({"CLARION_INBOX_CONNECTIONS": "30000"}, tmp_path)
    monkeypatch.setattr(open_files, "most_files", lambda: 1_024)
    with caplog.at_level(logging.WARNING):
        assert within_files(settings).inbox_connections == 524
    assert "inbox_connections" in caplog.text
    monkeypatch.setattr(open_files, "most_files", lambda: None)
    assert within_files(settings) is settings
