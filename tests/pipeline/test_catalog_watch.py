"""What another process changes in the catalogue is seen here."""

from __future__ import annotations

from clarion.bus.inproc import InProcessBus
from clarion.conditions.cel import CelCompiler
from clarion.content.compiler import TemplateCompiler
from clarion.pipeline.catalog_watch import DOORBELL, CatalogWatch
from clarion.pipeline.catalogs import CatalogService
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX


async def test_a_workflow_that_is_put_elsewhere_is_compiled_here(embedded: Embedded) -> None:
    store, bus = embedded.server.store, InProcessBus()
    elsewhere = CatalogService(store, TemplateCompiler(), CelCompiler(), embedded.clock)
    watch = CatalogWatch(store, elsewhere, bus)
    bell = bus.doorbell(DOORBELL)
    await watch.step(False)
    assert "news" not in (await elsewhere.compiled(embedded.env)).by_key
    await embedded.workflow("news", INBOX)
    assert "news" not in (await elsewhere.compiled(embedded.env)).by_key
    await watch.step(True)
    assert "news" in (await elsewhere.compiled(embedded.env)).by_key
    assert not await bell.wait(0)
    await elsewhere.put_category(embedded.env, {"lane": "bulk"}, "letters")
    assert await bell.wait(1)
