from __future__ import annotations

import pytest

from clarion.content import filters
from tests.content.templating import refusal, refused, text


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("{% set a = 1 %}", "`set`"),
        ("{% set a %}x{% endset %}", "`set`"),
        ("{% with a = data.x %}{% endwith %}", "`with`"),
        ("{% macro a() %}{% endmacro %}", "macros"),
        ("{% include 'other.txt' %}", "`include`"),
        ("{% import 'other.txt' as o %}", "`import`"),
        ("{% from 'other.txt' import o %}", "`import`"),
        ("{% filter upper %}x{% endfilter %}", "`filter`"),
        ("{% autoescape false %}{% endautoescape %}", "`autoescape`"),
        ("{{ range(10) }}", "calls"),
        ("{{ data.name.upper() }}", "calls"),
        ("{{ namespace(a=1) }}", "calls"),
        ("{{ 'a' * 3 }}", "`*`"),
        ("{{ 2 ** 3 }}", "`**`"),
        ("{{ data.a ~ data.b }}", "`~`"),
        ("{{ data.__class__ }}", "`__class__`"),
        ("{{ data['__class__'] }}", "`__class__`"),
        ("{{ data.a._b.c }}", "`_b`"),
        ("{{ super() }}", "super()"),
        ("{% for a in data.tree recursive %}{% endfor %}", "recursive"),
        ("{% for user in data.list %}{% endfor %}", "name of its own"),
    ],
)
def test_what_is_not_in_the_subset_is_refused_by_name(source: str, word: str) -> None:
    assert word in refusal(source)


@pytest.mark.parametrize(
    ("source", "suggested"),
    [
        ("{{ data.x|uper }}", "did you mean `upper`?"),
        ("{{ dta.x }}", "did you mean `data`?"),
        ("{{ user.nam }}", "`user` has no `nam`; did you mean `name`?"),
        ("{% if actor.emial %}x{% endif %}", "did you mean `email`?"),
        ("{{ user['plan'] }}", "known: data, email, id, locale, name, phone, roles, timezone"),
        ("{{ event.data.x }}", "known: accepted_at, id, type"),
        ("{{ tenant.name|default('') }}", "known: id"),
        ("{% if data.x is defind %}{% endif %}", "did you mean `defined`?"),
        ("{% for item in data.items %}{{ itm }}{% endfor %}", "did you mean `item`?"),
    ],
)
def test_a_misspelt_name_is_answered_with_the_right_one(source: str, suggested: str) -> None:
    assert suggested in refusal(source)


def test_an_error_names_the_line_and_points_into_the_workflow() -> None:
    error = refused("inbox", {"title": "Hi", "actions": [{"label": "one\n{{ data.x|uper }}"}]})
    assert "`actions.0.label`, line 2:" in error.detail
    assert error.pointer == "/steps/0/send/template/actions/0/label"


def test_a_locale_stands_in_the_pointer() -> None:
    error = refused("sms", {}, per_locale={"en": {"body": "x"}, "de": {"body": "{{ x }}"}})
    assert "(locale de)" in error.detail
    assert error.pointer == "/steps/0/send/template/de/body"


def test_a_syntax_error_names_its_line() -> None:
    assert "line 3:" in refusal("a\nb\n{% if %}")


def test_loops_nest_two_deep_and_no_deeper() -> None:
    two = "{% for a in data %}{% for b in a %}{{ b }}{% endfor %}{% endfor %}"
    assert text(two, data=[[1, 2], [3]]) == "123"
    assert "2 deep" in refusal("{% for x in data %}" + two + "{% endfor %}")


def test_a_loop_over_pairs_sees_both_names() -> None:
    source = "{% for k, v in data.map|items %}{{ k }}={{ v }};{% endfor %}"
    assert text(source, data={"map": {"a": 1, "b": 2}}) == "a=1;b=2;"


def test_a_loop_knows_its_position() -> None:
    source = "{% for x in data %}{{ loop.index }}{% if not loop.last %},{% endif %}{% endfor %}"
    assert text(source, data=["a", "b"]) == "1,2"


def test_loop_names_end_with_their_loop() -> None:
    assert "`x`" in refusal("{% for x in data.l %}{% endfor %}{{ x }}")


def test_conditions_comparisons_and_arithmetic_work() -> None:
    source = "{% if data.n > 1 and 'a' in data.l %}{{ data.n + 1 }}{% else %}no{% endif %}"
    assert text(source, data={"n": 2, "l": ["a"]}) == "3"
    assert text(source, data={"n": 1, "l": ["a"]}) == "no"
    assert text("{{ 'odd' if data.n is odd else 'even' }}", data={"n": 2}) == "even"


def test_raw_text_and_comments_are_left_as_they_are_meant() -> None:
    assert text("{% raw %}{{ x }}{% endraw %}{# note #}!") == "{{ x }}!"


@pytest.mark.parametrize("name", sorted(filters.FILTERS))
def test_every_allowed_filter_is_one_of_the_engine(name: str) -> None:
    values = {"round": 1.5, "float": 1, "int": "3", "abs": -1, "items": {"a": 1}, "date": 0}
    values |= {"plural": 1, "number": 1, "time": 0, "datetime": 0, "names": ["A"], "tell": ["A"]}
    arguments = {"items": "|length", "plural": "(other='x')"}
    arguments["tell"] = "(other='x', others_other='y')"
    shown = f"{{{{ data|{name}{arguments.get(name, '')} }}}}"
    assert text(shown, data=values.get(name, "text")) != ""


@pytest.mark.parametrize("name", sorted(filters.TESTS - {"undefined"}))
def test_every_allowed_test_is_one_of_the_engine(name: str) -> None:
    with_argument = {"divisibleby", "eq", "equalto", "ge", "greaterthan", "gt", "in", "le"}
    with_argument |= {"lessthan", "lt", "ne", "sameas"}
    argument = "([1])" if name == "in" else "(1)" if name in with_argument else ""
    assert text(f"{{{{ data is {name}{argument} }}}}", data=1) in ("true", "false")


def test_the_own_filters_do_what_they_say() -> None:
    assert text("{{ data|truncate(5) }}", data="abcdefgh") == "abcd…"
    assert text("{{ data|truncate(5, '') }}", data="abcdefgh") == "abcde"
    assert text("{{ data|truncate(8) }}", data="abcdefgh") == "abcdefgh"
    assert text("{{ now|date }}") == "2025-11-24"
    assert text("{{ now|date('%d.%m.%Y %H:%M', 'Europe/Vienna') }}") == "24.11.2025 17:00"
    assert text("{{ data|date('%H:%M') }}", data="2026-01-02T03:04:05+02:00") == "01:04"
    assert text("{{ data|date }}|{{ now|date('%d', 'No/Where') }}", data="soon") == "|24"


def test_a_date_pattern_cannot_ask_for_width() -> None:
    assert "`%9`" in refusal("{{ now|date('%99999999d') }}")
    assert "as text" in refusal("{{ now|date(data.pattern) }}")
