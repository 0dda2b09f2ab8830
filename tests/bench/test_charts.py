from bench.charts import charts
from tests.bench.builders import a_report


def test_only_what_was_measured_is_drawn() -> None:
    results = {"decide": a_report("decide", figures={"all_gates_us_median": 9.0})}
    assert list(charts(results)) == ["decide"]


def test_peers_stand_beside_us_in_the_order_of_their_rates() -> None:
    report = a_report(
        "push",
        figures={
            "bullmq_workers_1_latency_0_deliveries_per_second": 900.0,
            "clarion_workers_1_latency_0_deliveries_per_second": 4_000.0,
            "clarion_workers_2_latency_0_deliveries_per_second": 6_000.0,
            "clarion_workers_2_latency_50_deliveries_per_second": 5_000.0,
            "clarion_workers_1_latency_0_cpu_microseconds": 100.0,
            "cue_notify_workers_1_latency_0_cpu_microseconds": 900.0,
        },
    )
    made = charts({"push": report})
    one, two = made["push"].groups
    assert (one.label, two.label) == ("1 worker process", "2 worker processes")
    assert [(bar.label, bar.value) for bar in one.bars] == [("clarion", 4_000), ("bullmq", 900)]
    assert [group.label for group in made["push-latency"].groups] == ["2 worker processes"]
    (spent,) = made["push-processor"].groups
    assert [(bar.label, bar.value) for bar in spent.bars] == [("clarion", 100), ("cue-notify", 900)]


def test_both_stores_and_all_sizes_are_drawn_of_the_inbox() -> None:
    rates = {f"written_{size}_recipients_per_second": 1.0 * size for size in (100_000, 10_000)}
    results = {
        "inbox-sqlite": a_report("inbox", figures=rates),
        "inbox-postgres": a_report("inbox", figures=rates),
    }
    lite, postgres = charts(results)["inbox-rate"].groups
    assert (lite.label, postgres.label) == ("SQLite", "PostgreSQL")
    assert [bar.label for bar in lite.bars] == ["10,000 subscribers", "100,000 subscribers"]
