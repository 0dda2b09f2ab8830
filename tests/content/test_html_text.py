from __future__ import annotations

import pytest

from clarion.content.html_text import text_from_html, tidy


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("a<br>b<br><br>c", "a\nb\n\nc"),
        ("<b>a</b> <i>b</i>c", "a bc"),
        ("a &amp; b&nbsp;&lt;c&gt;", "a & b <c>"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ('<a href="https://x.org">https://x.org</a>', "https://x.org"),
        ('<a href="https://x.org">x</a>.', "x (https://x.org)."),
        ('<a href="#top">x</a> <a>y</a>', "x y"),
        ('<a href="/x"><img src="i.png" alt="Pic"></a>', "Pic (/x)"),
        ('<a href="/x"></a>', "(/x)"),
        ("<head><title>t</title></head><body>a</body>", "a"),
        ("<ol><li>a</li><li>b</li></ol>", "- a\n- b"),
        ("<ul><li>a<ul><li>b</li></ul></li></ul>", "- a\n\n- b"),
        ("<!--[if mso]>x<![endif]-->a", "a"),
        ("<div style='display:none'>x<div>y</div></div>a", "a"),
        ("", ""),
    ],
)
def test_html_becomes_readable_text(html: str, text: str) -> None:
    assert text_from_html(html) == text


def test_tidy_closes_gaps() -> None:
    assert tidy("\n a  \n\n\n \n b \n") == "a\n\n b"
