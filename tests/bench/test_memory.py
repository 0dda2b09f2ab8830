import os

from bench.memory import Peaks, watched


def test_a_peak_stays_when_the_memory_is_given_back() -> None:
    peaks = Peaks(os.getpid())
    peaks.look()
    before = peaks.private
    filled = bytearray(os.urandom(1024)) * (64 * 1024)
    peaks.look()
    high = peaks.private
    del filled
    peaks.look()
    assert high > before + 60
    assert peaks.private == high
    assert peaks.resident >= peaks.private


async def test_the_end_of_a_block_is_looked_at_even_when_it_was_short() -> None:
    async with watched(os.getpid()) as peaks:
        pass
    assert peaks.resident > 1


def test_a_process_that_is_gone_takes_nothing() -> None:
    peaks = Peaks(2**22 + 1)
    peaks.look()
    assert peaks.resident == 0
