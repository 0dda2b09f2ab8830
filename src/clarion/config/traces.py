"""Where traces go: `otel_endpoint` and what belongs to it, or the variables of OpenTelemetry."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

from clarion.config import values
from clarion.config.asking import Answers
from clarion.config.given import ENVIRONMENT, Given
from clarion.config.problem import Problem
from clarion.config.settings import Traces

NAMES = ("otel_endpoint", "otel_headers", "otel_headers_file", "otel_ratio")
OFF = "off"
PATH = "/v1/traces"

_WHOLE = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
_COMMON = "OTEL_EXPORTER_OTLP_ENDPOINT"
_DISABLED = "OTEL_SDK_DISABLED"


def read_traces(answers: Answers, environ: Mapping[str, str], problems: list[Problem]) -> Traces:
    """Off unless an endpoint is named, by a setting of ours or else by one of OpenTelemetry's."""
    endpoint = answers.ask("otel_endpoint", _endpoint_of, None)
    headers = answers.ask("otel_headers", _headers_of, {})
    ratio = answers.ask("otel_ratio", _ratio_of, 1.0)
    if answers.given("otel_endpoint") is None:
        endpoint = _of_environment(environ, problems)
    if endpoint == OFF:
        endpoint = None
    return Traces(endpoint=endpoint, headers=headers, ratio=ratio)


def _of_environment(environ: Mapping[str, str], problems: list[Problem]) -> str | None:
    if environ.get(_DISABLED, "").strip().lower() == "true":
        return None
    for variable in (_WHOLE, _COMMON):
        text = environ.get(variable, "").strip()
        if not text:
            continue
        given = Given(variable, text, ENVIRONMENT, 0, Path())
        try:
            found = values.url_of(given)
        except values.OddError as odd:
            problems.append(given.problem(str(odd)))
            return None
        return found if variable == _WHOLE else found.rstrip("/") + PATH
    return None


def _endpoint_of(given: Given) -> str:
    if given.value == OFF:
        return OFF
    return values.url_of(given)


def _headers_of(given: Given) -> dict[str, str]:
    """`name=value` with commas between, values percent-encoded; they are secret."""
    found = {}
    for part in values.text_of(given).split(","):
        name, equals, value = part.strip().partition("=")
        if not name.strip() or not equals or not value.strip():
            raise values.OddError("holds something that is not name=value; mend it")
        found[name.strip().lower()] = unquote(value.strip())
    return found


def _ratio_of(given: Given) -> float:
    """A share from 0 to 1."""
    value = given.value
    if given.from_environment:
        try:
            value = float(value)
        except ValueError:
            value = None
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise values.OddError("is no share; write a number from 0 to 1")
    return float(value)
