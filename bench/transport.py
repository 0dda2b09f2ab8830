"""What a POST to a provider costs us: microseconds of processor time of each way to send it."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import aiohttp

from bench import http2
from bench.provider import Provider, provider
from bench.report import Report, Rounds, machine
from clarion.channels.guard import Guard
from clarion.channels.http_pool import MAX_ANSWER_BYTES, USUAL_TIMEOUTS, HttpPool

CONCURRENCY = 64
WARM_UP = 2_000
ROUNDS = 3
BODY = b'{"message":{"token":"' + b"t" * 1000 + b'"}}'
HEADERS = {
    "Authorization": "Bearer " + "a" * 200,
    "Content-Type": "application/json; charset=utf-8",
}

Post = Callable[[], Awaitable[int]]
"""One POST; the status of its answer."""

Way = Callable[[Provider], contextlib.AbstractAsyncContextManager[Post]]
"""A client of a provider, ready to post."""


def _url(vendor: Provider) -> str:
    return f"{vendor.base_url}/v1/projects/bench/messages:send"


def _tls(vendor: Provider) -> ssl.SSLContext | None:
    if vendor.authority is None:
        return None
    return ssl.create_default_context(cafile=str(vendor.authority))


@contextlib.asynccontextmanager
async def ours(vendor: Provider) -> AsyncIterator[Post]:
    """The pool of `channels`, as shipped."""
    pool = HttpPool(Guard(), USUAL_TIMEOUTS, _tls(vendor))
    url = _url(vendor)

    async def post() -> int:
        answer = await pool.post(url, headers=HEADERS, body=BODY, guarded=False)
        return answer.status

    yield post
    await pool.close()


@contextlib.asynccontextmanager
async def by_aiohttp(vendor: Provider) -> AsyncIterator[Post]:
    """aiohttp with the same bounds: time-outs, no redirects, no cookies, an answer of 64 KiB."""
    connector = aiohttp.TCPConnector(limit=0, ssl=_tls(vendor) or True)
    bounds = aiohttp.ClientTimeout(
        total=USUAL_TIMEOUTS.total_seconds, connect=USUAL_TIMEOUTS.connect_seconds
    )
    url = _url(vendor)
    async with aiohttp.ClientSession(
        connector=connector, timeout=bounds, cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    ) as session:  # fmt: skip

        async def post() -> int:
            async with session.post(
                url, data=BODY, headers=HEADERS, allow_redirects=False
            ) as answer:
                await answer.content.read(MAX_ANSWER_BYTES)
                return answer.status

        yield post


@contextlib.asynccontextmanager
async def by_pyreqwest(vendor: Provider) -> AsyncIterator[Post]:
    """pyreqwest (a Rust client with threads of its own) over HTTP/1.1, with the same time-outs; it
    is closed before the process ends."""
    client_of: Any = import_module("pyreqwest.client")

    builder = (
        client_of.ClientBuilder()
        .timeout(timedelta(seconds=USUAL_TIMEOUTS.total_seconds))
        .connect_timeout(timedelta(seconds=USUAL_TIMEOUTS.connect_seconds))
    )
    if vendor.authority is not None:
        builder = builder.add_root_certificate_pem(vendor.authority.read_bytes())
    url = _url(vendor)
    async with builder.build() as client:

        async def post() -> int:
            answer = await client.post(url).headers(HEADERS).body_bytes(BODY).build().send()
            await answer.bytes()
            return int(answer.status)

        yield post


@contextlib.asynccontextmanager
async def by_h2(vendor: Provider) -> AsyncIterator[Post]:
    """HTTP/2 on `h2`, all requests on one connection, to a server of its own kind."""
    folder = vendor.authority.parent if vendor.authority is not None else None
    with http2.server(folder) as port:
        url = f"https://localhost:{port}"
        client = await http2.connect(url, _tls(vendor), HEADERS)

        async def post() -> int:
            return await client.post(
                "/v1/projects/bench/messages:send", BODY, USUAL_TIMEOUTS.total_seconds
            )

        yield post
        client.close()


WAYS: dict[str, Way] = {
    "aiohttp": by_aiohttp, "ours": ours, "h2": by_h2, "pyreqwest": by_pyreqwest,
}  # fmt: skip
OPTIONAL = ("h2", "pyreqwest")


async def run(short: bool) -> Report:
    """Figures `<way>_<plain or tls>_cpu_microseconds` of this process for a POST of 1 KB, its
    answer read, and `_per_second`; the ways take turns."""
    count = 5_000 if short else 20_000
    missing = {name: "not installed" for name in OPTIONAL if find_spec(name) is None}
    rounds = Rounds()
    for tls in (False, True):
        with provider(tls=tls) as vendor:
            for _ in range(ROUNDS):
                for name, way in WAYS.items():
                    if name not in missing:
                        kind = f"{name}_{'tls' if tls else 'plain'}"
                        rounds.add(await _measure(kind, way, vendor, count))
    settings = {
        "count": count, "concurrency": CONCURRENCY, "body_bytes": len(BODY), "rounds": ROUNDS,
        "latency_ms": 0, "loop": type(asyncio.get_running_loop()).__module__, **machine(),
    }  # fmt: skip
    return Report(
        bench="transport", settings=settings, figures=rounds.figures(), spread=rounds.spread(),
        missing=missing,
    )  # fmt: skip


async def _measure(kind: str, way: Way, vendor: Provider, count: int) -> dict[str, float]:
    async with way(vendor) as post:
        await _posts(post, WARM_UP)
        began, spent = time.perf_counter(), time.process_time()
        await _posts(post, count)
        cost = (time.process_time() - spent) / count * 1e6
        rate = count / (time.perf_counter() - began)
        return {f"{kind}_cpu_microseconds": cost, f"{kind}_per_second": rate}


async def _posts(post: Post, count: int) -> None:
    left = count

    async def some() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            status = await post()
            if status != 200:
                raise RuntimeError(f"the provider answered {status}")

    await asyncio.gather(*(some() for _ in range(CONCURRENCY)))
