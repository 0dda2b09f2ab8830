from __future__ import annotations

from clarion.errors import InvalidError
from tests.content.templating import compiled, refused

LAYOUT = "<{% block head %}Head{% endblock %}|{% block main %}{% endblock %}>"


def _text(body: str, partials: dict[str, str]) -> object:
    return (
        compiled("sms", {"body": body}, partials=partials).render("", {"data": {"x": "X"}}).fields
    )


def _error(body: str, partials: dict[str, str]) -> InvalidError:
    return refused("sms", {"body": body}, partials=partials)


def test_blocks_fill_the_layout_and_what_is_outside_of_them_is_dropped() -> None:
    body = "{% extends 'l.txt' %}gone{% block main %}{{ data.x }}{% endblock %}"
    assert _text(body, {"l.txt": LAYOUT}) == {"body": "<Head|X>"}


def test_super_is_what_the_layout_says() -> None:
    body = "{% extends 'l.txt' %}{% block head %}[{{ super() }}]{% endblock %}"
    assert _text(body, {"l.txt": LAYOUT}) == {"body": "<[Head]|>"}


def test_layouts_extend_layouts() -> None:
    middle = "{% extends 'l.txt' %}{% block main %}m{% block inner %}{% endblock %}{% endblock %}"
    body = "{% extends 'm.txt' %}{% block inner %}i{% endblock %}"
    assert _text(body, {"l.txt": LAYOUT, "m.txt": middle}) == {"body": "<Head|mi>"}


def test_whitespace_control_holds_across_blocks() -> None:
    body = "{% extends 'l.txt' -%}\n{%- block main -%}\n  a\n{%- endblock -%}\n"
    assert _text(body, {"l.txt": LAYOUT}) == {"body": "<Head|a>"}


def test_an_unknown_layout_is_answered_with_the_right_one() -> None:
    error = _error("{% extends 'layout.txt' %}", {"layouts.txt": LAYOUT})
    assert "did you mean `layouts.txt`?" in error.detail


def test_a_mistake_in_a_layout_names_the_file_and_its_line() -> None:
    layout = "one\n{{ data.x|uper }}{% block main %}{% endblock %}"
    error = _error("{% extends 'l.txt' %}{% block main %}{% endblock %}", {"l.txt": layout})
    assert "template file `l.txt`, line 2:" in error.detail


def test_layouts_in_a_circle_are_refused() -> None:
    partials = {"a.txt": "{% extends 'b.txt' %}", "b.txt": "{% extends 'a.txt' %}"}
    assert "circle" in _error("{% extends 'a.txt' %}", partials).detail


def test_blocks_that_hold_each_other_are_refused() -> None:
    layout = "{% block b %}{% block a %}{% endblock %}{% endblock %}"
    body = (
        "{% extends 'l.txt' %}{% block b %}{{ super() }}{% endblock %}"
        "{% block a %}{% block c %}{% endblock %}{% endblock %}"
    )
    assert _text(body, {"l.txt": layout}) == {"body": ""}
    twisted = (
        "{% extends 'l.txt' %}{% block a %}{% block b %}{{ super() }}{% endblock %}{% endblock %}"
    )
    assert "holds itself" in _error(twisted, {"l.txt": layout}).detail


def test_misplaced_layout_tags_are_refused_with_their_line() -> None:
    for body, word in [
        ("\n{% extends data.x %}", "layout's name"),
        ("\n{% block a %}x", "not closed"),
        ("\n{% block a %}{% endblock %}{% block a %}{% endblock %}", "twice"),
        ("{% block a %}{% endblock %}\n{{ super() }}", "outside of a block"),
        ("{% block a %}{% endblock %}\n{% endblock %}", "without a block"),
        ("{% block a %}{% endblock %}\n{% block b scoped %}{% endblock %}", "block name"),
        ("{% block a %}\n{% extends 'l.txt' %}{% endblock %}", "outside of blocks"),
    ]:
        error = _error(body, {"l.txt": LAYOUT})
        assert word in error.detail
        assert "line" in error.detail


def test_a_doubling_of_super_through_layouts_is_stopped_by_size() -> None:
    partials = {"l0.txt": "{% block a %}" + "x" * 1000 + "{% endblock %}"}
    twenty = "{{ super() }}" * 20
    for level in (1, 2, 3):
        extends = f"{{% extends 'l{level - 1}.txt' %}}"
        partials[f"l{level}.txt"] = extends + "{% block a %}" + twenty + "{% endblock %}"
    error = _error("{% extends 'l3.txt' %}{% block a %}" + twenty + "{% endblock %}", partials)
    assert "characters" in error.detail


def test_mentions_in_a_layout_make_a_template_personal() -> None:
    plain, personal = "{% block a %}{% endblock %}", "{{ user.name }}{% block a %}{% endblock %}"
    body = {"body": "{% extends 'l.txt' %}"}
    assert not compiled("sms", body, partials={"l.txt": plain}).personal
    assert compiled("sms", body, partials={"l.txt": personal}).personal
