from bench.disk import PAUSE_SECONDS, flushes


async def test_each_flush_is_timed() -> None:
    took = await flushes(0.3)
    assert 1 <= len(took) <= 0.3 / PAUSE_SECONDS + 1
    assert all(0 < one < 30 for one in took)
