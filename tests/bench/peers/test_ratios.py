import pytest

from bench.peers.ratios import ratios


def _figures(system: str, cell: str, rate: float, spent: float) -> dict[str, float]:
    return {
        f"{system}_{cell}_deliveries_per_second": rate,
        f"{system}_{cell}_cpu_microseconds": spent,
        f"{system}_{cell}_app_cpu_microseconds": spent / 2,
    }


ONE, TWO, SLOW = "workers_1_latency_0", "workers_2_latency_0", "workers_1_latency_50"


def test_more_is_better_in_every_ratio() -> None:
    found = ratios(_figures("clarion", ONE, 4_000, 200) | _figures("bullmq", ONE, 1_000, 900))
    assert found["vs_bullmq_workers_1_latency_0"] == 4
    assert found["vs_bullmq_workers_1_latency_0_cpu"] == 4.5


def test_the_best_of_each_without_latency_is_compared() -> None:
    ours = _figures("clarion", ONE, 4_000, 200) | _figures("clarion", TWO, 6_000, 240)
    theirs = _figures("cue_notify", ONE, 50, 10_000) | _figures("cue_notify", TWO, 40, 9_000)
    late = _figures("clarion", SLOW, 9_000, 1) | _figures("cue_notify", SLOW, 1, 9)
    found = ratios(ours | theirs | late)
    assert found["vs_cue_notify"] == 6_000 / 50
    assert found["vs_cue_notify_cpu"] == 9_000 / 200


@pytest.mark.parametrize("missing", [ONE, TWO])
def test_what_one_of_both_lacks_is_not_compared(missing: str) -> None:
    ours = _figures("clarion", ONE, 4_000, 200) | _figures("clarion", TWO, 6_000, 240)
    other = ONE if missing == TWO else TWO
    found = ratios(ours | _figures("celery", other, 10, 10))
    assert f"vs_celery_{other}" in found
    assert f"vs_celery_{missing}" not in found
