import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import pytest
import uvloop

from clarion.testing.fakes.fcm import FakeFcm
from clarion.testing.fakes.smtp import FakeSmtp
from clarion.testing.fakes.webhook import FakeReceiver

LoopFactory = Callable[[], asyncio.AbstractEventLoop]

ON_BOTH_LOOPS = ("test_http_connection", "test_http_dial", "test_http_pool")


@pytest.hookimpl
def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, LoopFactory]:
    """What talks to the network is tested on the loop that servers run on, too."""
    usual: dict[str, LoopFactory] = {"asyncio": asyncio.new_event_loop}
    if item.nodeid.partition(".py")[0].endswith(ON_BOTH_LOOPS):
        usual["uvloop"] = uvloop.new_event_loop
    return usual


@pytest.fixture
async def fcm() -> AsyncIterator[FakeFcm]:
    fake = FakeFcm()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def mail_server() -> AsyncIterator[FakeSmtp]:
    fake = FakeSmtp()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def receiver() -> AsyncIterator[FakeReceiver]:
    fake = FakeReceiver()
    await fake.start()
    yield fake
    await fake.stop()
