from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "inbox-page"
KEY = "clk_default_secret"


class Tokens(BaseHTTPRequestHandler):
    """Stands for Clarion: gives a token to whoever shows the key, and notes what was asked."""

    asked: tuple[str, str | None] = ("", None)

    status = 200

    def do_POST(self) -> None:
        Tokens.asked = (self.path, self.headers["Authorization"])
        body = json.dumps({"token": "a.b.c", "expires_at": "2026-01-02T03:04:05Z"}).encode()
        self.send_response(Tokens.status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        pass


@pytest.fixture
def clarion() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Tokens) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def page(clarion: str) -> Iterator[str]:
    surroundings = {**os.environ, "CLARION_URL": clarion, "CLARION_API_KEY": KEY, "PORT": "0"}
    with subprocess.Popen(
        [sys.executable, EXAMPLE / "serve.py", "ana/2"],
        env=surroundings,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as serving:
        assert serving.stdout is not None
        yield serving.stdout.readline().split()[-1].rstrip("/")
        serving.terminate()


def read(url: str) -> str:
    with urlopen(url) as answer:
        text: str = answer.read().decode()
        return text


def test_the_page_is_ten_lines_and_holds_the_component(page: str, clarion: str) -> None:
    text = read(f"{page}/")
    assert f'src="{clarion}/static/clarion-inbox.js"' in text
    assert len(text.splitlines()) <= 10
    assert '<clarion-inbox token-url="/inbox-token">' in text


def test_a_token_of_the_user_is_handed_on_and_the_key_stays(page: str) -> None:
    said = read(f"{page}/inbox-token")
    assert json.loads(said)["token"] == "a.b.c"
    assert Tokens.asked == ("/v1/users/ana%2F2/token", f"Bearer {KEY}")
    assert KEY not in said + read(f"{page}/")


def test_without_a_token_the_page_is_told_and_the_server_goes_on(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Tokens, "status", 401)
    with pytest.raises(HTTPError) as caught:
        read(f"{page}/inbox-token")
    assert (caught.value.code, caught.value.read()) == (502, b"Clarion gives no token")
    assert "clarion-inbox" in read(f"{page}/")


def test_without_a_key_it_says_how_to_name_one() -> None:
    surroundings = {name: text for name, text in os.environ.items() if name != "CLARION_API_KEY"}
    said = subprocess.run(
        [sys.executable, EXAMPLE / "serve.py"],
        env=surroundings, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 1
    assert said.stderr.startswith("There is no API key: CLARION_API_KEY=")
    assert "Traceback" not in said.stderr
