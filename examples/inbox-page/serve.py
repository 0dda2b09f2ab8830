"""Serves the page beside, and hands out user tokens: the API key stays here.

CLARION_API_KEY=... python3 serve.py [user]; CLARION_URL and PORT say where Clarion and this are.
"""

import os
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

CLARION = os.environ.get("CLARION_URL", "http://127.0.0.1:8400").rstrip("/")
KEY = os.environ.get("CLARION_API_KEY") or sys.exit(
    "There is no API key: CLARION_API_KEY=$(cat clarion-data/admin.key) python3 serve.py"
)
USER = sys.argv[1] if len(sys.argv) > 1 else "ana"  # who is signed in; yours comes of a session
PAGE = Path(__file__).with_name("index.html").read_text().replace("http://127.0.0.1:8400", CLARION)


def token() -> bytes:
    """`{"token": "..."}` for this user, from Clarion."""
    url = f"{CLARION}/v1/users/{quote(USER, safe='')}/token"
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    with urlopen(Request(url, b"{}", headers, method="POST")) as answer:
        said: bytes = answer.read()
        return said


class Pages(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/":
            self.answer(200, "text/html; charset=utf-8", PAGE.encode())
        elif self.path == "/inbox-token":
            try:
                self.answer(200, "application/json", token())
            except HTTPError as error:
                self.log_error("Clarion gives no token: %s", error.read().decode())
                self.answer(502, "text/plain", b"Clarion gives no token")
            except URLError as error:
                self.log_error("%s was not reached: %s", CLARION, error.reason)
                self.answer(502, "text/plain", b"Clarion was not reached")
        else:
            self.send_error(404)

    def answer(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)


server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8500"))), Pages)
print(f"Open http://127.0.0.1:{server.server_port}/", flush=True)
server.serve_forever()
