"""HTTP/2 on `h2`, for measuring: a client of one connection and a server that answers at once."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ssl
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import uvloop

WINDOW = 1 << 24
"""Bytes of requests that may be under way beside the first 64 KiB."""

ANSWER = b'{"name": "projects/bench/messages/0:0000000000000000%bench"}'


class _Speaker(asyncio.Protocol):
    """Frames in and out; what events mean is the subclass's."""

    def __init__(self, *, client: bool) -> None:
        config = import_module("h2.config").H2Configuration(
            client_side=client, header_encoding=None, validate_outbound_headers=False
        )
        self.h2: Any = import_module("h2.connection").H2Connection(config)
        self.names: Any = import_module("h2.events")
        self._transport: asyncio.Transport | None = None
        self._flushing = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.h2.initiate_connection()
        self.flush()

    def data_received(self, data: bytes) -> None:
        for event in self.h2.receive_data(data):
            self.heard(event)
        self.flush()

    def heard(self, event: Any) -> None:
        raise NotImplementedError

    def flush_soon(self) -> None:
        """Frames of one turn of the loop leave together."""
        if not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        self._flushing = False
        if self._transport is not None and (data := self.h2.data_to_send()):
            self._transport.write(data)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class Http2(_Speaker):
    """A client: any number of requests under way on one connection."""

    def __init__(self, authority: str, headers: dict[str, str]) -> None:
        super().__init__(client=True)
        self._answers: dict[int, tuple[asyncio.Future[int], list[int]]] = {}
        fixed = {":method": "POST", ":scheme": "https", ":authority": authority}
        named = fixed | {name.lower(): value for name, value in headers.items()}
        self.ready = asyncio.get_running_loop().create_future()
        self._headers = [(name.encode(), value.encode()) for name, value in named.items()]

    async def post(self, path: str, body: bytes, timeout_seconds: float) -> int:
        """The status; TimeoutError."""
        stream = self.h2.get_next_available_stream_id()
        answer = asyncio.get_running_loop().create_future()
        self._answers[stream] = (answer, [0])
        headers = [*self._headers[:3], (b":path", path.encode()), *self._headers[3:]]
        self.h2.send_headers(stream, headers)
        self.h2.send_data(stream, body, end_stream=True)
        self.flush_soon()
        async with asyncio.timeout(timeout_seconds):
            return int(await answer)

    def heard(self, event: Any) -> None:
        if isinstance(event, self.names.WindowUpdated) and not self.ready.done():
            self.ready.set_result(None)
        elif isinstance(event, self.names.ResponseReceived):
            self._answers[event.stream_id][1][0] = int(dict(event.headers)[b":status"])
        elif isinstance(event, self.names.DataReceived):
            self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, self.names.StreamEnded):
            answer, (status,) = self._answers.pop(event.stream_id)
            if not answer.done():
                answer.set_result(status)


class _Server(_Speaker):
    def __init__(self) -> None:
        super().__init__(client=False)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.h2.increment_flow_control_window(WINDOW)
        self.flush()

    def heard(self, event: Any) -> None:
        if isinstance(event, self.names.DataReceived):
            self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, self.names.StreamEnded):
            self.h2.send_headers(event.stream_id, [(b":status", b"200")])
            self.h2.send_data(event.stream_id, ANSWER, end_stream=True)


async def connect(url: str, tls: ssl.SSLContext | None, headers: dict[str, str]) -> Http2:
    """A connection to the server below."""
    parts = urlsplit(url)
    if tls is not None:
        tls.set_alpn_protocols(["h2"])
    _, client = await asyncio.get_running_loop().create_connection(
        lambda: Http2(parts.netloc, headers), str(parts.hostname), parts.port or 443, ssl=tls
    )
    await client.ready
    return client


@contextlib.contextmanager
def server(tls: Path | None) -> Iterator[int]:
    """One in a process of its own, with the certificate of a folder; its port."""
    command = [sys.executable, "-m", "bench.http2", *(["--tls", str(tls)] if tls else [])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(10)


async def _serve(tls: ssl.SSLContext | None) -> None:
    server = await asyncio.get_running_loop().create_server(_Server, "127.0.0.1", 0, ssl=tls)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    """Serve until stopped; the first line on the screen is the port."""
    parser = argparse.ArgumentParser(prog="python -m bench.http2")
    parser.add_argument("--tls", type=Path, help="folder with certificate.pem and key.pem")
    options = parser.parse_args()
    tls = None
    if options.tls is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(options.tls / "certificate.pem", options.tls / "key.pem")
        tls.set_alpn_protocols(["h2"])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(tls))


if __name__ == "__main__":
    main()
