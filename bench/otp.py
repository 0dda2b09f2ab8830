"""How fast a one-time password reaches the provider's door on an idle system."""

from __future__ import annotations

import asyncio
import time

from bench.client import Client
from bench.report import Report, machine, percentile
from bench.server import server
from clarion.testing.fakes.fcm import FakeFcm

WORKFLOW = {
    "key": "otp",
    "on": "otp.requested",
    "category": "security",
    "expires_in": "PT2M",
    "steps": [
        {
            "send": {
                "channel": "push",
                "template": {
                    "title": "Your code",
                    "body": "{{ data.code }}",
                    "data": {"n": "{{ data.n }}"},
                },
            }
        }
    ],
}


async def run(short: bool) -> Report:
    """Figures `accept_to_provider_ms_p50` and `_p99`: from the request's first byte to the
    provider."""
    count = 300 if short else 2_000
    fcm = FakeFcm()
    await fcm.start()
    try:
        account = fcm.service_account
        providers = f"[providers.push]\nkind = 'fcm'\nbase_url = '{fcm.base_url}'\n"
        providers += f"service_account = '''{account}'''\n"
        async with server(providers) as running:
            times = await _measure(running.client, fcm, count)
    finally:
        await fcm.stop()
    figures = {
        "accept_to_provider_ms_p50": percentile(times, 0.50),
        "accept_to_provider_ms_p99": percentile(times, 0.99),
        "accept_to_provider_ms_max": max(times),
    }
    return Report(bench="otp", settings={"count": count, **machine()}, figures=figures)


async def _measure(client: Client, fcm: FakeFcm, count: int) -> list[float]:
    await client.ask("PUT", "/v1/users/ann", {"name": "Ann"})
    await client.ask("PUT", "/v1/users/ann/devices/token-ann", {"platform": "fcm"})
    await client.ask("PUT", "/v1/workflows/otp", WORKFLOW)
    connection = await client.connect()
    times = []
    for n in range(count + 20):
        event = {"type": "otp.requested", "recipients": ["ann"], "data": {"code": "123456", "n": n}}
        request = client.request("POST", "/v1/events", event)
        seen = len(fcm.requests)
        began = time.perf_counter()
        await connection.ask(request)
        while len(fcm.requests) == seen:
            await asyncio.sleep(0)
        times.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.005)
    connection.close()
    return times[20:]
