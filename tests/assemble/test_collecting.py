"""Traces are on when the settings name a collector, and only then."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from clarion.assemble.collecting import begin_traces, end_traces
from clarion.config import Settings, Traces
from clarion.errors import SettingsError
from clarion.tracing import tracer


def settings(folder: Path, endpoint: str | None) -> Settings:
    return Settings(
        store="sqlite:///x", sqlite_path=None, data_dir=folder, traces=Traces(endpoint=endpoint)
    )


async def test_without_an_endpoint_there_are_none(tmp_path: Path) -> None:
    assert begin_traces(settings(tmp_path, None), b"") is None
    assert not tracer.on
    await end_traces(None)


async def test_with_one_spans_are_recorded_until_the_end(tmp_path: Path) -> None:
    collector = begin_traces(settings(tmp_path, "http://127.0.0.1:9/v1/traces"), b"s" * 32)
    assert tracer.on
    await end_traces(collector)
    assert not tracer.on


def test_without_the_library_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "clarion.tracing.otlp", None)
    with pytest.raises(SettingsError, match=r"pip install clarion\[otel\]"):
        begin_traces(settings(tmp_path, "http://127.0.0.1:9/v1/traces"), b"")
