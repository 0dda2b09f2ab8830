from __future__ import annotations

import pytest

from tests.content.templating import refusal, refused, text


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("plural(one='x')", "lacks the form `other`; add other="),
        ("plural(one='x', othr='y')", "did you mean `other`?"),
        ("plural(other='{m} likes')", "known: {n}"),
        ("plural(other='{n} of {n}')", "twice"),
        ("plural(other='{n}', who=data.x)", "write {who} in one"),
        ("plural(other='{n}', n=data.x)", "fills in {n} by itself"),
        ("plural(other=data.text)", "the form `other` is a text written"),
        ("plural('x')", "by name"),
        ("plural(zero='none', other='{n}')", "for none at all write exactly_0"),
        ("plural(few='x', other='{n}')", "say which locale this is"),
        ("plural(other='{}')", "{}"),
        ("plural(other='{a}{b}{c}{d}{e}', a=1, b=1, c=1, d=1, e=1)", "at most 4 values"),
        ("plural(other='x', others_other='y')", "`others_other` is no form of `plural`"),
        ("tell(other='{names}')", "lacks the form `others_other`"),
        ("tell(other='{names}', others_othr='{others}')", "did you mean `others_other`?"),
        ("tell(other='{nams}', others_other='x')", "did you mean `{names}`?"),
        ("tell(other='{others}', others_other='x')", "{others}, which it is not given"),
        ("tell(other='x', others_other='y', length=0)", "1 to 200"),
        ("tell(other='x', others_other='y', you=data.x)", "`you` is a text"),
        ("names(5)", "named arguments"),
        ("names(lenght=5)", "did you mean `length`?"),
        ("names(length=1000)", "1 to 200"),
        ("names(someone=none)", "`someone` is a text"),
        ("number('x')", "0 to 10 decimals"),
        ("number(99)", "0 to 10 decimals"),
        ("number(digits=2)", "only `decimals`"),
        ("time('shrt')", "did you mean `short`?"),
        ("datetime(data.style)", "a style"),
        ("names(**data)", "`*` before an argument"),
    ],
)
def test_a_wrong_argument_is_refused_with_a_suggestion(call: str, words: str) -> None:
    assert words in refusal(f"{{{{ data|{call} }}}}")


def test_an_error_of_a_form_names_its_line_and_locale() -> None:
    fields = {"pl": {"body": "a\nb {{ data.n|plural(zero='x', other='y') }}"}}
    error = refused("sms", {}, per_locale=fields)
    assert "(locale pl), line 2:" in error.detail
    assert error.pointer == "/steps/0/send/template/pl/body"


def test_an_error_in_a_mail_names_the_line_of_its_author() -> None:
    body = "<p>a</p>\n<p>b</p>\n<p>{{ data.n|plural(zero='x', other='y') }}</p>"
    assert "line 3:" in refused("email", {"subject": "s", "body": body}).detail


def test_what_a_message_is_filled_with_stays_within_the_bounds() -> None:
    body = "{{ data.n|plural(other='{a}{b}{c}{d}', a=data.s, b=data.s, c=data.s, d=data.s) }}"
    assert "characters" in refusal(body, data={"n": 1, "s": "x" * 100_000})


def test_values_of_a_message_are_not_read_as_placeholders() -> None:
    body = "{{ data.n|plural(other='{n} {who}', who=data.who) }}"
    assert text(body, data={"n": 2, "who": "{n}{x}{0}"}) == "2 {n}{x}{0}"
    assert text("{{ data|names }}", data=["{0}", "{1}", "{n}"]) == "{0}, {1}, and {n}"
