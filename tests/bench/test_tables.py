from bench.report import FAILED
from bench.tables import headline, results_page, targets_table
from bench.targets import TARGETS
from tests.bench.builders import a_report

RESULTS = {
    "ingest-sqlite": a_report(
        "ingest",
        figures={"single_events_per_second": 4_200.0},
        spread={"single_events_per_second": (4_100.0, 4_350.0)},
        checks=["every event has its item"],
        missing={"something": "no | node\nhere"},
        settings={"cores": 2, "clients": [8, 64], "by": {"a": 1}},
    ),
    "decide": a_report("decide", status=FAILED, why="ValueError: <odd>"),
}


def test_the_page_of_results_has_every_target_and_the_headline_the_first() -> None:
    page, first = results_page(RESULTS, {}), headline(RESULTS)
    for target in TARGETS:
        assert f"| {target.title} |" in page
        assert (f"| {target.title} |" in first) is target.first


def test_each_target_is_a_row_of_the_headline() -> None:
    (row,) = [line for line in headline(RESULTS).splitlines() if "one by one" in line]
    assert row.split("|")[2:5] == [" not run yet ", " **4,200/s**, reached ", " ≥ 4,000/s "]


def test_the_headline_says_where_and_when() -> None:
    said = headline(RESULTS).splitlines()[-1]
    assert "Measured on a processor, 2 cores, 24 GB" in said
    assert "2026-11-22; load before the runs 0.10 to 0.10" in said


def test_without_results_the_headline_promises_nothing() -> None:
    assert headline({}).endswith("Nothing was measured yet.")
    assert "reached" not in headline({})


def test_targets_name_the_runs_that_they_are_judged_by() -> None:
    assert "`ingest-postgres` `ingest-sqlite`" in targets_table(RESULTS)


def test_a_page_has_figures_spread_checks_settings_and_what_is_missing() -> None:
    page = results_page(RESULTS, {})
    assert "| `single_events_per_second` | 4,200 | 4,100 .. 4,350 |" in page
    assert "Checked: every event has its item." in page
    assert "Not measured: something: no \\| node here" in page
    assert "Settings: clients 8 / 64; by a 1." in page


def test_a_run_that_failed_leaves_a_row_that_says_why() -> None:
    page = results_page(RESULTS, {})
    (row,) = [line for line in page.splitlines() if line.startswith("| `decide`")]
    assert "failed: ValueError: &lt;odd>" in row
    assert "not run yet" in page


def test_systems_stand_below_each_other_and_settings_across() -> None:
    figures = {
        "clarion_workers_1_latency_0_deliveries_per_second": 4_000.0,
        "clarion_workers_2_latency_0_deliveries_per_second": 6_000.0,
        "bullmq_workers_1_latency_0_deliveries_per_second": 900.0,
    }
    page = results_page({"push": a_report("push", figures=figures)}, {})
    assert "| clarion | 4,000 | 6,000 |" in page
    assert "| bullmq | 900 | - |" in page
