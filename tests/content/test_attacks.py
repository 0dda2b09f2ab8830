"""Hostile templates and hostile data: refused, or rendered in bounded time and memory."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from clarion.content import bounds
from clarion.errors import InvalidError
from tests.content.templating import compiled, refusal, refused, text

_MEGABYTE = 1024  # ru_maxrss counts KiB


@contextmanager
def bounded(seconds: float = 1.0, megabytes: int = 150) -> Iterator[None]:
    """Fails when what is inside takes longer, or lifts the process's peak memory by more."""
    peak, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    yield
    took = time.process_time() - start
    grew = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
    assert took < seconds
    assert grew < megabytes * _MEGABYTE


def outcome(body: str, **values: Any) -> str:
    """What rendering gives: the text, or the words of the refusal."""
    try:
        return str(text(body, **values))
    except InvalidError as mistake:
        return mistake.detail


LOOP = "{% for a in data.l %}"
END = "{% endfor %}"


@pytest.mark.parametrize(
    "body",
    [
        "{% set x = 'a' %}" + LOOP + "{% set x = x ~ x %}" + END,
        "{% for i in range(1000000000) %}x{% endfor %}",
        "{{ 'x' * 1000000000 }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ data.l|join('y')" + "|join('yyyyyyyyyyyyyyyyyyyyyyyy')" * 20 + " }}",
        "{{ [[data.l|join('y')]|join('y')]|join('yyyyyyyyyy') }}",
        "{{ (data.l|join('yyyyyyyyy') if 1 else 2)|join('yyyyyyyyyyyyy') }}",
        "{{ data.l|join(data.s) }}",
        "{{ data.s|replace('x', data.s) }}",
        "{{ data.s|indent(100000000) }}",
        "{{ data.s|center(100000000) }}",
        "{{ data.s" + "|e" * 5000 + " }}",
        "{{ data.s" + " + data.s" * 5000 + " }}",
        "{{ data" + ".a" * 20000 + " }}",
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        "{{ " + "[" * 5000 + "]" * 5000 + " }}",
        "{{ " + "not " * 10000 + "1 }}",
        "{{ " + "-" * 10000 + "1 }}",
        "{{ " + "1 and " * 8000 + "1 }}",
        "{{ " + "1 if 1 else " * 5000 + "1 }}",
        "{% if 1 %}" * 3000 + "{% endif %}" * 3000,
        "{% if 1 %}" + "{% elif 1 %}" * 5000 + "{% endif %}",
        "{{ data.x }}" * 5000,
        "{{ " + "9" * 20000 + " }}",
        "x" * (bounds.SOURCE_CHARS + 1),
    ],
)
def test_growth_and_depth_are_refused_when_compiling(body: str) -> None:
    with bounded():
        refusal(body, data={"l": ["a", "b"], "s": "xx"})


@pytest.mark.parametrize(
    "data",
    [
        {"l": list(range(19_000)), "s": "x"},
        {"l": list(range(150)), "s": "x" * 250_000},
        {"l": ["x" * 2000] * 500, "s": "x" * 2000},
        {"l": ["x" * 50] * 5000, "s": "&" * 100_000},
        {"l": [{"k": ["x" * 30] * 10}] * 1000, "s": "x" * 50},
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        LOOP + "{% for b in data.l %}x{% endfor %}" + END,
        LOOP + "{% for b in data.l %}{% if a == b %}{% endif %}{% endfor %}" + END,
        LOOP + "{{ data.s }}" + END,
        LOOP + "{% if data.s|upper|lower|title|trim == 'x' %}{% endif %}" + END,
        LOOP + "{% if data.s|e|urlencode|e|urlencode|e == 'x' %}{% endif %}" + END,
        LOOP + "{% if data.l|join('yyyyyyyyyyyyyyyy') == 'x' %}{% endif %}" + END,
        LOOP + "{% if 'nothere' in data.l %}{% endif %}" + END,
        LOOP + "{% if data.l == data.l %}{% endif %}" + END,
        LOOP + "{% if data.s + data.s + data.s + data.s == 'x' %}{% endif %}" + END,
        LOOP + "{% for b in [data.l, data.l, data.l] %}{{ b|length }}{% endfor %}" + END,
        LOOP + "{% for b in data.l + data.l %}{% endfor %}" + END,
        LOOP + "y" * 60_000 + END,
        LOOP + "{{ data }}" + END,
        "{% for b in data.s %}{% for c in data.s %}{{ c }}{% endfor %}{% endfor %}",
        "{% if data.l|join('y')|upper|lower == data.s %}{% endif %}" * 500,
        LOOP + "{{ data.l|tell(other='{names}', others_other='{names} {others}') }}" + END,
        LOOP + "{{ 7|plural(other='{a}{b}', a=data.s, b=data.s)|length }}" + END,
        LOOP + "{{ now|datetime('full', 'Asia/Tokyo')|length|number(9) }}" + END,
    ],
)
def test_work_is_bounded_whatever_the_data(body: str, data: dict[str, Any]) -> None:
    step = compiled("sms", {"body": body})
    with bounded(), suppress(InvalidError):
        step.render("", {"data": data})


def test_work_on_names_is_bounded() -> None:
    shown = "{{ data.l|names }}{{ data.s|number }}{{ 1|plural(other='{a}', a=data.s)|length }}"
    step = compiled("sms", {"body": LOOP + LOOP.replace("a in", "b in") + shown + END + END})
    for name in ("e" + "\u0301" * 1500, "\u05d0" * 100, "a"):
        with bounded(), suppress(InvalidError):
            step.render("", {"data": {"l": [name] * 90, "s": "\u05d0" * 10_000}})


def test_a_value_of_ten_megabytes_is_refused_by_name() -> None:
    huge = "x" * 10_000_000
    with bounded(0.2):
        assert "`data.s` holds a text over" in refusal("{{ data.s }}", data={"s": huge})
        assert "`data` holds" in refusal("{% for a in data %}x{% endfor %}", data=[huge])


def test_a_value_that_is_not_read_may_be_as_large_as_it_likes() -> None:
    assert text("{{ data.a }}", data={"a": 1, "rest": "x" * 10_000_000}) == "1"


def test_too_many_entries_are_refused() -> None:
    assert "more data" in refusal("{% for a in data %}{% endfor %}", data=[0] * 30_000)


def test_output_over_the_limit_is_refused() -> None:
    body = "{% for a in data.l %}{{ data.s }}{% endfor %}"
    assert "characters" in refusal(body, data={"l": [0] * 100, "s": "x" * 10_000})


@pytest.mark.parametrize(
    "path",
    ["items", "keys", "get", "pop", "l.append", "l.count", "s.upper", "f.real", "n.bit_length"],
)
def test_no_method_of_python_is_within_reach(path: str) -> None:
    data = {"l": [1], "s": "x", "f": 1.5, "n": 3}
    for body in (f"{{{{ data.{path} }}}}", f"{{{{ data.{path}|length }}}}"):
        assert "method" not in outcome(body, data=data)


def test_a_missing_key_named_like_a_method_is_missing() -> None:
    body = "{% if data.items %}yes{% else %}no{% endif %}"
    assert text(body, data={}) == "no"
    assert text(body, data={"items": [1]}) == "yes"
    assert text("{{ data[data.k] }}", data={"k": "keys"}) == ""


def test_a_key_taken_from_the_data_cannot_reach_dunder_names() -> None:
    assert text("{{ data[data.k] }}", data={"k": "__class__"}) == ""


def test_values_that_are_no_plain_data_are_refused() -> None:
    class Secret:
        public = "leaked"

    for value in (Secret(), {"deep": [Secret()]}, b"bytes", {1, 2}):
        assert "plain data" in refusal("{{ data.public }}{{ data }}", data=value)


def test_a_number_too_long_to_print_is_refused() -> None:
    assert "too long" in refusal("{{ data }}", data=10**3000)


def test_an_error_never_quotes_the_data() -> None:
    secret = "alice@example.org"
    for body in ("{{ data|round }}", "{{ data|int }}", "{{ data + 1 }}", "{{ data / 2 }}"):
        assert secret not in refusal(body, data=secret)


def test_deep_markup_is_refused_before_the_engines_recurse_over_it() -> None:
    nested = "<mj-section>" * 2000 + "</mj-section>" * 2000
    bodies = [
        *("<div>" * 13_000, "<div/>" * 10_000, "<div></b>" * 7000, '<p "><p>' + "<b>" * 9000),
        *("<div>" * 300 + "</div>" * 300, "<div/>" * 300, "<p></b>" * 300),
        f"<mjml><mj-body>{nested}</mj-body></mjml>",
    ]
    for body in bodies:
        with bounded():
            detail = refused("email", {"subject": "s", "body": body}).detail
        assert "deep" in detail or "elements" in detail


def test_many_fields_are_refused() -> None:
    body = {f"k{n}": "{{ data.x }}" for n in range(300)}
    assert "values" in refused("webhook", {"url": "https://x.org", "body": body}).detail
    deep: Any = "x"
    for _ in range(2000):
        deep = {"a": deep}
    assert "deep" in refused("webhook", {"url": "https://x.org", "body": deep}).detail


@pytest.mark.parametrize(
    ("body", "data"),
    [
        ("{{ 4 is divisibleby(data.n) }}", {"n": 0}),
        ("{% if data.n is divisibleby(0) %}x{% endif %}", {"n": 4}),
        ("{{ data.s[::-1] }}", {"s": ""}),
        ("{{ data.s[::data.n] }}", {"s": "", "n": -1}),
        ("{{ data.s|truncate('x') }}", {"s": "abc"}),
        ("{{ data.s|truncate(none) }}", {"s": "abc"}),
        ("{{ data.s|truncate(1, none) }}", {"s": "abc"}),
    ],
)
def test_a_fault_of_the_engine_fails_one_message(body: str, data: dict[str, Any]) -> None:
    step = compiled("sms", {"body": body})
    for _ in range(2):
        with pytest.raises(InvalidError, match="cannot be rendered"):
            step.render("", {"data": data})


def test_a_template_works_again_after_a_fault_of_the_engine() -> None:
    step = compiled("sms", {"body": "{{ data.s[::-1] }}"})
    with pytest.raises(InvalidError):
        step.render("", {"data": {"s": ""}})
    assert step.render("", {"data": {"s": "abc"}}).fields["body"] == "cba"


@pytest.mark.parametrize("edge", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati"])
def test_an_instant_at_the_edge_of_the_calendar_is_no_crash(edge: str, zone: str) -> None:
    made = text("{{ data.t|date('%Y', user.timezone) }}", data={"t": edge}, user={"timezone": zone})
    assert made in ("", str(int(edge[:4])), edge[:4])


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1, 10**300])
def test_a_number_no_vendor_could_read_is_refused(number: int) -> None:
    mistake = refused("webhook", {"url": "https://example.org", "body": {"n": number}})
    assert "64 bits" in mistake.detail
