"""Serves the page beside, and hands out user tokens: the API key stays here.

CLARION_API_KEY=... python serve.py [user]
"""

import os
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote
from urllib.request import Request, urlopen

CLARION = os.environ.get("CLARION_URL", "http://127.0.0.1:8400")
KEY = {"Authorization": f"Bearer {os.environ['CLARION_API_KEY']}"}
USER = sys.argv[1] if len(sys.argv) > 1 else "ana"  # who is signed in; yours comes of a session


class Pages(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path != "/inbox-token":
            super().do_GET()
            return
        url = f"{CLARION}/v1/users/{quote(USER, safe='')}/token"
        headers = KEY | {"Content-Type": "application/json"}
        with urlopen(Request(url, b"{}", headers, method="POST")) as answer:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(answer.read())


os.chdir(Path(__file__).parent)
server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8500"))), Pages)
print(f"Open http://127.0.0.1:{server.server_port}/", flush=True)
server.serve_forever()
