"""HTTP to a running server: JSON both ways, problems as CommandErrors."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from clarion import __version__
from clarion.cli.failing import MISUSED, CommandError
from clarion.cli.surroundings import key_here, url_here

TIMEOUT_SECONDS = 30.0
USUAL_WAIT = 1.0
"""Seconds to wait for a server that is too busy and does not say how long."""


class RefusedError(CommandError):
    """The server answered with a problem (RFC 9457); `status` is the HTTP status, `problem` its
    document. `retry_after_seconds`: when to ask again, as far as it said."""

    def __init__(
        self, status: int, problem: Mapping[str, Any], retry_after_seconds: float = USUAL_WAIT
    ) -> None:
        super().__init__(_words(status, problem))
        self.status = status
        self.problem = problem
        self.retry_after_seconds = retry_after_seconds

    @property
    def mistakes(self) -> list[tuple[str, str]]:
        """What is wrong as (JSON pointer or "", detail); at least one."""
        errors = self.problem.get("errors") or [{}]
        whole = str(self.problem.get("detail") or self.text)
        return [(error.get("pointer") or "", error.get("detail") or whole) for error in errors]


class Remote:
    """A server spoken to with one key; an empty `url` is the one whose settings are here, and so is
    its key without another one. Redirects and proxies are not followed: a key goes
    nowhere else."""

    def __init__(
        self, url: str, key: str | None, *, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        url = url or url_here()
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise CommandError(
                f"{url!r} is not the URL of a server; write e.g. http://127.0.0.1:8400", MISUSED
            )
        self.url = url.rstrip("/")
        self._key = key or key_here()
        self._prefix = parts.path.rstrip("/")
        make = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        self._timeout_seconds = timeout_seconds
        self._connection = make(parts.hostname, _port(parts, url), timeout=timeout_seconds)

    def get(self, path: str, **query: str | int | None) -> Any:
        """The document at a path; what is None is left out of the query."""
        chosen = {name: value for name, value in query.items() if value is not None}
        return self._ask("GET", f"{path}?{urlencode(chosen)}" if chosen else path)[0]

    def post(self, path: str, body: Any) -> tuple[Any, Mapping[str, str]]:
        """The answer and its headers (names in lower case)."""
        return self._ask("POST", path, body)

    def put(self, path: str, body: Any) -> Any:
        """The answer."""
        return self._ask("PUT", path, body)[0]

    def delete(self, path: str) -> Any:
        """The answer."""
        return self._ask("DELETE", path)[0]

    def _ask(self, method: str, path: str, body: Any = None) -> tuple[Any, Mapping[str, str]]:
        raw = None if body is None else msgspec.json.encode(body)
        headers = {
            "Authorization": f"Bearer {self._key}",
            "Accept": "application/json",
            "User-Agent": f"clarion/{__version__}",
        }
        if raw is not None:
            headers["Content-Type"] = "application/json"
        try:
            self._connection.request(method, self._prefix + path, raw, headers)
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise CommandError(_silence(self.url, error, self._timeout_seconds)) from error
        finally:
            self._connection.close()
        document = _document(content)
        if answer.status >= http.client.MULTIPLE_CHOICES:
            problem = document if isinstance(document, dict) else {}
            after = answer.getheader("Retry-After", "")
            wait_seconds = float(after) if after.isdigit() else USUAL_WAIT
            raise RefusedError(answer.status, problem, wait_seconds)
        return document, {name.lower(): value for name, value in answer.getheaders()}


def _port(parts: Any, url: str) -> int | None:
    try:
        port: int | None = parts.port
    except ValueError:
        raise CommandError(
            f"{url!r} has no possible port; write one from 1 to 65535", MISUSED
        ) from None
    return port


def _document(content: bytes) -> Any:
    try:
        return msgspec.json.decode(content) if content else None
    except msgspec.DecodeError:
        return None


def _silence(url: str, error: Exception, timeout_seconds: float) -> str:
    if isinstance(error, ConnectionRefusedError):
        return (
            f"no server answers at {url}; start one with `clarion up`, or name another with --url, "
            "CLARION_URL or `listen` in clarion.toml"
        )
    if isinstance(error, TimeoutError):
        return f"the server at {url} did not answer in {timeout_seconds:.0f} s; try again later"
    if isinstance(error, OSError) and error.strerror:
        return f"{url} cannot be reached ({error.strerror}); check --url or CLARION_URL"
    return f"what answers at {url} is no Clarion server; check --url or CLARION_URL"


def _words(status: int, problem: Mapping[str, Any]) -> str:
    if status == http.client.UNAUTHORIZED:
        return (
            "the server does not know this API key; check --key or CLARION_API_KEY, or make a key "
            "with `clarion keys create`"
        )
    detail = str(problem.get("detail") or problem.get("title") or "")
    if not detail:
        return f"what answers here is no Clarion server (it said {status}); check --url"
    if status >= http.client.INTERNAL_SERVER_ERROR:
        return f"the server failed ({status}): {detail}; look at its log"
    return detail
