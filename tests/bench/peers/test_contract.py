import pytest

from bench.peers.contract import NOBODY_EVERY, Cell, wanted


def test_a_cell_is_named_as_in_figures() -> None:
    assert Cell(workers=2, latency_ms=50, recipients=10).name == "workers_2_latency_50"


@pytest.mark.parametrize("recipients", [1, NOBODY_EVERY - 1, NOBODY_EVERY, 1_000])
def test_who_switched_push_off_is_not_among_the_deliveries(recipients: int) -> None:
    off = [n for n in range(1, recipients + 1) if n % NOBODY_EVERY == 0]
    assert wanted(recipients) == recipients - len(off)
