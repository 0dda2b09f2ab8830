import re
import xml.etree.ElementTree as ET

from bench.plot import Bar, Chart, Group, drawn

SVG = "{http://www.w3.org/2000/svg}"


def a_chart(*bars: Bar, target: float | None = None) -> Chart:
    groups = (Group("a group", bars),)
    return Chart(title="Speed", note="per second", groups=groups, target=target)


def widths(chart: Chart) -> list[float]:
    found = ET.fromstring(drawn(chart)).iter(f"{SVG}rect")
    return [float(r.attrib["width"]) for r in found if re.match(r"c\d", r.attrib["class"])]


def words(chart: Chart) -> list[str]:
    return [text.text or "" for text in ET.fromstring(drawn(chart)).iter(f"{SVG}text")]


def test_bars_are_as_long_as_their_values() -> None:
    long, short = widths(a_chart(Bar(label="a", value=400.0), Bar(label="b", value=100.0)))
    assert abs(long / short - 4) < 0.05


def test_values_far_apart_are_drawn_on_a_logarithmic_scale() -> None:
    chart = a_chart(*(Bar(label=str(n), value=10.0**n) for n in range(5)))
    steps = widths(chart)
    assert abs((steps[4] - steps[3]) - (steps[3] - steps[2])) < 0.5
    assert "per second, logarithmic" in words(chart)


def test_a_value_that_is_missing_says_why() -> None:
    chart = a_chart(
        Bar(label="ours", value=3.0), Bar(label="other", value=None, why="no node here")
    )
    assert len(widths(chart)) == 1
    assert "no node here" in words(chart)


def test_the_target_is_drawn_even_beyond_all_bars() -> None:
    chart = a_chart(Bar(label="a", value=10.0), target=40.0)
    assert "target 40" in words(chart)
    line = next(
        one
        for one in ET.fromstring(drawn(chart)).iter(f"{SVG}line")
        if one.attrib["class"] == "target"
    )
    bar = widths(chart)[0]
    assert float(line.attrib["x1"]) > bar


def test_rounds_are_drawn_as_a_line_from_the_smallest_to_the_largest() -> None:
    chart = a_chart(Bar(label="a", value=10.0, spread=(8.0, 12.0)))
    lines = [one.attrib for one in ET.fromstring(drawn(chart)).iter(f"{SVG}line")]
    (spread,) = [one for one in lines if one["class"] == "spread"]
    assert float(spread["x1"]) < float(spread["x2"])


def test_words_cannot_break_the_document() -> None:
    chart = a_chart(Bar(label='<b> & "c"', value=1.0))
    assert '<b> & "c"' in words(chart)


def test_everything_has_a_colour_on_dark_ground_as_well() -> None:
    style = drawn(a_chart(Bar(label="a", value=1.0)))
    light, _, dark = style.partition("@media (prefers-color-scheme: dark)")
    for name in (
        "ground",
        "faint",
        "grid",
        "spread",
        "target",
        "mark",
        *(f"c{n}" for n in range(5)),
    ):
        assert f".{name} {{" in light
        assert f".{name} {{" in dark
