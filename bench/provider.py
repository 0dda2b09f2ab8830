"""A vendor to measure against: answers every POST like FCM, fast, counts them, and does no more.

Run as a process of its own, so that its processor time is not that of who is measured:
`python -m bench.provider --latency-ms 50`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
import ssl
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import msgspec
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from bench.client import Client
from bench.report import cpu_seconds

PROJECT = "bench"
_END = b"\r\n\r\n"
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
_WATCH = b"watch="
_GRANT = b'{"access_token": "granted", "expires_in": 86400, "token_type": "Bearer"}'


class Provider(msgspec.Struct, frozen=True):
    """A provider that runs: its port on 127.0.0.1, its process, whom to trust when it talks TLS."""

    port: int
    pid: int
    authority: Path | None = None

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:port`, `https://localhost:port` with TLS."""
        if self.authority is not None:
            return f"https://localhost:{self.port}"
        return f"http://127.0.0.1:{self.port}"

    async def watched(self) -> dict[int, float]:
        """When (`time.perf_counter` of this machine) each post with `watch=000123;` in it came, by
        that number; each is told once; plain only."""
        told = await Client(self.port, "").ask("GET", "/watched")
        return {int(number): seconds for number, seconds in told}

    async def posts(self) -> int:
        """How many messages were posted so far; plain only."""
        counted = await Client(self.port, "").ask("GET", "/counts")
        return int(counted["posts"])

    def cpu_seconds(self) -> float:
        """Processor time it has used so far."""
        return cpu_seconds(self.pid)

    def account(self, name: str = "push", *, in_flight: int | None = None) -> str:
        """The lines of `clarion.toml` of an FCM account that is this provider."""
        limit = "" if in_flight is None else f"in_flight = {in_flight}\n"
        return (
            f"[providers.{name}]\nkind = 'fcm'\nbase_url = '{self.base_url}'\n{limit}"
            f"service_account = '''{service_account(self.base_url)}'''\n"
        )


@contextlib.contextmanager
def provider(latency_ms: float = 0, *, tls: bool = False) -> Iterator[Provider]:
    """Start one in a process of its own, stop it at the end. With `tls` its name is `localhost`."""
    with tempfile.TemporaryDirectory(prefix="clarion-bench-") as folder:
        command = [sys.executable, "-m", "bench.provider", "--latency-ms", str(latency_ms)]
        if tls:
            _certify(Path(folder))
            command += ["--tls", folder]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            authority = Path(folder) / "authority.pem" if tls else None
            yield Provider(port, process.pid, authority)
        finally:
            process.terminate()
            process.wait(10)


@functools.cache
def service_account(base_url: str) -> str:
    """A service account's key file whose tokens this provider grants."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    account = {
        "type": "service_account",
        "project_id": PROJECT,
        "private_key_id": "bench",
        "private_key": pem.decode(),
        "client_email": f"clarion@{PROJECT}.example",
        "token_uri": f"{base_url}/token",
    }
    return msgspec.json.encode(account).decode()


class _Desk:
    """What all connections share: the count, and answers that wait for their time."""

    def __init__(self, latency_seconds: float) -> None:
        self.posts = 0
        self.watched: list[tuple[int, float]] = []
        self._latency_seconds = latency_seconds
        self._late: deque[tuple[float, asyncio.Transport, bytes]] = deque()

    def answer(self, start: bytes) -> tuple[bytes, bool]:
        """What a request is answered, by its first line, and whether at once."""
        if start.startswith(b"POST"):
            if start.startswith(b"POST /token "):
                return _HEAD % (len(_GRANT), _GRANT), True
            self.posts += 1
            body = b'{"name": "projects/bench/messages/0:%016d%%bench"}' % self.posts
            return _HEAD % (len(body), body), not self._latency_seconds
        if start.startswith(b"GET /watched "):
            body, self.watched = msgspec.json.encode(self.watched), []
        else:
            body = b'{"posts": %d}' % self.posts
        return _HEAD % (len(body), body), True

    def put_off(self, transport: asyncio.Transport, answer: bytes) -> None:
        """Write after the latency. All wait alike, so one timer serves them in their order."""
        loop = asyncio.get_running_loop()
        self._late.append((loop.time() + self._latency_seconds, transport, answer))
        if len(self._late) == 1:
            loop.call_later(self._latency_seconds, self._write_due)

    def _write_due(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time() + 0.0005
        while self._late and self._late[0][0] <= now:
            _, transport, answer = self._late.popleft()
            transport.write(answer)
        if self._late:
            loop.call_later(self._late[0][0] - loop.time(), self._write_due)


class _Connection(asyncio.Protocol):
    """HTTP/1.1 with a Content-Length, kept open; a client may send several at once."""

    def __init__(self, desk: _Desk) -> None:
        self._desk = desk
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        assert self._transport is not None
        while (end := self._buffer.find(_END)) >= 0:
            whole = end + 4 + _length(self._buffer[:end])
            if len(self._buffer) < whole:
                return
            if (at := self._buffer.find(_WATCH, 0, whole)) >= 0:
                number = int(self._buffer[at + len(_WATCH) : self._buffer.index(b";", at)])
                self._desk.watched.append((number, time.perf_counter()))
            answer, at_once = self._desk.answer(self._buffer[:16])
            self._buffer = self._buffer[whole:]
            if at_once:
                self._transport.write(answer)
            else:
                self._desk.put_off(self._transport, answer)


def _length(head: bytes) -> int:
    at = head.lower().find(b"\r\ncontent-length:")
    if at < 0:
        return 0
    end = head.find(b"\r\n", at + 17)
    return int(head[at + 17 : end if end >= 0 else len(head)])


async def _serve(latency_ms: float, port: int, tls: ssl.SSLContext | None) -> None:
    desk = _Desk(latency_ms / 1000)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: _Connection(desk), "127.0.0.1", port, ssl=tls, backlog=1024
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def _certify(folder: Path) -> None:
    """An authority, a certificate of it for `localhost` and its key, into the folder."""
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _certificate("bench", authority_key, None, authority_key)
    certificate = _certificate("localhost", key, authority, authority_key)
    pem = serialization.Encoding.PEM
    (folder / "authority.pem").write_bytes(authority.public_bytes(pem))
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate | None,
    signer: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    alternative = x509.SubjectAlternativeName([x509.DNSName(name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if authority is None else authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(alternative, critical=False)
        .add_extension(x509.BasicConstraints(ca=authority is None, path_length=None), critical=True)
        .sign(signer, hashes.SHA256())
    )


def main() -> None:
    """Serve until stopped; the first line on the screen is the port."""
    parser = argparse.ArgumentParser(prog="python -m bench.provider")
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", type=Path, help="folder with certificate.pem and key.pem")
    options = parser.parse_args()
    tls = None
    if options.tls is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(options.tls / "certificate.pem", options.tls / "key.pem")
    with (
        contextlib.suppress(KeyboardInterrupt),
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(_serve(options.latency_ms, options.port, tls))


if __name__ == "__main__":
    main()
