"""Spans of what goes over the network: the server is told, and nothing that is secret."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from clarion.channels.contract import SmtpServer
from clarion.channels.requests import http_span, smtp_span
from clarion.tracing import TraceContext, current, tracer
from tests.tracing.test_spans import Kept

CONTEXT = TraceContext("ab" * 16, "cd" * 8, sampled=True)
SLACK = "https://user:pass@hooks.slack.com/services/T0/B0/secret?token=secret#secret"


@pytest.fixture
def kept() -> Iterator[Kept]:
    sink = Kept()
    tracer.begin(sink)
    token = current.set(CONTEXT)
    yield sink
    current.reset(token)
    tracer.end(sink)


def test_of_an_address_only_the_server_is_told(kept: Kept) -> None:
    http_span(SLACK, 200, range(1, 5))
    (span,) = kept.spans
    assert span.attributes == {
        "http.request.method": "POST",
        "server.address": "hooks.slack.com",
        "server.port": 443,
        "url.full": "https://hooks.slack.com:443/...",
        "http.response.status_code": 200,
    }
    assert (span.parent, span.context.trace_id, span.error) == (CONTEXT.span_id, "ab" * 16, "")
    assert (span.began, span.ended) == (1, 5)


def test_refusals_and_silence_are_errors(kept: Kept) -> None:
    http_span("http://example.org/x", 503, range(1, 2))
    http_span("http://example.org/x", 0, range(2, 3))
    smtp_span(SmtpServer(host="mail.example.org", port=25, password="secret"), 550, range(3, 4))
    assert [span.error for span in kept.spans] == ["503", "no_answer", "550"]
    assert kept.spans[2].attributes["server.address"] == "mail.example.org"
    assert "secret" not in str(kept.spans)


def test_what_is_no_address_had_no_request(kept: Kept) -> None:
    http_span("http://[nowhere", 0, range(1, 2))
    assert kept.spans == []


def test_outside_of_a_try_nothing_is_told(kept: Kept) -> None:
    current.set(None)
    http_span(SLACK, 200, range(1, 5))
    assert kept.spans == []
