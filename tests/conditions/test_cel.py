from __future__ import annotations

import time
from typing import Any

import pytest

from clarion.conditions.cel import CelCompiler
from clarion.conditions.contract import AudiencePart
from clarion.errors import InvalidError

VALUES: dict[str, Any] = {
    "user": {"id": "u1", "data": {"plan": "pro"}},
    "data": {"amount": 120, "list": [1, 2, 3], "id": "7", "items": [{"sku": "a"}], "none": None},
    "inbox": {"seen": False},
    "now": 1_764_000_000_000_000,
}


def truth(source: str, **values: Any) -> bool:
    return CelCompiler().compile(source).truth({**VALUES, **values})


def audience(source: str, **values: Any) -> tuple[AudiencePart, ...]:
    return CelCompiler().compile(source).audience({**VALUES, **values})


def refusal(source: str) -> str:
    with pytest.raises(InvalidError) as caught:
        CelCompiler().compile(source)
    return caught.value.detail


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("!inbox.seen", True),
        ("data.amount > 100 && user.data.plan == 'pro'", True),
        ("data.amount > 500", False),
        ("data.items.exists(i, i.sku == 'a')", True),
        ("size(data.list) == 3", True),
        ("data.none == null", True),
        ("'x' in data.list", False),
        ("type(data.amount) == int", True),
        ("now > 0", True),
        ("timestamp('2026-01-02T03:04:05Z').getFullYear() == 2026", True),
        ("data.id.matches('^[0-9]+$')", True),
    ],
)
def test_a_condition_is_true_or_false(source: str, answer: bool) -> None:
    assert truth(source) is answer


@pytest.mark.parametrize(
    "source",
    [
        "data.missing",
        "data.missing == 1",
        "data.missing.deeper == 1",
        "!data.missing",
        "digest.count > 1",
        "data.list[9] == 1",
        "data.amount",
        "'true'",
        "data.amount / 0 == 1",
        "data.amount + data.id == 1",
        "topic('x')",
        "null",
    ],
)
def test_what_is_missing_or_no_boolean_counts_as_false(source: str) -> None:
    assert truth(source) is False


def test_has_asks_before_reading() -> None:
    assert truth("!has(data.missing)")
    assert truth("has(data.missing) ? data.missing == 1 : true")
    assert truth("data.amount == 120 || data.missing")


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("user.id == 'u1' && data.amount > 1", {"user", "data"}),
        ("data.user == 'digest'", {"data"}),
        ("data.list.exists(i, i == now)", {"data", "now"}),
        ("user('u' + data.id)", {"data"}),
        ("type(event.id) == string", {"event"}),
        ("true", set()),
    ],
)
def test_the_names_an_expression_mentions_are_known(source: str, names: set[str]) -> None:
    assert CelCompiler().compile(source).names == names


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("data.amount >", "column 14"),
        ("true\n&& data.x ==", "line 2, column 13"),
        ("", "column 1"),
        ('data.branch = "main"', "column 13: a single `=` compares nothing; write `==`"),
        ("dta.x == 1", "column 1: `dta` is not a name in scope; did you mean `data`?"),
        ("true\n&& usr.id == 'x'", "line 2, column 4: `usr`"),
        ("siz(data.list) > 1", "did you mean `size`?"),
        ("topc('x')", "did you mean `topic`?"),
        ("data.list.exists(user, user == 1)", "name of its own"),
        ("cel.bind(x, 1, x)", "`cel`"),
        ("data.x.?y", "unsupported"),
    ],
)
def test_mistakes_are_refused_with_position_and_suggestion(source: str, word: str) -> None:
    assert word in refusal(source)


def test_a_long_expression_is_refused() -> None:
    assert "4096" in refusal("true || " * 600 + "true")


def test_a_key_is_a_text() -> None:
    compiler = CelCompiler()
    for source, key in [("data.id", "7"), ("data.amount", "120"), ("inbox.seen", "false")]:
        assert compiler.compile(source).text(VALUES) == key


def test_a_key_holds_no_character_that_a_store_refuses() -> None:
    key = CelCompiler().compile("data.k")
    assert key.text({"data": {"k": "a\0b"}}) == "a\ufffdb"
    assert key.text({"data": {"k": "\x01lead:0:"}}) == "\ufffdlead:0:"


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("data.missing", "'missing' is not set"),
        ("data.none", "nothing"),
        ("data.list", "a list"),
        ("1.5", "a fraction"),
        ("''", "1 to 1024"),
        ("data.id + data.amount", "string("),
        ("data.list[7]", "size(...)"),
    ],
)
def test_what_is_no_key_is_refused(source: str, word: str) -> None:
    with pytest.raises(InvalidError) as caught:
        CelCompiler().compile(source).text(VALUES)
    assert word in caught.value.detail


def test_an_error_never_quotes_a_value() -> None:
    for source in ("data.s + 1", "int(data.s)", "topic(data.s)", "data.l"):
        with pytest.raises(InvalidError) as caught:
            CelCompiler().compile(source).audience(
                {"data": {"s": "alice@example.org" * 90, "l": ["alice@example.org"]}}
            )
        assert "alice" not in caught.value.detail


def test_an_audience_is_topics_users_or_all() -> None:
    assert audience("topic('doc:' + data.id)") == (AudiencePart("topic", "doc:7"),)
    assert audience("user(data.amount)") == (AudiencePart("user", "120"),)
    assert audience("all()") == (AudiencePart("all"),)
    assert audience("[]") == ()


def test_lists_of_audiences_are_flat_and_name_each_once() -> None:
    nested = audience("[topic('a'), [user('b'), topic('a')], data.list.map(i, user(string(i)))]")
    assert [(part.kind, part.key) for part in nested] == [
        ("topic", "a"),
        ("user", "b"),
        ("user", "1"),
        ("user", "2"),
        ("user", "3"),
    ]


def test_an_audience_may_depend_on_the_data() -> None:
    source = "data.amount > 100 ? topic('big') : topic('small')"
    assert audience(source) == (AudiencePart("topic", "big"),)


@pytest.mark.parametrize(
    "source",
    [
        "data.id",
        "null",
        "true",
        "{'kind': 'topic', 'key': 'x'}",
        "topic(data.missing)",
        "topic('')",
        "topic(data.none)",
        "topic('a', 'b')",
        "topic()",
        "all(1)",
        "topic(topic('a'))",
        "[topic('a'), 'b']",
    ],
)
def test_what_is_no_audience_is_refused(source: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InvalidError):
        audience(source)
    assert capfd.readouterr() == ("", "")


def test_an_audience_of_too_many_parts_is_refused() -> None:
    many = list(range(1001))
    with pytest.raises(InvalidError) as caught:
        audience("data.map(i, user(string(i)))", data=many)
    assert "1000" in caught.value.detail
    assert len(audience("data.map(i, user(string(i)))", data=many[:1000])) == 1000


@pytest.mark.parametrize(
    "source",
    [
        "data.at",
        "timestamp(data.at)",
        "timestamp(data.later) - duration('2h')",
        "data.soon ? data.at : data.later",
    ],
)
def test_an_instant_is_a_text_or_a_timestamp(source: str) -> None:
    at, later = "2026-01-02T05:04:05.5+02:00", "2026-01-02T05:04:05.5Z"
    data = {"at": at, "later": later, "soon": True}
    assert CelCompiler().compile(source).instant({"data": data}) == 1_767_323_045_500_000


@pytest.mark.parametrize(
    "source", ["'tomorrow'", "'2026-01-02T03:04:05'", "5", "null", "data.at - duration('2h')"]
)
def test_what_is_no_instant_is_refused(source: str) -> None:
    with pytest.raises(InvalidError):
        CelCompiler().compile(source).instant({"data": {"at": "2026-01-02T03:04:05Z"}})


def test_numbers_beyond_64_bits_do_not_break_an_expression() -> None:
    assert truth("data.id == '7' && data.big > 5.0", data={"id": "7", "big": 2**80})
    assert truth("data.big < 0.0", data={"big": -(2**80)})
    assert not truth("data.big > 5", data={"big": 10**400, "x": {1, 2}})


@pytest.mark.parametrize(
    "source",
    [
        "data.list.map(a, data.list.map(b, data.list.map(c, c))) == []",
        "data.id.matches(data.pattern)",
        "data.list.exists(i, string(i).matches('x'))",
        "data.id.matches('(x{500}){100}')",
        "data.id.matches('x{1,99999999999999999999}')",
        "data.id.matches('(')",
        " || ".join(["data.id.matches('x')"] * 5),
        "[" + "1," * 500 + "1] == []",
        "(" * 2000 + "1" + ")" * 2000,
        "[" * 2000 + "]" * 2000,
        "size(" * 600 + "'x'" + ")" * 600,
    ],
)
def test_what_could_cost_without_end_is_refused(source: str) -> None:
    start = time.process_time()
    refusal(source)
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize(
    "source",
    [
        "data.list.all(a, data.list.exists(b, a == b))",
        "data.list.map(a, data.list.map(b, a)) == []",
        "data.list.all(a, a in data.list)",
        "data.list.all(a, size(data.list + data.list) > 0)",
        "data.list.map(a, data.text + data.text) == []",
        "data.list.filter(a, data.list == data.list) == []",
        "data.list.all(a, data.text.contains(data.text))",
        "[0, 1, 2, 3, 4, 5, 6, 7].all(a, [0, 1, 2, 3, 4, 5, 6, 7].all(b, data.list == data.list))",
        "size(" + " + ".join(["data.text"] * 250) + ") > 0",
        r"data.text.matches(r'(\w+\s?)+$')",
        r"data.text.matches(r'\w{100}')",
        "!" * 2000 + "true",
        "data" + ".a" * 2000,
    ],
)
@pytest.mark.parametrize(
    "data",
    [
        {"list": list(range(100_000)), "text": "x"},
        {"list": list(range(1900)), "text": "x"},
        {"list": list(range(150)), "text": "x" * 1_000_000},
        {"list": [0], "text": "x" * 10_000_000},
    ],
)
def test_work_is_bounded_whatever_the_data(source: str, data: dict[str, Any]) -> None:
    condition = CelCompiler().compile(source)
    start = time.process_time()
    condition.truth({"data": data})
    assert time.process_time() - start < 1.0


def test_an_expression_is_compiled_once_and_the_least_used_is_forgotten() -> None:
    compiler = CelCompiler(kept=2)
    first = compiler.compile("true")
    second = compiler.compile("false")
    assert compiler.compile("true") is first
    compiler.compile("1 == 1")
    assert compiler.compile("true") is first
    assert compiler.compile("false") is not second
