from bench.peers.queues import Tuning


def test_what_is_in_flight_is_shared_by_the_workers_and_never_nothing() -> None:
    all_of_them = Tuning(concurrency=64, connections=3)
    assert all_of_them.each(4) == Tuning(concurrency=16, connections=1)
