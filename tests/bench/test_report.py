from bench.report import Report, Rounds, decoded, percentile, shown
from tests.bench.builders import a_report


def test_a_report_comes_back_from_its_file_as_it_was() -> None:
    report = a_report("inbox", figures={"rate": 12_345.0}, spread={"rate": (12_000.0, 13_000.0)})
    assert decoded(report.encoded()) == report


def test_a_report_written_before_there_were_spreads_is_still_read() -> None:
    old = b'{"bench": "ingest", "settings": {}, "figures": {"single_events_per_second": 3000.0}}'
    report = decoded(old)
    assert (report.status, report.spread, report.machine) == ("done", {}, None)


def test_figures_are_kept_with_five_digits() -> None:
    kept = decoded(
        Report(bench="x", settings={}, figures={"a": 1.23456789, "b": 123456.0}).encoded()
    )
    assert kept.figures == {"a": 1.2346, "b": 123456.0}


def test_rounds_answer_the_median_with_smallest_and_largest() -> None:
    rounds = Rounds()
    for value in (30.0, 10.0, 20.0):
        rounds.add({"rate": value})
    rounds.add({"once": 7.0})
    assert rounds.figures() == {"rate": 20.0, "once": 7.0}
    assert rounds.spread() == {"rate": (10.0, 30.0)}


def test_numbers_are_shown_with_the_digits_that_count() -> None:
    said = [shown(value) for value in (40_000.4, 123.4, 17.26, 4.0, 1.254, 0.0)]
    assert said == ["40,000", "123", "17.3", "4", "1.25", "0"]


def test_a_percentile_is_one_of_the_values() -> None:
    values = [float(n) for n in range(1, 101)]
    assert (percentile(values, 0.5), percentile(values, 0.99), percentile(values, 1.0)) == (
        51,
        100,
        100,
    )
