"""Names of doorbells as subjects."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.bus.subjects import marker_under, stream_of, subject_of, subjects_under

NAMES = st.text(st.sampled_from(":.*> =2Eh\x00aZ-_$é\ud800"), max_size=12)


def test_a_plain_name_can_be_read_in_its_subject() -> None:
    assert subject_of("ab12", "ready:push-main:0") == "clarion.ab12.ring.ready.push-main.0"
    assert subjects_under("ab12") == "clarion.ab12.ring.>"
    assert stream_of("ab12") == "CLARION_ab12"


@pytest.mark.parametrize(
    ("name", "told"),
    [("a.b", "a=2Eb"), ("*", "=2A"), (">", "=3E"), ("a b", "a=20b"), ("", "="), ("a::b", "a.=.b")],
)
def test_what_means_something_to_nats_is_escaped(name: str, told: str) -> None:
    assert subject_of("p", name) == f"clarion.p.ring.{told}"


def test_a_long_name_is_told_by_its_hash() -> None:
    subject = subject_of("p", "x" * 5000)
    assert len(subject) < 100
    assert subject != subject_of("p", "x" * 5001)


@given(st.lists(NAMES, unique=True, min_size=2, max_size=6))
def test_no_two_names_share_a_subject_and_all_are_safe(names: list[str]) -> None:
    subjects = {subject_of("p", name) for name in names}
    assert len(subjects) == len(names)
    assert marker_under("p") not in subjects
    assert all(re.fullmatch(r"[\w$-]+(\.[\w=-]+)+", subject, re.ASCII) for subject in subjects)


@given(NAMES, NAMES)
def test_no_two_prefixes_share_a_subject(one: str, another: str) -> None:
    if one != another:
        assert subject_of(one, "a") != subject_of(another, "a")
        assert stream_of(one) != stream_of(another)
    assert re.fullmatch(r"CLARION_[\w=-]+", stream_of(one), re.ASCII)
