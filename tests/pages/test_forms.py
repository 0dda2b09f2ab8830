from __future__ import annotations

import pytest

from clarion.api.problems import RefusedError
from clarion.pages.forms import MOST_FIELDS, form_of

URLENCODED = {"content-type": "application/x-www-form-urlencoded"}


def test_fields_come_in_their_order_and_the_last_one_counts() -> None:
    form = form_of(b"a=1&b=%C3%A9+x&a=2&c", URLENCODED)
    assert (form.every("a"), form.one("a"), form.one("b")) == (["1", "2"], "2", "é x")
    assert form.has("c")
    assert not form.has("d")
    assert form.one("d", "none") == "none"


def test_both_encodings_say_the_same() -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
        b'--x\r\nContent-Disposition: form-data; name="a"; filename="f"\r\n\r\n2\r\n'
        b"--x\r\n\r\nno name\r\n--x--\r\n"
    )
    form = form_of(body, {"content-type": 'Multipart/Form-Data; boundary="x"'})
    assert form.every("a") == ["1", "2"]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"a": 1}', "application/json"),
        (b"a=1", ""),
        (b"garbage", "multipart/form-data; boundary=x"),
        (b"garbage", "multipart/form-data"),
        (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x\r\nX-Evil: 1"),
        (b"\xff\xfe\x00", "multipart/form-data; boundary=\xff"),
    ],
)
def test_a_body_of_another_type_has_no_fields(body: bytes, content_type: str) -> None:
    assert not form_of(body, {"content-type": content_type}).has("a")


def test_too_many_fields_are_refused() -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    many = part * (MOST_FIELDS + 1) + b"--x--\r\n"
    with pytest.raises(RefusedError):
        form_of(many, {"content-type": "multipart/form-data; boundary=x"})
    with pytest.raises(RefusedError):
        form_of(b"a&" * (MOST_FIELDS + 1), URLENCODED)
