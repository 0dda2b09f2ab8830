from __future__ import annotations

from typing import Any

import minijinja
import pytest

from clarion.content.splicing import splice_of

VALUES: dict[str, Any] = {
    "data": {
        "order": "100 <&>", "n": -7, "items": "x", "flag": True, "gone": None, "price": 1.5,
        "list": [1], "deep": {"er": "still"}, "big": 2**70, "long": "x" * 300_000,
    },
    "user": {"id": "u1"},
}  # fmt: skip


@pytest.mark.parametrize(
    "source",
    [
        "",
        "plain text\n",
        "two lines\n\n",
        "Order {{ data.order }} is on its way",
        "{{data.n}}{{ user.id }}",
        "{{ data.deep.er }} { not } a % tag\n",
        "{{ data.items }}",
    ],
)
def test_what_is_spliced_is_what_the_engine_says(source: str) -> None:
    splice = splice_of(source)
    assert splice is not None
    engine = minijinja.Environment(auto_escape_callback=lambda _: False, pycompat=False)
    engine.add_template("t", source)
    assert splice.fill(VALUES) == engine.render_template("t", **VALUES)


@pytest.mark.parametrize("name", ["missing", "flag", "gone", "price", "list", "big", "long", "n.n"])
def test_what_is_out_of_the_ordinary_is_left_to_the_engine(name: str) -> None:
    splice = splice_of(f"a {{{{ data.{name} }}}} b")
    assert splice is not None
    assert splice.fill(VALUES) is None


@pytest.mark.parametrize(
    "source",
    [
        "{{ data.n|upper }}",
        "{{- data.n }}",
        "{% if data.n %}x{% endif %}",
        "{# note #}",
        "{{ data['n'] }}",
        "{{ data.list[0] }}",
        "{{ true }}",
        "{{ 'text' }}",
        "{{ data.n + 1 }}",
    ],
)
def test_whatever_is_more_than_a_name_is_the_engines(source: str) -> None:
    assert splice_of(source) is None
