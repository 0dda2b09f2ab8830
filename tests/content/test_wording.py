from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.content.bidi import FIRST_STRONG, POP
from clarion.content.wording import rules_of
from clarion.core.digest_values import DigestEntry, digest_values
from tests.content.templating import NOW, compiled, refusal, rendered, text

CLDR: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors/cldr_lists_plurals.json").read_text("utf-8")
)["locales"]

FORMS = ("zero", "one", "two", "few", "many", "other")
PEOPLE = [{"id": f"u{n}", "name": name} for n, name in enumerate(["Ana", "Ben", "Cleo", "Dan"])]
LIKED = """{{ digest|tell(
    one="{names} likes your post", other="{names} like your post",
    others_one="{names} and {others} other like your post",
    others_other="{names} and {others} others like your post") }}"""


def tag(babel_name: str) -> str:
    """A locale as templates spell it."""
    return babel_name.replace("_", "-")


def said(locale: str, body: str, channel: str = "chat", **values: Any) -> str:
    """What a text of a locale makes of values."""
    step = compiled(channel, per_locale={locale: {"body": body}})
    return str(step.render(locale, {"now": NOW, **values}).fields["body"])


def told(locale: str, body: str, count: int, **values: Any) -> str:
    """What a text says of a digest by so many actors."""
    actors = [{"id": f"u{n}", "name": name} for n, name in enumerate("ABCDEFGHIJ"[:count])]
    return said(locale, body, digest={"actors": actors, "actor_count": count}, **values)


def without_isolates(shown: str) -> str:
    return shown.replace(FIRST_STRONG, "").replace(POP, "")


@pytest.mark.parametrize("locale", CLDR)
def test_all_names_stand_in_the_list_of_the_locale(locale: str) -> None:
    for size in (2, 3):
        shown = said(tag(locale), "{{ data|names }}", data=list("ABC"[:size]))
        assert without_isolates(shown) == CLDR[locale][f"list{size}"]


@pytest.mark.parametrize("locale", CLDR)
def test_numbers_take_the_plural_form_of_the_locale(locale: str) -> None:
    forms = ", ".join(f'{form}="{form}"' for form in CLDR[locale]["categories"])
    step = compiled("chat", per_locale={tag(locale): {"body": f"{{{{ data|plural({forms}) }}}}"}})
    for number, form in CLDR[locale]["plural"].items():
        assert step.render(tag(locale), {"data": int(number)}).fields["body"] == form


@pytest.mark.parametrize("locale", CLDR)
def test_a_form_that_a_locale_never_uses_is_refused(locale: str) -> None:
    for form in set(FORMS) - set(CLDR[locale]["categories"]):
        with pytest.raises(Exception, match=f"`{form}`, never used"):
            said(tag(locale), f'{{{{ data|plural({form}="x", other="y") }}}}')


@pytest.mark.parametrize("locale", ["fr", "es", "it", "pt-BR"])
def test_without_a_form_for_many_the_other_one_is_said(locale: str) -> None:
    body = "{{ data|plural(one='one', other='other') }}"
    assert said(locale, body, data=1_000_000) == "other"


def test_an_exact_form_wins_over_its_category() -> None:
    body = "{{ data|plural(exactly_0='none', exactly_1='only one', one='one', other='{n}') }}"
    assert [text(body, data=n) for n in (0, 1, 1234)] == ["none", "only one", "1,234"]


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (1, "A likes your post"),
        (2, "A and B like your post"),
        (3, "A, B, and C like your post"),
        (4, "A, B and 2 others like your post"),
        (10, "A, B and 8 others like your post"),
        (0, ""),
    ],
)
def test_actors_are_named_up_to_three_and_counted_beyond(count: int, sentence: str) -> None:
    assert told("en", LIKED, count) == sentence


def test_one_other_has_a_form_of_its_own() -> None:
    digest = {"actors": PEOPLE[:2], "actor_count": 3}
    assert text(LIKED, digest=digest) == "Ana, Ben and 1 other like your post"


def test_a_sample_stands_for_a_crowd() -> None:
    digest = {"actors": PEOPLE, "actor_count": 12_346}
    assert text(LIKED, digest=digest) == "Ana, Ben and 12,344 others like your post"


@given(known=st.integers(0, 10), more=st.integers(0, 10**9))
def test_who_is_named_and_who_is_counted_add_up(known: int, more: int) -> None:
    actors = [{"name": f"N{n}"} for n in range(known)]
    parts = _COUNTING.render("", {"digest": {"actors": actors, "actor_count": known + more}})
    names, _, others = parts.fields["body"].partition("|")
    named = names.count("N")
    assert named + int(others.replace(",", "") or 0) == known + more
    assert named <= 3
    assert (not others) == (named == known + more)


_COUNTING = compiled(
    "chat", {"body": "{{ digest|tell(other='{names}', others_other='{names}|{others}') }}"}
)


def test_the_same_actor_several_times_and_several_objects_are_plurals() -> None:
    commented = """{{ digest.count|plural(one="{who} commented", other="{who} commented {n} times",
        who=digest.actors|names) }}"""
    digest = {"actors": PEOPLE[:1], "actor_count": 1, "count": 4}
    assert text(commented, digest=digest) == "Ana commented 4 times"
    liked = """{{ digest|tell(
        other="{names} liked {posts}", others_other="{names}, {others}, {posts}",
        posts=digest.count|plural(one="your post", other="{n} of your posts")) }}"""
    assert text(liked, digest=digest | {"count": 3}) == "Ana liked 3 of your posts"
    assert text(liked, digest=digest | {"count": 1}) == "Ana liked your post"


def test_a_list_of_actors_is_told_like_a_digest() -> None:
    body = "{{ data.people|tell(other='{names}', others_other='{names} + {others} of {n}') }}"
    assert text(body, data={"people": ["Ana", "Ben"]}) == "Ana and Ben"
    assert text(body, data={"people": PEOPLE}) == "Ana, Ben + 2 of 4"


def test_the_reader_is_you_and_comes_first() -> None:
    digest = {"actors": PEOPLE, "actor_count": 40}
    assert text(LIKED, digest=digest, user={"id": "u2"}).startswith("You, Ana and 38 others")
    assert said("de", "{{ data|names }}", data=PEOPLE[:2], user={"id": "u1"}) == "Du und Ana"
    body = "{{ data|names(you=none) }}"
    assert text(body, data=PEOPLE[:2], user={"id": "u1"}) == "Ana and Ben"


def test_a_text_that_may_say_you_is_made_for_each_reader() -> None:
    assert compiled("sms", {"body": "{{ data.people|names }}"}).personal
    assert not compiled("sms", {"body": "{{ data.people|names(you=none) }}"}).personal
    assert not compiled("sms", {"body": "{{ data.n|plural(other='{n}') }}"}).personal
    assert compiled("sms", {"body": "{{ now|time('short', user.timezone) }}"}).personal


def test_a_missing_value_is_nothing_and_a_warning() -> None:
    made = rendered("sms", {"body": "-" + LIKED + "{{ data.n|plural(other='{n}') }}"}, data={})
    assert made.fields["body"] == "-"
    assert "digest is not set" in made.warnings
    assert "data.n is not set" in made.warnings
    assert "`digest" in refusal(LIKED, strict=True)


@pytest.mark.parametrize("value", ["soon", True, None, float("nan"), float("inf"), [1], {"a": 1}])
def test_what_is_no_number_is_nothing(value: Any) -> None:
    assert text("{{ data|number }}{{ data|plural(other='{n}') }}", data=value) == ""


def test_numbers_are_written_as_in_the_locale() -> None:
    body = "{{ data|number }} {{ data|number(2) }} {{ data|number(0) }}"
    assert said("de", body, data=1234567.891) == "1.234.567,891 1.234.567,89 1.234.568"
    assert said("en", body, data="12.5") == "12.5 12.50 12"
    assert said("en", "{{ data|number(10) }}", data=10**25) == f"{10**25:,}.0000000000"
    assert said("en", "{{ data|number(2) }}", data=10**60) == f"{10**60:,}.00"
    assert said("hi", body, data=1234567) == "12,34,567 12,34,567.00 12,34,567"


def test_instants_are_written_in_the_locale_and_the_zone() -> None:
    at = {"at": "2025-11-24T23:30:00Z"}
    body = "{{ data.at|date('long', user.timezone) }} {{ data.at|time('short', user.timezone) }}"
    vienna = {"timezone": "Europe/Vienna"}
    assert said("de", body, data=at, user=vienna) == "25. November 2025 00:30"
    assert said("fr", body, data=at, user={}) == "24 novembre 2025 23:30"
    both = "{{ data.at|datetime('medium', user.timezone) }}"
    assert said("en-GB", both, data=at, user=vienna) == "25 Nov 2025, 00:30:00"
    assert said("en", both, data={"at": "soon"}, user=vienna) == ""
    edge = {"at": "9999-12-31T23:59:59Z"}
    assert said("en", both, data=edge, user={"timezone": "Pacific/Kiritimati"}) == ""


def test_a_text_message_has_no_costly_spaces() -> None:
    body = "{{ now|time }} {{ data|number }}"
    assert said("en", body, "sms", data=1) == "4:00 PM 1"
    assert said("en", body, "chat", data=1) == "4:00\N{NARROW NO-BREAK SPACE}PM 1"
    assert said("fr", "{{ data|plural(other='{n}') }}", "sms", data=12_345) == "12 345"


def test_a_template_without_a_locale_speaks_that_of_its_workflow() -> None:
    fields = {"body": "{{ data|number }}"}
    assert compiled("sms", fields, locale="de").render("", {"data": 1.5}).fields["body"] == "1,5"
    assert compiled("sms", fields).render("", {"data": 1.5}).fields["body"] == "1.5"


def test_a_region_that_cldr_does_not_know_speaks_its_language() -> None:
    assert said("de-XX", "{{ data|number }}", data=1.5) == "1,5"
    assert rules_of("tlh") is None
    with pytest.raises(Exception, match="no rules of the locale `tlh`"):
        said("tlh", "{{ data|number }}", data=1)


def test_spanish_y_is_e_before_the_sound_of_i() -> None:
    for last, word in {"Ignacio": "e", "Hilda": "e", "Hiena": "y", "Ben": "y"}.items():
        assert said("es", "{{ data|names }}", data=["Ana", last]) == f"Ana {word} {last}"


def test_names_against_the_direction_of_the_text_are_set_apart() -> None:
    mixed = ["Ana", "שלום", "123"]
    shown = said("en", "{{ data|names }}", data=mixed)
    assert shown == f"Ana, {FIRST_STRONG}שלום{POP}, and 123"
    shown = said("he", "{{ data|names }}", data=mixed)
    assert shown == f"{FIRST_STRONG}Ana{POP}, שלום \N{HEBREW LETTER VAV}123"


def test_other_values_of_a_message_are_set_apart_as_well() -> None:
    body = "{{ data.n|plural(other='{n}: {title}', title=data.title) }}"
    shown = said("en", body, data={"n": 3, "title": "שלום"})
    assert shown == f"3: {FIRST_STRONG}שלום{POP}"
    assert said("he", body, data={"n": 3, "title": "שלום"}) == "3: שלום"


def test_names_are_escaped_in_html() -> None:
    fields = {"subject": "s", "body": "<p>{{ data|names }}</p>"}
    made = rendered("email", fields, data=["<b>Ana</b>", "Ben & Co"]).fields
    assert "&lt;b&gt;Ana&lt;/b&gt; and Ben &amp; Co" in made["html"]
    assert made["text"] == "<b>Ana</b> and Ben & Co"


def test_a_message_takes_up_every_line_of_a_full_digest() -> None:
    entries = [
        DigestEntry(
            event=f"evt_{n}", type="t", accepted_at=n, actor={"id": str(n), "name": f"Name {n}"},
            data={"title": "Plan", "text": "x" * 100, "url": f"/docs/{n}"}, actor_number=n,
        )
        for n in range(100)
    ]  # fmt: skip
    digest = digest_values(entries, key="k", total=100, actors_total=100, written=str)
    body = (
        LIKED
        + """{% for item in digest.items %}
    {% if item.actor.name %}{{ [item.actor]|names }}{% endif %} {{ item.data.title }}:
    {{ item.data.text|truncate(60) }} {{ item.event.accepted_at|date("short") }}
    {{ item.data.url }}{% if not loop.last %}, {% endif %}{% endfor %}"""
    )
    shown = text(body, digest=digest, user={"id": "u"})
    assert shown.count("Plan:") == len(digest["items"]) > 70


def test_more_names_than_a_sentence_can_hold_are_refused() -> None:
    assert "100 names" in refusal("{{ data|names }}", data=["Ana"] * 101)
    body = "{{ data|tell(other='{names}', others_other='{names}+{others}') }}"
    assert text(body, data=["Ana"] * 5000) == "Ana, Ana+4,998"


def test_babel_is_imported_by_the_first_template_that_needs_it() -> None:
    program = """
import sys
import clarion.assemble.core
from clarion.content.compiler import TemplateCompiler
from clarion.core.workflow import Channel, SendStep, Workflow
def say(body):
    step = SendStep(index=0, channel=Channel.SMS, template={"en": {"body": body}})
    compiled = TemplateCompiler().compile(Workflow(key="w", on="e", steps=(step,)), step)
    compiled.render("en", {"data": {"n": 2, "at": "2026-01-02T03:04:05Z"}})
say("{{ data.n }} {{ data.at|date }}")
before = "babel" in sys.modules
say("{{ data.n|number }}")
raise SystemExit(f"{before} {'babel' in sys.modules}")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stderr.strip() == "False True"
