from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.cli.shell import Run

ROWS = [
    {
        "id": f"dlv_{n}",
        "event_id": f"evt_{n}",
        "channel": "push",
        "account": "fcm",
        "cause": "attempts",
        "at": "2026-01-02T03:04:05.000000Z",
        "attempts": 4,
    }
    for n in range(3)
]


class _Pages(http.server.BaseHTTPRequestHandler):
    """A list of dead letters, two a page."""

    def do_GET(self) -> None:
        if self.path.startswith("/v1/dead-letters/tasks"):
            return self._say({"data": []})
        query = parse_qs(urlsplit(self.path).query)
        first = int(query.get("after", ["0"])[0])
        page: Any = {
            "data": ROWS[first : first + 2],
            "page_info": {"has_next": first + 2 < len(ROWS), "end_cursor": str(first + 2)},
        }
        return self._say(page)

    def _say(self, document: Any) -> None:
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def pages() -> Iterator[str]:
    server = http.server.HTTPServer(("127.0.0.1", 0), _Pages)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_nothing_given_up_is_told(remote: Run) -> None:
    said = remote("dead", "list")
    assert said.code == 0
    assert "Nothing was given up." in said.out
    assert remote("dead", "list", "--json").json == []


def test_pages_are_read_until_the_limit(clarion: Run, pages: str) -> None:
    said = clarion("dead", "list", "--url", pages, "--key", "k")
    assert [f"evt_{n}" in said.out for n in range(3)] == [True] * 3
    assert "3 dead letters, in all." in said.out
    few = clarion("dead", "list", "--limit", "2", "--url", pages, "--key", "k")
    assert "2 dead letters, the newest; there are more." in few.out


def test_a_redrive_says_which_ones(remote: Run) -> None:
    said = remote("dead", "redrive")
    assert said.code == 2
    assert "--all" in said.err


def test_a_redrive_of_nothing_counts_nothing(remote: Run) -> None:
    said = remote("dead", "redrive", "--cause", "retry:503", "--dry-run")
    assert (said.code, said.out.strip()) == (0, "0 dead letters would go on.")
    answer = remote("dead", "redrive", "--all", "--rate", "5", "--json").json
    assert (answer["status"], answer["count"], answer["rate_per_second"]) == ("finished", 0, 5)


def test_a_filter_is_handed_on(remote: Run) -> None:
    said = remote("dead", "list", "--channel", "pigeon")
    assert said.code == 1
    assert remote("dead", "list", "--channel", "email", "--not-redriven", "--json").json == []
