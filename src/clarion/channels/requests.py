"""Spans of what goes over the network for a try. Of an address only the server is told: the paths
and queries of vendors' addresses hold secrets and tokens."""

from __future__ import annotations

from urllib.parse import urlsplit

from clarion.channels.contract import SmtpServer
from clarion.tracing import CLIENT, Span, current, derived_span, tracer

REDACTED = "/..."
_PORTS = {"http": 80, "https": 443}


def http_span(url: str, status: int, span: range) -> None:
    """A POST of the current try; `status` 0: no answer came."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return  # no address at all, so there was no request
    attributes: dict[str, str | int] = {
        "http.request.method": "POST",
        "server.address": host,
        "server.port": port,
        "url.full": f"{parts.scheme}://{host}:{port}{REDACTED}",
    }
    if status:
        attributes["http.response.status_code"] = status
    _take("POST", attributes, status and status < 400, span)


def smtp_span(server: SmtpServer, code: int, span: range) -> None:
    """A mail of the current try; `code` 0: no answer came."""
    attributes: dict[str, str | int] = {
        "server.address": server.host,
        "server.port": server.port,
    }
    if code:
        attributes["smtp.response.code"] = code
    _take("SMTP", attributes, code and code < 400, span)


def _take(name: str, attributes: dict[str, str | int], went_well: bool | int, span: range) -> None:
    context = current.get()
    if context is None:
        return
    if not went_well:
        code = attributes.get("http.response.status_code") or attributes.get("smtp.response.code")
        attributes["error.type"] = str(code or "no_answer")
    tracer.take(
        Span(
            name=name,
            kind=CLIENT,
            context=context._replace(span_id=derived_span(context.span_id, name, span.start)),
            parent=context.span_id,
            began=span.start,
            ended=span.stop,
            attributes=attributes,
            error="" if went_well else str(attributes["error.type"]),
        )
    )
