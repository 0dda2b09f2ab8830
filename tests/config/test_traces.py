"""Where traces go."""

from __future__ import annotations

from pathlib import Path

import pytest

from clarion.config import load_settings
from clarion.errors import SettingsError

OURS = "CLARION_OTEL_ENDPOINT"


@pytest.mark.parametrize(
    ("environ", "endpoint"),
    [
        ({}, None),
        ({OURS: "http://c:4318/v1/traces"}, "http://c:4318/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318/"}, "http://c:4318/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c/in"}, "http://c/in"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_SDK_DISABLED": "true"}, None),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", OURS: "off"}, None),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", OURS: "http://d/x"}, "http://d/x"),
    ],
)
def test_our_setting_counts_before_those_of_opentelemetry(
    tmp_path: Path, environ: dict[str, str], endpoint: str | None
) -> None:
    assert load_settings(environ, tmp_path).traces.endpoint == endpoint


def test_headers_and_share_are_read_and_headers_never_shown(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("Authorization=Bearer%20s3cret, x-team=ops\n")
    (tmp_path / "clarion.toml").write_text(
        'otel_endpoint = "https://u:s3cret@c:4318/v1/traces?key=s3cret"\n'
        'otel_headers_file = "secret"\notel_ratio = 0.25\n'
    )
    settings = load_settings({}, tmp_path)
    assert settings.traces.headers == {"authorization": "Bearer s3cret", "x-team": "ops"}
    assert settings.traces.ratio == 0.25
    assert "s3cret" not in repr(settings) + str(settings.traces.__rich_repr__())
    assert "https://c:4318/v1/traces" in repr(settings)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        (OURS, "collector:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector"),
        ("CLARION_OTEL_RATIO", "2"),
        ("CLARION_OTEL_RATIO", "half"),
        ("CLARION_OTEL_HEADERS", "s3cret"),
    ],
)
def test_odd_values_are_told_without_being_repeated(
    tmp_path: Path, variable: str, value: str
) -> None:
    with pytest.raises(SettingsError, match=variable) as refused:
        load_settings({variable: value}, tmp_path)
    assert "s3cret" not in str(refused.value)
