"""What browsers get as files: the dashboard at `/`, and all that is built below `/static/`."""

from __future__ import annotations

import gzip
import mimetypes
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from litestar.types import HTTPScope, Receive, Scope, Send

BUILT = Path(__file__).resolve().parent.parent / "static"
"""Where `web/build.py` writes; not in git, in the wheel."""

FOR_A_YEAR = "public, max-age=31536000, immutable"
ASKED_AGAIN = "no-cache"
SMALLEST_PACKED = 1024

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Of the dashboard: nothing from elsewhere, nothing inline but styles, in nobody's frame. Styles
may be inline because mails are shown in frames without scripts, which inherit this."""

NOSNIFF = (b"x-content-type-options", b"nosniff")

GUARDED = (
    NOSNIFF,
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is sent: plain or packed, with its headers but those of the length."""

    body: bytes
    packed: bytes
    etag: bytes
    headers: tuple[tuple[bytes, bytes], ...]


class Statics:
    """All files below `folder`, in memory; none where the pages were not built."""

    def __init__(self, folder: Path = BUILT) -> None:
        self._files: dict[str, StaticFile] = {}
        for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
            if path.is_file() and not path.name.startswith("."):
                name = path.relative_to(folder).as_posix()
                self._files[_address(name)] = _static_file(path, name)

    def file(self, scope: HTTPScope) -> StaticFile | None:
        """What a request asks for, if it asks for a file: at `/` only who reads HTML does."""
        if scope["method"] not in ("GET", "HEAD"):
            return None
        path = scope["path"]
        if path == "/" and b"text/html" not in _header(scope, b"accept"):
            return None
        return self._files.get(path)

    async def send(self, file: StaticFile, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer with the file, packed where the browser unpacks, or 304."""
        headers = [*file.headers, (b"etag", file.etag), (b"vary", b"accept, accept-encoding")]
        if file.etag in _header(scope, b"if-none-match"):
            await _answer(send, 304, headers, b"")
            return
        body = file.body
        if file.packed and b"gzip" in _header(scope, b"accept-encoding"):
            body = file.packed
            headers.append((b"content-encoding", b"gzip"))
        headers.append((b"content-length", str(len(body)).encode()))
        await _answer(send, 200, headers, b"" if scope["method"] == "HEAD" else body)


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _address(name: str) -> str:
    """`dashboard/index.html` is `/`; `inbox/x.js` is `/static/x.js`."""
    if name == "dashboard/index.html":
        return "/"
    return "/static/" + name.removeprefix("inbox/")


def _static_file(path: Path, name: str) -> StaticFile:
    body = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if path.suffix == ".js":
        kind = "text/javascript"
    text = kind.startswith("text/") or kind.endswith(("json", "xml"))
    headers = [
        (b"content-type", f"{kind}; charset=utf-8".encode() if text else kind.encode()),
        (b"cache-control", (FOR_A_YEAR if "/assets/" in name else ASKED_AGAIN).encode()),
        *GUARDED,
    ]
    if path.suffix == ".html":
        headers.append((b"content-security-policy", PAGE_POLICY.encode()))
    if name.startswith("inbox/"):
        headers.append((b"access-control-allow-origin", b"*"))
        headers.append((b"cross-origin-resource-policy", b"cross-origin"))
    packed = gzip.compress(body, 9, mtime=0) if text and len(body) >= SMALLEST_PACKED else b""
    etag = f'"{sha256(body).hexdigest()[:32]}"'.encode()
    return StaticFile(body, packed, etag, tuple(headers))


def _header(scope: Scope, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key == name), b"")
