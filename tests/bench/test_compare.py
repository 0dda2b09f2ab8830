import msgspec

from bench.compare import compared
from tests.bench.builders import QUIET, a_report


def test_two_results_are_told_as_ratios() -> None:
    first = a_report("ingest", figures={"rate": 2_000.0, "cpu": 400.0})
    second = a_report("ingest", figures={"rate": 3_000.0, "cpu": 300.0})
    lines = compared(first, second).splitlines()
    assert lines[1].split() == ["rate", "2,000", "3,000", "1.50"]
    assert lines[2].split() == ["cpu", "400", "300", "0.75"]


def test_rounds_that_overlap_are_marked() -> None:
    first = a_report("x", figures={"a": 2.0, "b": 2.0}, spread={"a": (1.0, 3.0), "b": (1.9, 2.1)})
    second = a_report("x", figures={"a": 3.0, "b": 3.0}, spread={"a": (2.5, 4.0), "b": (2.9, 3.1)})
    chance, real = compared(first, second).splitlines()[1:]
    assert chance.endswith("1.50 ~")
    assert real.endswith("1.50")


def test_what_else_differs_is_said_first() -> None:
    busy = msgspec.structs.replace(QUIET, load=3.0)
    first = a_report("x", settings={"rounds": 3, "people": 10})
    second = a_report("x", settings={"rounds": 5, "people": 10}, machine=busy)
    said = compared(first, second).splitlines()[0]
    assert said == "different: rounds 3 and 5; busy: load 3.0"


def test_figures_of_one_result_alone_are_named() -> None:
    first = a_report("x", figures={"same": 1.0, "gone": 1.0})
    second = a_report("x", figures={"same": 1.0, "new": 1.0})
    assert compared(first, second).splitlines()[-2:] == [
        "only in the first: gone",
        "only in the second: new",
    ]


def test_nothing_is_divided_by_zero() -> None:
    zero, one = a_report("x", figures={"lost": 0.0}), a_report("x", figures={"lost": 1.0})
    assert compared(zero, one).splitlines()[-1].split() == ["lost", "0", "1", "-"]
