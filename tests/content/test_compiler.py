from __future__ import annotations

from typing import Any

import pytest

from clarion.content.compiler import TemplateCompiler
from clarion.core.workflow import Channel, SendStep, Workflow
from clarion.errors import InvalidError
from tests.content.templating import compiled, refusal, refused, rendered, text


def test_each_field_is_rendered_and_the_locale_is_named() -> None:
    step = compiled(
        "inbox",
        per_locale={
            "en": {"title": "{{ actor.name }} commented", "body": "{{ data.text }}"},
            "de": {"title": "{{ actor.name }} hat kommentiert", "url": "/docs/{{ data.id }}"},
        },
    )
    values = {"actor": {"name": "Ann"}, "data": {"text": "Hi", "id": 7}}
    assert step.render("en", values).fields == {"title": "Ann commented", "body": "Hi"}
    german = step.render("de", values)
    assert (german.locale, german.warnings) == ("de", ())
    assert german.fields == {"title": "Ann hat kommentiert", "url": "/docs/7"}


@pytest.mark.parametrize(
    ("wanted", "best"),
    [
        (("de-AT", "fr"), "de"),
        (("de_AT.UTF-8",), "de"),
        (("DE",), "de"),
        (("zh-Hant-TW",), "zh-Hant"),
        (("es", "fr"), "pt-BR"),
        ((None, "fr"), "pt-BR"),
        ((), "pt-BR"),
        (("pt",), "pt-BR"),
    ],
)
def test_the_nearest_locale_is_chosen(wanted: tuple[str | None, ...], best: str) -> None:
    words = {name: {"body": "Hi"} for name in ("", "de", "fr", "zh-Hant", "pt-BR")}
    assert compiled("sms", per_locale=words, locale="pt-BR").locale_for(*wanted) == best


def test_without_a_wish_the_nameless_locale_is_chosen_then_the_first() -> None:
    named = {"fr": {"body": "f"}, "de": {"body": "d"}}
    assert compiled("sms", per_locale={**named, "": {"body": "x"}}).locale_for("es") == ""
    assert compiled("sms", per_locale=named).locale_for("es", None) == "fr"
    assert compiled("sms", per_locale=named).locale_for("es", "de") == "de"


def test_a_locale_the_template_lacks_is_rendered_in_the_nearest() -> None:
    step = compiled("sms", per_locale={"de": {"body": "Hallo"}, "en": {"body": "Hello"}})
    assert step.render("de-CH", {}).locale == "de"


@pytest.mark.parametrize(
    ("fields", "personal"),
    [
        ({"title": "{{ data.x }}", "url": "/u"}, False),
        ({"title": "Hi", "body": "{{ user.name }}"}, True),
        ({"title": "Hi", "body": "{% if digest %}many{% endif %}"}, True),
        ({"title": "Hi", "actions": [{"url": "/{{ user.id }}"}]}, True),
        ({"title": "{% for user_name in data.user %}{{ user_name }}{% endfor %}"}, False),
        ({"title": "user digest {{ data.user }}"}, False),
    ],
)
def test_what_mentions_the_person_is_personal(fields: dict[str, Any], personal: bool) -> None:
    assert compiled("inbox", fields).personal is personal


def test_one_personal_locale_makes_the_step_personal() -> None:
    words = {"en": {"body": "Hi"}, "de": {"body": "Hallo {{ user.name }}"}}
    assert compiled("sms", per_locale=words).personal


def test_what_is_missing_is_empty_and_named_in_a_warning() -> None:
    made = rendered("inbox", {"title": "Hi {{ data.name }}", "body": "{{ data.a.b }}"}, data={})
    assert made.fields == {"title": "Hi", "body": ""}
    assert made.warnings == ("data.name is not set", "data.a is not set")


def test_all_that_is_missing_is_named_once() -> None:
    body = "{{ data.a }}{{ data.b|upper }}{{ data.a }}{{ user.name|truncate(5) }}"
    made = rendered("sms", {"body": body}, data={}, user={})
    assert made.warnings == ("data.a is not set", "data.b is not set", "user.name is not set")


def test_a_filter_of_ours_names_what_is_missing_too() -> None:
    made = rendered("sms", {"body": "{{ user.name|truncate(5) }}"}, user={})
    assert made.warnings == ("user.name is not set",)
    assert "`user.name` is not set" in refusal("{{ user.name|truncate(5) }}", user={}, strict=True)


def test_arithmetic_on_what_is_missing_is_empty() -> None:
    made = rendered("sms", {"body": "{{ data.n + 1 }}"}, data={})
    assert (made.fields, made.warnings) == ({"body": ""}, ("data.n is not set",))


@pytest.mark.parametrize(
    "body",
    [
        "{{ data.x|default('none') }}",
        "{% if data.x %}some{% else %}none{% endif %}",
        "{% if data.x is defined %}some{% else %}none{% endif %}",
        "{{ 'some' if data.x else 'none' }}",
        "{{ data.x or 'none' }}",
    ],
)
def test_what_is_asked_for_first_may_be_missing_even_when_strict(body: str) -> None:
    made = rendered("sms", {"body": body}, strict=True, data={})
    assert (made.fields, made.warnings) == ({"body": "none"}, ())


def test_strictly_what_is_missing_is_refused_with_the_right_name() -> None:
    detail = refusal("Hi\n{{ data.titel }}", data={"title": "x"}, strict=True)
    assert "line 2: `data.titel` is not set; did you mean `title`?" in detail
    assert "default" in refusal("{{ data.x }}", data={}, strict=True)
    assert "`item.b`" in refusal(
        "{% for item in data %}{{ item.b }}{% endfor %}", data=[{"a": 1}], strict=True
    )


def test_what_is_missing_in_a_mail_is_not_told_by_a_line_of_the_html_made_from_it() -> None:
    body = (
        "<mjml><mj-body><mj-section><mj-column><mj-text>{{ user.data.nam }}</mj-text></mj-column>"
    )
    fields = {"subject": "Hi", "body": body + "</mj-section></mj-body></mjml>"}
    with pytest.raises(InvalidError) as caught:
        rendered("email", fields, user={"data": {"name": "Ana"}}, strict=True)
    assert caught.value.detail == "`body`: `user.data.nam` is not set; did you mean `name`?"
    fields["body"] = "Hi\n{{ user.data.nam }}"
    with pytest.raises(InvalidError, match=r"`body`, line 2: `user\.data\.nam`"):
        rendered("email", fields, user={"data": {}}, strict=True)


def test_nothing_is_empty_and_truth_is_in_lower_case() -> None:
    assert text("{{ data.a }}|{{ data.b }}|{{ data.c }}", data={"a": None, "b": True, "c": 2}) == (
        "|true|2"
    )


def test_a_list_is_not_printed_by_mistake() -> None:
    assert "join" in refusal("{{ data }}", data=[1])
    assert text("{{ data|join(', ') }}", data=[1, 2]) == "1, 2"


def test_text_channels_do_not_escape() -> None:
    assert text("{{ data }}", data="a < b & c") == "a < b & c"


def test_a_webhook_body_keeps_the_types_of_single_outputs() -> None:
    body = {
        "count": "{{ data.count }}",
        "share": "{{ data.share }}",
        "flag": "{{ data.flag }}",
        "none": "{{ data.none }}",
        "list": "{{ data.list }}",
        "text": "n={{ data.count }}",
        "word": "{{ data.word|upper }}",
        "fixed": 7,
        "deep": {"list": ["{{ data.count }}", True]},
        "{}": "x",
    }
    data = {"count": 3, "share": 0.5, "flag": False, "none": None, "list": [{"a": 1}], "word": "w"}
    made = rendered("webhook", {"url": "https://x.org/{{ data.word }}", "body": body}, data=data)
    assert made.fields["url"] == "https://x.org/w"
    assert made.fields["body"] == {
        "count": 3,
        "share": 0.5,
        "flag": False,
        "none": None,
        "list": [{"a": 1}],
        "text": "n=3",
        "word": "W",
        "fixed": 7,
        "deep": {"list": [3, True]},
        "{}": "x",
    }
    assert made.fields["body"]["list"] is not data["list"]


def test_a_missing_value_in_a_webhook_body_is_null() -> None:
    made = rendered("webhook", {"url": "/", "body": {"x": "{{ data.x }}"}}, data={})
    assert made.fields["body"] == {"x": None}
    assert made.warnings == ("data.x is not set",)


def test_push_data_is_text_and_platform_parts_keep_types() -> None:
    fields = {
        "title": "T",
        "data": {"n": "{{ data.n }}", "fixed": 5, "yes": True},
        "apns": {"aps": {"badge": "{{ data.n }}"}},
        "ttl": 3600,
    }
    made = rendered("push", fields, data={"n": 3})
    assert made.fields["data"] == {"n": "3", "fixed": "5", "yes": "true"}
    assert made.fields["apns"] == {"aps": {"badge": 3}}
    assert made.fields["ttl"] == 3600


@pytest.mark.parametrize(
    ("channel", "fields", "word"),
    [
        ("inbox", {"titel": "x"}, "did you mean `title`?"),
        ("inbox", {"body": "x"}, "needs `title`"),
        ("inbox", {"title": ""}, "needs `title`"),
        ("inbox", {"title": "x", "actions": "x"}, "list of mappings"),
        ("inbox", {"title": ["x"]}, "must be a text"),
        ("inbox", {"title": None}, "must be a text"),
        ("push", {"image": "/x"}, "needs `title` or `body` or `data`"),
        ("push", {"title": "x", "data": "x"}, "mapping"),
        ("email", {"subject": "x"}, "needs `body`"),
        ("email", {"body": "x"}, "needs `subject`"),
        ("email", {"subject": "x\ny", "body": "x"}, "one line"),
        ("sms", {"text": "x"}, "no such field"),
        ("chat", {}, "needs `body`"),
        ("webhook", {"body": {}}, "needs `url`"),
        ("webhook", {"url": "/", "body": {"{{ data.x }}": 1}}, "names are texts"),
        ("webhook", {"url": "/", "body": 5}, "mapping"),
    ],
)
def test_fields_a_channel_does_not_have_or_needs_are_refused(
    channel: str, fields: dict[str, Any], word: str
) -> None:
    assert word in refused(channel, fields).detail


def test_a_template_without_locales_is_refused() -> None:
    assert "no fields" in refused("sms", {}, per_locale={}).detail


@pytest.mark.parametrize(
    "link",
    ["https://x.org/a?b=c", "http://x.org", "mailto:a@x.org", "/orders/1", "/", "HTTPS://X.org"],
)
def test_safe_links_stay(link: str) -> None:
    assert rendered("inbox", {"title": "T", "url": "{{ data }}"}, data=link).fields["url"] == link


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//evil.example",
        "/\\evil.example",
        "https:",
        "http://[",
        "file:///etc/passwd",
        "orders/1",
        "mailto:",
        "https://bank.example@evil.example/",
        "https://x.org/\u202egpj",
        "/\u2066x",
    ],
)
def test_other_links_are_dropped_with_a_warning(link: str) -> None:
    fields = {"title": "T", "url": "{{ data }}", "image": "{{ data }}"}
    for channel in ("inbox", "push"):
        made = rendered(channel, fields, data=link)
        assert made.fields == {"title": "T"}
        assert sorted(w.split()[0] for w in made.warnings) == ["image", "url"]


@pytest.mark.parametrize(
    "picture", ["/logout?all=1", "http://x.org/a.png", "mailto:a@x.org", "https://u:p@x.org/a.png"]
)
def test_a_picture_has_a_whole_address(picture: str) -> None:
    made = rendered("inbox", {"title": "T", "image": "{{ data }}"}, data=picture)
    assert made.fields == {"title": "T"}
    assert made.warnings == ("image is dropped: pictures have a whole address with https",)
    whole = "https://x.org/a.png"
    assert rendered("push", {"title": "T", "image": whole}, data={}).fields["image"] == whole


def test_an_action_with_an_unsafe_link_is_dropped_whole() -> None:
    actions = [{"label": "Bad", "url": "{{ data }}"}, {"label": "Good", "url": "/x"}]
    made = rendered("inbox", {"title": "T", "actions": actions}, data="javascript:x")
    assert made.fields["actions"] == [{"label": "Good", "url": "/x"}]


def test_texts_of_an_item_are_cut_with_a_warning() -> None:
    actions = [{"label": "{{ data }}", "url": "/"}]
    fields = {"title": "{{ data }}", "body": "{{ data }}", "actions": actions}
    made = rendered("inbox", fields, data="x" * 250_000)
    (action,) = made.fields["actions"]
    lengths = [len(text) for text in (made.fields["title"], made.fields["body"], action["label"])]
    assert lengths == [500, 8_000, 100]
    assert made.fields["title"].endswith("x…")
    assert [warning.split()[0] for warning in made.warnings] == ["title", "body", "label"]
    whole = rendered("inbox", {"title": "{{ data }}"}, data="x" * 500)
    assert (len(whole.fields["title"]), whole.warnings) == (500, ())


def test_an_endless_link_is_dropped() -> None:
    made = rendered("inbox", {"title": "T", "url": "/{{ data }}"}, data="x" * 4096)
    assert made.fields == {"title": "T"}


def test_an_empty_link_is_left_out_silently() -> None:
    made = rendered("inbox", {"title": "T", "url": "{{ data.url|default('') }}"}, data={})
    assert (made.fields, made.warnings) == ({"title": "T"}, ())


def test_line_breaks_in_a_title_become_spaces() -> None:
    made = rendered("inbox", {"title": "A\n{{ data }}\n"}, data="b\r\nc")
    assert made.fields["title"] == "A b c"


@pytest.mark.parametrize("field", ["subject", "from", "reply_to"])
@pytest.mark.parametrize("value", ["a\r\nBcc: x@y.org", "a\nb", "a\rb", "a\0b", "a\u2028b"])
def test_a_line_break_in_a_mail_header_is_refused(field: str, value: str) -> None:
    fields = {"subject": "S", "body": "B", field: "x {{ data }} y"}
    with pytest.raises(InvalidError) as caught:
        rendered("email", fields, data=value)
    assert f"`{field}`" in caught.value.detail
    assert "line break" in caught.value.detail
    assert value not in caught.value.detail


def test_empty_sender_fields_are_left_out() -> None:
    fields = {
        "subject": "S",
        "body": "B",
        "from": "{{ data.f|default('') }}",
        "reply_to": "a@b.org",
    }
    assert rendered("email", fields, data={}).fields == {
        "subject": "S",
        "text": "B",
        "reply_to": "a@b.org",
    }


def test_the_same_template_is_compiled_once() -> None:
    compiler = TemplateCompiler()

    def compile_afresh() -> object:
        step = SendStep(index=0, channel=Channel.SMS, template={"": {"body": "{{ data.x }}"}})
        return compiler.compile(Workflow(key="w", on="e", steps=(step,)), step)

    assert compile_afresh() is compile_afresh()


def test_the_least_used_template_is_forgotten_first() -> None:
    compiler = TemplateCompiler(kept=2)
    workflow = Workflow(key="w", on="e")
    steps = [
        SendStep(index=n, channel=Channel.SMS, template={"": {"body": str(n)}}) for n in range(3)
    ]
    first = compiler.compile(workflow, steps[0])
    second = compiler.compile(workflow, steps[1])
    assert compiler.compile(workflow, steps[0]) is first
    compiler.compile(workflow, steps[2])
    assert compiler.compile(workflow, steps[0]) is first
    assert compiler.compile(workflow, steps[1]) is not second


def test_another_layout_is_another_template() -> None:
    compiler = TemplateCompiler()
    step = SendStep(index=0, channel=Channel.SMS, template={"": {"body": "{% extends 'l.txt' %}"}})
    for words in ("one", "two"):
        workflow = Workflow(key="w", on="e", partials={"l.txt": words})
        assert compiler.compile(workflow, step).render("", {}).fields == {"body": words}
