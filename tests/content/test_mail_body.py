from __future__ import annotations

from typing import Any

import pytest

from tests.content.templating import compiled, refused, rendered

LAYOUT = """<mjml>
  <mj-head><mj-title>{{ data.title }}</mj-title><mj-preview>{{ data.title }}</mj-preview></mj-head>
  <mj-body><mj-section><mj-column>{% block main %}{% endblock %}</mj-column></mj-section></mj-body>
</mjml>"""


def _mail(body: str, partials: dict[str, str] | None = None, **values: Any) -> dict[str, Any]:
    step = compiled("email", {"subject": "S", "body": body}, partials=partials)
    return step.render("", values, strict=True).fields


def _error(body: str) -> str:
    return refused("email", {"subject": "S", "body": body}).detail


def test_plain_text_has_no_html_part() -> None:
    assert _mail("Hi {{ data }},\n1 < 2", data="<Ann>") == {
        "subject": "S",
        "text": "Hi <Ann>,\n1 < 2",
    }


def test_html_is_escaped_and_its_text_is_not() -> None:
    made = _mail("<p>Hi {{ data }}</p>", data="<b>'\"&")
    assert "Hi &lt;b&gt;&#x27;&quot;&amp;</p>" in made["html"]
    assert made["text"] == "Hi <b>'\"&"


def test_styles_move_into_the_elements() -> None:
    made = _mail("<style>p { color: red } @media print { p { color: blue } }</style><p>x</p>")
    assert '<p style="color: red;">x</p>' in made["html"]
    assert "@media print" in made["html"]


def test_no_style_sheet_is_fetched() -> None:
    made = _mail('<link rel="stylesheet" href="http://127.0.0.1:9/x.css"><p>x</p>')
    assert made["text"] == "x"


def test_loops_stay_in_place_inside_tables() -> None:
    body = "<table>{% for i in data %}<tr><td>{{ i }}</td></tr>{% endfor %}</table>"
    made = _mail(body, data=["a", "b"])
    assert "<table><tbody><tr><td>a</td></tr><tr><td>b</td></tr></tbody></table>" in made["html"]
    assert made["text"] == "a\nb"


def test_the_text_part_shows_links_lists_and_headings() -> None:
    body = """<html><head><title>No</title><style>p{}</style></head><body>
    <h1>Order {{ data.n }}</h1><p>Thank   you.<br>Bye</p>
    <ul>{% for i in data.lines %}<li>{{ i }}</li>{% endfor %}</ul>
    <p><a href="https://x.org/{{ data.n }}">Open</a> or <a href="mailto:a@x.org">a@x.org</a></p>
    <div style="display: none">hidden</div><img src="x.png" alt="Logo"><script>no()</script>
    {% if data.more %}<p>More</p>{% endif %}<hr></body></html>"""
    made = _mail(body, data={"n": 5, "lines": ["a", "b"], "more": False})
    assert made["text"] == (
        "Order 5\n\nThank you.\nBye\n\n- a\n- b\n\nOpen (https://x.org/5) or a@x.org\n\nLogo\n\n---"
    )


def test_a_text_part_of_ones_own_wins() -> None:
    fields = {"subject": "S", "body": "<p>x</p>", "text": "own {{ data }}"}
    made = rendered("email", fields, data="words").fields
    assert made["text"] == "own words"
    assert "<p>x</p>" in made["html"]


def test_mjml_becomes_html_with_its_loops_and_links() -> None:
    body = """{% extends "layout.mjml" %}{% block main %}
    {% for item in data.list %}<mj-text>{{ item }} &amp; co</mj-text>{% endfor %}
    {% if data.url %}<mj-button href="{{ data.url }}">Open {{ data.title }}</mj-button>{% endif %}
    {% endblock %}"""
    data = {"title": "T<", "list": ["a", "b"], "url": 'https://x.org/?q="1"&r=2'}
    made = _mail(body, {"layout.mjml": LAYOUT}, data=data)
    assert "<title>T&lt;</title>" in made["html"]
    assert made["html"].count("&amp; co") == 2
    assert 'href="https://x.org/?q=&quot;1&quot;&amp;r=2"' in made["html"]
    assert "clx" not in made["html"]
    assert "mj-" not in made["html"].replace("mj-column-per", "").replace("mj-outlook", "")
    assert made["text"] == 'a & co\nb & co\n\nOpen T< (https://x.org/?q="1"&r=2)'
    without = _mail(body, {"layout.mjml": LAYOUT}, data={**data, "url": ""})
    assert "Open" not in without["html"] + without["text"]


def test_a_body_may_name_a_template_file() -> None:
    files = {
        "hello.mjml": LAYOUT.replace("{% block main %}", "<mj-text>Hello</mj-text>{% block a %}")
    }
    assert "Hello" in _mail("hello.mjml", files, data={"title": "T"})["html"]


@pytest.mark.parametrize(
    ("inside", "word"),
    [
        ("\n<mj-colum></mj-colum>", "line 2: unknown MJML element <mj-colum>"),
        ("<mj-column>\n<mj-text>x</mj-column>", "<mj-text> of line 2 is still open"),
        ("\n<mj-column>", "</mj-section> closes nothing; <mj-column> of line 2"),
        ("<mj-include path='/etc/passwd' />", "<mj-include> is not available"),
        ("<mj-column><mj-text>1 < 2</mj-text></mj-column>", "`&lt;`"),
        ("<mj-column width='{{ data.w }}'></mj-column>", "would be lost"),
    ],
)
def test_mistakes_in_mjml_are_named(inside: str, word: str) -> None:
    body = f"<mjml><mj-body><mj-section>{inside}</mj-section></mj-body></mjml>"
    assert word in _error(body)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("<p {% if data.x %}class='a'{% endif %}>x</p>", "inside quotes"),
        ("<a href={{ data.x }}>x</a>", "inside quotes"),
        ("<style>p { color: {{ data.c }} }</style><p>x</p>", "<style>"),
        ("<p>x</p><script>var a = {{ data.c }}</script>", "<script>"),
        ("<p>{% raw %}{{ x }}{% endraw %}</p>", "`raw`"),
        ("<p>{{ data.x|uper }}</p>", "did you mean `upper`?"),
    ],
)
def test_tags_where_html_cannot_hold_them_are_refused(body: str, word: str) -> None:
    assert word in _error(body)


def test_a_table_with_bodies_of_its_own_keeps_them() -> None:
    body = "<table>{% for i in data %}<tbody><tr><td>{{ i }}</td></tr></tbody>{% endfor %}</table>"
    made = _mail(body, data=[1, 2])
    rows = "<tbody><tr><td>1</td></tr></tbody><tbody><tr><td>2</td></tr></tbody>"
    assert f"<table>{rows}</table>" in made["html"]


def test_tags_inside_quoted_attributes_work() -> None:
    body = '<p class="{% if data.x %}on{% else %}off{% endif %}" title=\'{{ data["x"] }}\'>x</p>'
    assert '<p class="on" title="1">' in _mail(body, data={"x": 1})["html"]


def test_what_looks_like_a_hidden_tag_is_left_alone() -> None:
    made = _mail("<p>clx0x {{ data }} <!--clx0x--></p>", data="v")
    assert "clx0x v <!--clx0x-->" in made["html"]


def test_comments_of_the_template_leave_nothing() -> None:
    made = _mail("{# note #}<p>a{# <b> #}b</p>")
    assert "<p>ab</p>" in made["html"]


def test_rendering_a_mail_does_not_compile_mjml_again() -> None:
    step = compiled(
        "email",
        {"subject": "S", "body": LAYOUT.replace("{% block", "<mj-text>x</mj-text>{% block")},
    )
    first, second = (step.render("", {"data": {"title": t}}).fields["html"] for t in ("AA", "BB"))
    assert first.replace("AA", "BB") == second
