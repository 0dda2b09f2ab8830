"""Which benchmarks there are, on which stores they run, and what a full run of all consists of."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, cast

import msgspec

from bench.report import Report

SQLITE, POSTGRES = "sqlite", "postgres"
BOTH = (SQLITE, POSTGRES)


class Bench(msgspec.Struct, frozen=True, kw_only=True):
    """A module `bench.<name>` with `async run(short[, store]) -> Report`. `minutes` is the most
    that a full run may take; short ones end within one. The first of the `stores` is the one it
    runs on unasked. Not `in_all`: only when asked for."""

    name: str
    what: str
    stores: tuple[str, ...] = (SQLITE,)
    minutes: float = 10
    in_all: bool = True

    async def run(self, short: bool, store: str, **more: Any) -> Report:
        """`more` reaches benches that know such an option."""
        run = cast(
            "Callable[..., Awaitable[Report]]", importlib.import_module(f"bench.{self.name}").run
        )
        known = inspect.signature(run).parameters
        if store != self.stores[0] and "store" not in known:
            raise RuntimeError(f"bench.{self.name} cannot run on {store} yet")
        options = {"store": store, **more}
        return await run(short, **{name: options[name] for name in options if name in known})


BENCHES = {
    bench.name: bench
    for bench in (
        Bench(name="decide", what="the decision alone, every gate asked"),
        Bench(name="ingest", what="durable events, one by one and in batches", stores=BOTH),
        Bench(
            name="fanout",
            what="one event to 100,000 inboxes, loaded through the API",
            stores=BOTH,
        ),
        Bench(
            name="inbox",
            what="one event to the inboxes of up to 1,000,000, written and broadcast",
            stores=BOTH,
            minutes=30,
        ),
        Bench(
            name="otp",
            what="a one-time password from request to provider, idle and during a blast",
            stores=BOTH,
            minutes=20,
        ),
        Bench(
            name="push",
            what="pushes from request to recorded outcome, beside others",
            stores=(POSTGRES,),
            minutes=25,
        ),
        Bench(name="blast", what="preparing a blast to 1,000,000 and firing it"),
        Bench(name="claims", what="claiming and finishing deliveries on the store", stores=BOTH),
        Bench(
            name="deliver",
            what="what a delivery costs the worker, PostgreSQL and the vendor",
            stores=(POSTGRES,),
        ),
        Bench(
            name="sse",
            what="10,000 live inboxes on one gateway, items to them, and a kill of it",
            stores=(POSTGRES,),
        ),
        Bench(
            name="storm",
            what="50,000 live inboxes that are opened at once, on one gateway",
            stores=(POSTGRES,),
        ),
        Bench(name="transport", what="a POST to a provider, by each client there is"),
        Bench(name="whatif", what="recorded decisions made again"),
    )
}


class Run(msgspec.Struct, frozen=True):
    """One benchmark on one store; its result is kept under `name`."""

    bench: Bench
    store: str

    @property
    def name(self) -> str:
        """`inbox-postgres`; only the bench's name where it knows one store."""
        several = len(self.bench.stores) > 1
        return f"{self.bench.name}-{self.store}" if several else self.bench.name


def runs() -> list[Run]:
    """All of them, in the order in which they are run and told."""
    return [
        Run(bench, store) for bench in BENCHES.values() if bench.in_all for store in bench.stores
    ]
